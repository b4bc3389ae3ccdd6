import type { Chunking } from './chunking.js';

/** Conjunctions of several words, longest reading first where they overlap. */
const CONJUNCTIONS: readonly (readonly string[])[] = [
  ['as', 'well', 'as'],
  ['rather', 'than'],
  ['not', 'only'],
  ['but', 'also'],
  ['let', 'alone'],
  ['instead', 'of'],
  ['not', 'just'],
  ['if', 'not'],
];

/** Halves of "not only ... but also": the tree may hang either word as the conjunction. */
const CORRELATIVES: readonly string[] = ['not only', 'but also', 'not just'];

/** CONJP: conjunctions of several words that coordinate ("as well as", "not only ... but also"). */
export function markConjunctionPhrases(chunking: Chunking): void {
  const { tree } = chunking;
  for (const first of tree.words)
    for (const conjunction of CONJUNCTIONS) {
      const words = tree.span(first.position, first.position + conjunction.length - 1);
      if (words.length < conjunction.length || !words.every((word, i) => word.lower === conjunction[i])) continue;
      const isCorrelative =
        CORRELATIVES.includes(conjunction.join(' ')) && words.slice(0, 2).some((word) => word.relation === 'cc:preconj');
      if (chunking.areFree(words) && (first.base === 'cc' || isCorrelative)) chunking.mark('CONJP', words);
    }

  // "not only" is a conjunction wherever a "but" answers it, whatever the tree says.
  for (const not of tree.words) {
    const pair = [not, tree.next(not)];
    const isAnswered = tree.words.slice(not.position + 1).some((word) => word.lower === 'but');
    if (not.lower === 'not' && pair[1]?.lower === 'only' && isAnswered && chunking.areFree(pair)) chunking.mark('CONJP', pair);
  }
}
