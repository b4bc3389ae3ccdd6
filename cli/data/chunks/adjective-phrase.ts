import type { Word } from '../dependency-tree.js';
import type { Chunking } from './chunking.js';
import { isAdjectivalComplement } from './verb-phrase.js';

/** Adverbs of the clause: before an adjective they stay outside its phrase ("is usually busy"). */
const CLAUSE_ADVERBS: readonly string[] = [
  ...['also', 'not', "n't", 'still', 'now', 'then', 'always', 'never', 'often', 'usually', 'already', 'generally', 'currently', 'probably'],
  ...['only', 'ever', 'sometimes', 'perhaps', 'maybe', 'actually', 'typically', 'rarely', 'necessarily', 'thus', 'indeed', 'again'],
  ...['therefore', 'however', 'later', 'obviously', 'certainly', 'definitely', 'clearly', 'simply', 'apparently', 'possibly', 'likely'],
  ...['yet', 'otherwise', 'instead', 'there', 'here', 'so-called'],
];

/** ADJP: an adjective that no noun phrase took, with its adverbs and bare conjuncts. */
export function markAdjectivePhrases(chunking: Chunking): void {
  for (const head of chunking.tree.words) {
    if (!isAdjectival(chunking, head) || head.base === 'fixed') continue;
    const from = firstOf(chunking, head);
    chunking.mark('ADJP', chunking.tree.span(from, lastOf(chunking, head, from)));
  }
}

function isAdjectival(chunking: Chunking, word: Word): boolean {
  if (!chunking.isFree(word) || word.isPunctuation) return false;
  return word.isAdjective || isAdjectivalComplement(word) || (word.tagged('VBN', 'VBG', 'VBD') && word.upos === 'ADJ');
}

function firstOf(chunking: Chunking, head: Word): number {
  const { tree } = chunking;
  let from = head.position;
  for (const dependent of head.leftward) {
    if (dependent.isPunctuation && dependent.tag === 'HYPH' && dependent.position === from - 1) {
      from--;
      continue;
    }
    const words = dependent.subtree;
    const isModifier = dependent.as('advmod', 'amod', 'compound', 'det') && chunking.isFree(dependent) && words.includes(tree.at(from - 1));
    const isDegreeQuestion = dependent.lower === 'how' && dependent.position === from - 1;
    const isOfClause = dependent.base === 'advmod' && CLAUSE_ADVERBS.includes(dependent.lower);
    if (!isModifier || isOfClause || (dependent.tag === 'WRB' && !isDegreeQuestion)) break;
    while (words.includes(tree.at(from - 1)) && chunking.isFree(tree.at(from - 1))) from--;
  }
  return from;
}

function lastOf(chunking: Chunking, head: Word, from: number): number {
  let to = head.position;
  for (const dependent of head.rightward) {
    const isIntensifier = dependent.base === 'advmod' && dependent.reads('enough', 'indeed') && chunking.isFree(dependent);
    if (dependent.position === to + 1 && isIntensifier) {
      to++;
    } else if (isBareConjunct(chunking, dependent, to)) {
      const hasComplement = dependent.rightward.some((child) => !child.isPunctuation);
      // "very old and tired of it": neither modifier nor complement is shared, so the conjuncts are two phrases.
      if (hasComplement || from < head.position) break;
      to = dependent.position;
    } else if (dependent.position > to + 1) {
      break;
    }
  }
  return to;
}

function isBareConjunct(chunking: Chunking, word: Word, end: number): boolean {
  return (
    word.base === 'conj' &&
    isAdjectival(chunking, word) &&
    word.leftward.every((child) => child.as('cc', 'punct')) &&
    chunking.tree
      .between(end, word.position)
      .every((joint) => joint.as('cc', 'punct') && joint.tagged('CC', ',', 'SYM') && chunking.isFree(joint))
  );
}
