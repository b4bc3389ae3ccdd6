import type { Chunking } from './chunking.js';

const NOMINAL_TAGS: readonly string[] = [
  ...['FW', 'NN', 'NNS', 'NNP', 'NNPS', 'PRP', 'CD', 'ADD', '$', 'GW', 'XX', 'DT', 'WDT', 'WP', 'PRP$'],
];

/** INTJ, LST, and single words that no phrase took: nominal ones are an NP, parts of fixed prepositions a PP. */
export function markRemainder(chunking: Chunking): void {
  for (const word of chunking.tree.words) {
    if (word.isPunctuation) continue;
    if (word.tag === 'UH') chunking.mark('INTJ', [word]);
    else if (word.tag === 'LS') chunking.mark('LST', [word]);
    else if (NOMINAL_TAGS.includes(word.tag) && word.base !== 'cc') chunking.mark('NP', [word]);
    else if (word.tag === 'IN' && word.base === 'fixed') chunking.mark('PP', [word]);
  }
}
