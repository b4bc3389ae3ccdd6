// The work that every engine of the benchmark is given: one corpus, one list of batches, the same every time.

/** Whole numbers from a seed (mulberry32). */
export function dice(seed) {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}

/** Tasks of the base model with the number of their tags. */
export const TASKS = [
  { name: 'pos', tags: 45 },
  { name: 'chunk', tags: 21 },
  { name: 'ner', tags: 17 },
];

const LETTERS = 'etaoinshrdlucmfwypvbgkjqxz';

/** The word of a frequency rank: frequent words are short. */
function spell(rank) {
  const roll = dice(rank);
  const length = 1 + Math.floor(Math.log2(rank + 1) / 2.2) + roll(4);
  let word = rank % 7 === 3 ? 'N' : '';
  while (word.length < length) word += LETTERS[Math.min(roll(26), roll(26))];
  return `${word}${rank % 11 === 5 ? rank % 10 : ''}`;
}

/**
 * Sentences of `{ tokens, labels: [pos, chunk, ner] }`: word ranks by Zipf's law over `vocabulary` words, lengths
 * 1 .. longest with the shape of news with its headlines and results (mean 13.8 where the longest is 40).
 */
export function makeSentences(count, { seed = 1, vocabulary = 20_000, longest = 40, tags = TASKS.map((task) => task.tags) } = {}) {
  const roll = dice(seed);
  const spread = Math.log(vocabulary + 1);
  const word = () => spell(Math.floor(Math.exp((roll(1 << 24) / (1 << 24)) * spread)) - 1);
  return Array.from({ length: count }, () => {
    const length = 1 + Math.min(roll(longest), roll(longest));
    return {
      tokens: Array.from({ length }, word),
      labels: tags.map((number, t) => Array.from({ length }, () => `${'PCNQ'[t]}${roll(number)}`)),
    };
  });
}

/** CoNLL text: the token, then a column a task. */
export function conllText(sentences) {
  const line = (sentence, i) => [sentence.tokens[i], ...sentence.labels.map((column) => column[i])].join(' ');
  return sentences.map((sentence) => `${sentence.tokens.map((_, i) => `${line(sentence, i)}\n`).join('')}\n`).join('');
}

/** `count` indices so that every run of a few of them is spread evenly over the whole. */
function evenly(count) {
  const places = Array.from({ length: count }, (_, i) => i);
  const key = (i) => (i * 0.618_033_988_749_895) % 1;
  return places.sort((a, b) => key(a) - key(b) || a - b);
}

/** Batches of `size` sentence numbers: `sorted`: of similar length, long and short ones in turn; `ragged`: as they come. */
export function makeBatches(sentences, size, order) {
  const places = sentences.map((_, i) => i);
  if (order === 'sorted') places.sort((a, b) => sentences[a].tokens.length - sentences[b].tokens.length || a - b);
  const batches = Array.from({ length: Math.ceil(places.length / size) }, (_, i) => places.slice(i * size, (i + 1) * size));
  return order === 'sorted' ? evenly(batches.length).map((i) => batches[i]) : batches;
}

/** Numbers for engines that look nothing up: rows of the word and character tables (0: padding, 1: unknown) and tags. */
export function encodeSentences(sentences, { words, characters, tasks }) {
  const rows = (items, first) => new Map(items.map((item, i) => [item, first + i]));
  const [wordRow, characterRow] = [rows(words, 2), rows(characters, 2)];
  const tagRows = tasks.map(({ tags }) => rows(tags, 0));
  return sentences.map(({ tokens, labels }) => ({
    words: tokens.map((token) => wordRow.get(token.toLowerCase()) ?? 1),
    characters: tokens.map((token) => Array.from(token, (character) => characterRow.get(character) ?? 1)),
    tags: labels.map((column, t) => column.map((label) => tagRows[t].get(label))),
  }));
}
