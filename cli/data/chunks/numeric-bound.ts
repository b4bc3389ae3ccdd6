import type { Word } from '../dependency-tree.js';
import type { Chunking } from './chunking.js';
import { phraseOf } from './word-classes.js';

const BOUNDS: readonly string[] = ['at least', 'at most', 'at best', 'at all'];

/**
 * "at least" and the like: an ADVP, but part of the NP before a number ("at least 40 people").
 *
 * @returns the words left for the NP that follows them
 */
export function markBounds(chunking: Chunking): ReadonlySet<Word> {
  const { tree } = chunking;
  const quantifying = new Set<Word>();
  for (const first of tree.words) {
    const pair = [first, tree.next(first)];
    const phrase = phraseOf(pair);
    if (!BOUNDS.includes(phrase) || !chunking.areFree(pair)) continue;
    if (tree.at(first.position + 2).tagged('CD', '$') && phrase !== 'at all') for (const word of pair) quantifying.add(word);
    else chunking.mark('ADVP', pair);
  }
  return quantifying;
}
