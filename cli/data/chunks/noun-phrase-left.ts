import type { Word } from '../dependency-tree.js';
import type { Chunking } from './chunking.js';

/** Adverbs that quantify the number or noun phrase after them: "almost all", "about forty". */
const FOCUS_ADVERBS: readonly string[] = [
  ...['only', 'just', 'even', 'almost', 'about', 'nearly', 'roughly', 'approximately', 'around', 'over', 'quite', 'such', 'rather'],
  ...['exactly', 'merely', 'simply', 'barely', 'some', 'well', 'practically', 'virtually', 'perhaps', 'maybe', 'already', 'hardly'],
  ...['fully', 'yet'],
];

/** Those of them that stay in the phrase even after a copula: "it is only a test". */
const FOCUS_AFTER_COPULA: readonly string[] = [
  ...['only', 'just', 'almost', 'about', 'nearly', 'quite', 'such', 'over', 'around', 'roughly'],
];

const LONGEST_MODIFIER = 14;
const LONGEST_BARE_NOMINAL = 4;

/** What a dependent before the head does to the phrase: it reaches a position, is passed over, or ends the phrase. */
type Reach = number | 'pass' | 'stop';

/** Position of the first word of the noun phrase with this head. */
export function leftEdge(chunking: Chunking, head: Word): number {
  let edge = head.position;
  for (const dependent of head.leftward) {
    const reach = reachOf(chunking, dependent, head, edge);
    if (reach === 'stop') break;
    if (reach !== 'pass') edge = Math.min(edge, reach);
    // 's opens the chunk: the possessor before it is a chunk of its own.
    if (dependent.relation === 'nmod:poss' && possessiveMarker(dependent)) break;
  }
  return edge;
}

function reachOf(chunking: Chunking, dependent: Word, head: Word, edge: number): Reach {
  if (!gapIsTransparent(chunking, dependent, edge)) return 'stop';
  if (dependent.relation === 'nmod:poss') return possessorReach(chunking, dependent, edge);
  if (!chunking.isFree(dependent)) return 'stop';
  if (dependent.isPunctuation) return 'pass';
  if (dependent.as('det', 'amod', 'nummod', 'compound', 'flat', 'goeswith') || dependent.exactlyAs('nmod:desc', 'dep'))
    return modifierReach(chunking, dependent);
  if (dependent.exactlyAs('nmod', 'nmod:npmod', 'nmod:unmarked', 'obl:unmarked')) return bareNominalReach(dependent, edge);
  if (dependent.relation === 'cc:preconj') return dependent.tag === 'DT' ? startOf(dependent) : 'stop';
  if (dependent.as('advmod', 'cc')) return adverbReach(chunking, dependent, head, edge);
  return 'stop';
}

function startOf(word: Word): number {
  return (word.subtree[0] as Word).position;
}

function endOf(word: Word): number {
  return (word.subtree.at(-1) as Word).position;
}

/** Between a modifier and the phrase so far only hyphens, quotes and the like may stand, commas between adjectives, or one adverb. */
function gapIsTransparent(chunking: Chunking, dependent: Word, edge: number): boolean {
  const gap = chunking.tree.between(endOf(dependent), edge);
  if (gap.length === 1 && gap[0]?.isAdverb) return true;
  const admitsCommas = dependent.as('amod', 'nummod');
  return gap.every(
    (word) =>
      word.tag === 'SYM' ||
      (word.isPunctuation && (word.tagged('HYPH', '``', "''", ':', 'NFP', '.') || (admitsCommas && word.tag === ','))),
  );
}

function possessiveMarker(possessor: Word): Word | undefined {
  return possessor.children.findLast(
    (child) => child.base === 'case' && (child.tagged('POS', 'VBZ', 'NNS', "''") || child.reads("'s", "'", '’s', '’', 's')),
  );
}

/** "her old car" begins at "her", "the man's old car" at "'s". */
function possessorReach(chunking: Chunking, possessor: Word, edge: number): Reach {
  const marker = possessiveMarker(possessor);
  if (marker) return chunking.areFree(chunking.tree.span(marker.position, edge - 1)) ? marker.position : 'stop';
  const words = possessor.subtree;
  const isUnbroken = endOf(possessor) - startOf(possessor) + 1 === words.length;
  return isUnbroken && chunking.areFree(words) ? startOf(possessor) : 'stop';
}

function modifierReach(chunking: Chunking, modifier: Word): Reach {
  const words = modifier.subtree;
  const isClause = modifier.base === 'amod' && words.some((word) => word.as('nsubj', 'cop', 'mark'));
  return !isClause && words.length <= LONGEST_MODIFIER && chunking.areFree(words) ? startOf(modifier) : 'stop';
}

/** A short noun phrase without preposition or determiner, right before: "two hour long meetings", "last year sales". */
function bareNominalReach(nominal: Word, edge: number): Reach {
  const words = nominal.subtree;
  const isBare =
    nominal.tagged('NN', 'NNP', 'NNS', 'CD', 'NNPS', 'VBN', 'VBG', 'JJ') &&
    endOf(nominal) === edge - 1 &&
    words.length <= LONGEST_BARE_NOMINAL &&
    !words.some((word) => word.as('case', 'mark', 'det', 'cop'));
  return isBare ? startOf(nominal) : 'stop';
}

/** Adverbs that quantify or grade what stands right after them; others are phrases of their own. */
function adverbReach(chunking: Chunking, adverb: Word, head: Word, edge: number): Reach {
  const next = chunking.tree.at(edge);
  if (!chunking.areFree(adverb.subtree) || endOf(adverb) !== edge - 1) return 'stop';
  if (adverb.tag === 'WRB') return adverb.lower === 'how' && next.tagged('JJ', 'RB') ? adverb.position : 'stop';

  const first = chunking.tree.at(startOf(adverb));
  const isGrade = adverb.tagged('JJR', 'JJS', 'RBR', 'PDT', 'RBS');
  const quantifies =
    FOCUS_ADVERBS.includes(adverb.lower) ||
    isGrade ||
    first.reads('at', 'more', 'less', 'up', 'no') ||
    (adverb.reads('so', 'too', 'very', 'how', 'not', "n't") && next.tagged('JJ', 'RB', 'CD')) ||
    (next.tag === 'CD' && adverb.tagged('RB', 'IN'));
  if (!quantifies) return 'stop';

  const followsCopula = head.children.some((child) => child.base === 'cop' && child.isBefore(adverb));
  return followsCopula && !isGrade && !FOCUS_AFTER_COPULA.includes(adverb.lower) ? 'stop' : first.position;
}
