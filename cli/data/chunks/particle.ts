import type { Chunking } from './chunking.js';
import { isPrenominal } from './word-classes.js';

/** PRT: the particle after its verb ("gave up"), except in a participle that modifies a noun. */
export function markParticles(chunking: Chunking): void {
  for (const word of chunking.tree.words) {
    const { head } = word;
    if (word.relation !== 'compound:prt' || !head.isBefore(word)) continue;
    if (!(head.isVerbal && isPrenominal(head))) chunking.mark('PRT', [word]);
  }
}
