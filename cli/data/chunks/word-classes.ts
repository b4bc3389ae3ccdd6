import type { Word } from '../dependency-tree.js';

/** Tags of words that can stand as a noun phrase by themselves. */
export function hasNominalTag(word: Word): boolean {
  return word.isNoun || word.tagged('PRP', 'EX', 'WP', 'WDT', '$', 'ADD', 'FW', 'GW', 'AFX', 'SYM', 'XX');
}

/** Subjects of a predicate, clausal and expletive ones included. */
export function subjectsOf(word: Word): Word[] {
  return word.children.filter((child) => child.as('nsubj', 'csubj', 'expl'));
}

/** Copula, auxiliary or infinitival "to". */
export function isAuxiliary(word: Word): boolean {
  return word.as('cop', 'aux') || (word.base === 'mark' && word.tag === 'TO');
}

/** A coordinating word or the punctuation that stands for one. */
export function isConnective(word: Word): boolean {
  return word.as('cc', 'punct');
}

export function isNegation(word: Word): boolean {
  return word.reads('not', "n't", 'n’t', 'nt');
}

/** Whether the word modifies a noun that it precedes, so that it belongs into that noun's chunk. */
export function isPrenominal(word: Word): boolean {
  const { head } = word;
  const hasOwnComplement = word.as('amod', 'advmod') && word.rightward.some((child) => child.as('obl', 'obj', 'ccomp', 'xcomp', 'advcl'));
  if (hasOwnComplement) return false;
  // Parts of names and compounds count on either side of their head.
  if (head.position > 0 && word.as('flat', 'goeswith', 'compound')) return true;
  if (head.position > 0 && word.as('amod', 'nummod')) return word.isBefore(head);
  const modifiesModifier = word.as('advmod', 'conj', 'cc', 'dep', 'obl', 'nmod', 'obj', 'advcl', 'parataxis');
  if (modifiesModifier && word.isBefore(head) && head.as('amod', 'compound')) return isPrenominal(head);
  // "a tried and tested method": the second conjunct follows the first, which modifies the noun further on.
  return word.base === 'conj' && head.isBefore(word) && head.base === 'amod' && head.isBefore(head.head);
}

/** "the building of ...", "his leaving": a participle with the dependents of a noun. */
export function isNominalParticiple(word: Word): boolean {
  return word.leftward.some((child) => child.as('det', 'amod') || child.relation === 'nmod:poss');
}

/** Relations whose bearer is a noun phrase; base forms, with the places where any phrase can stand. */
const NOMINAL_BASES: readonly string[] = [
  'nsubj',
  'csubj',
  'obj',
  'iobj',
  'obl',
  'nmod',
  'appos',
  'vocative',
  'dislocated',
  'expl',
  'list',
  'orphan',
  'conj',
  'root',
];

export function standsWhereNounsStand(word: Word): boolean {
  return NOMINAL_BASES.includes(word.base);
}

/** The word followed by those of its `fixed` dependents that continue it without a gap: "because of", "as well as". */
export function fixedExpression(word: Word, admits: (part: Word) => boolean = () => true): Word[] {
  const expression = [word];
  for (const part of word.children)
    if (part.base === 'fixed' && part.position === word.position + expression.length && admits(part)) expression.push(part);
  return expression;
}

/** Words joined by one space, in lower case. */
export function phraseOf(words: readonly Word[]): string {
  return words.map((word) => word.lower).join(' ');
}
