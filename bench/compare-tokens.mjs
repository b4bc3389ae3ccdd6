import { detokenize } from './detokenize.mjs';

/** Agreement in percent; `missed`: gold tokens that the tokenizer has not, with what it has there. */
export function compare(sentences, splitText) {
  // Ten sentences make a paragraph, so that splitting sentences is work.
  let [gold, found, both, goldEnds, foundEnds, bothEnds] = [0, 0, 0, 0, 0, 0];
  const missed = new Map();
  for (let first = 0; first < sentences.length; first += 10) {
    const { text, spans, ends } = detokenize(sentences.slice(first, first + 10));
    const made = splitText(text);
    const mine = made.flatMap(({ starts, ends: to }) => [...starts].map((start, i) => `${start}-${to[i]}`));
    const wanted = new Set(spans.map(([start, end]) => `${start}-${end}`));
    const own = new Set(mine);
    const myEnds = new Set(made.map(({ ends: to }) => to.at(-1)));
    gold += wanted.size;
    found += mine.length;
    both += mine.filter((span) => wanted.has(span)).length;
    goldEnds += ends.length;
    foundEnds += myEnds.size;
    bothEnds += ends.filter((end) => myEnds.has(end)).length;
    for (const [start, end] of spans) {
      if (own.has(`${start}-${end}`)) continue;
      const around = mine.map((span) => span.split('-').map(Number)).filter(([a, b]) => a < end && b > start);
      const what = `${text.slice(start, end)}   <- ${around.map(([a, b]) => text.slice(a, b)).join(' ')}`;
      missed.set(what, (missed.get(what) ?? 0) + 1);
    }
  }
  return { f1: (200 * both) / (gold + found), sentenceF1: (200 * bothEnds) / (goldEnds + foundEnds), missed };
}
