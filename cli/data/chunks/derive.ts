import type { DependencyTree } from '../dependency-tree.js';
import { markAdjectivePhrases } from './adjective-phrase.js';
import { markAdverbPhrases } from './adverb-phrase.js';
import { Chunking } from './chunking.js';
import { markConjunctionPhrases } from './conjunction-phrase.js';
import { markNounPhrases } from './noun-phrase.js';
import { markBounds } from './numeric-bound.js';
import { markParticles } from './particle.js';
import { markPrepositionsAndComplementizers } from './prepositional-phrase.js';
import { markRemainder } from './remainder.js';
import { markVerbPhrases } from './verb-phrase.js';

/**
 * Base chunks in the convention of CoNLL-2000, as BIO tags, from an English dependency tree with Penn tags.
 *
 * A base chunk is the words of a phrase from its first word to its head; chunks do not nest. The order of the rules
 * matters: each takes words that no earlier rule took.
 *
 * @remarks Source: the chunk definitions of Tjong Kim Sang & Buchholz 2000, carried over from constituency trees to
 * Universal Dependencies.
 */
export function deriveChunks(tree: DependencyTree): string[] {
  const chunking = new Chunking(tree);
  markVerbPhrases(chunking);
  markParticles(chunking);
  markConjunctionPhrases(chunking);
  const quantifying = markBounds(chunking);
  markPrepositionsAndComplementizers(chunking, quantifying);
  markNounPhrases(chunking, quantifying);
  markAdjectivePhrases(chunking);
  markAdverbPhrases(chunking);
  markRemainder(chunking);
  return chunking.toTags();
}
