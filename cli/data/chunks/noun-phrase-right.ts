import type { Word } from '../dependency-tree.js';
import type { Chunking } from './chunking.js';

const MONTHS: readonly string[] = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'],
  ...['jan', 'feb', 'mar', 'apr', 'jun', 'jul', 'aug', 'sep', 'sept', 'oct', 'nov', 'dec'],
];

/** What follows a number to make a time or a year of it, dots left out. */
const TIME_SUFFIXES: readonly string[] = [...['am', 'pm', 'gmt', 'bc', 'ad', 'bce', 'ce', 'est', 'et', 'cst', 'pst', 'edt']];

const INDEFINITE_PRONOUNS: readonly string[] = [
  ...['something', 'anything', 'nothing', 'everything', 'someone', 'anyone', 'everyone', 'nobody', 'somebody'],
];

const NUMBER_TAGS: readonly string[] = ['CD', 'TO', 'HYPH', 'SYM', ',', ':', 'NN', 'IN', '$'];

const YEAR = /^\d{4}$/;

/** A dependent after the head while the phrase has reached `edge`. */
interface Candidate {
  readonly head: Word;
  readonly dependent: Word;
  /** The dependent with all that hangs on it, in the order of the sentence. */
  readonly words: readonly Word[];
  /** What stands between the phrase so far and those words. */
  readonly gap: readonly Word[];
  readonly edge: number;
}

/** Where the phrase ends after a dependent, and whether the next dependent may take it further. */
interface Step {
  readonly edge: number;
  readonly goesOn: boolean;
}

type RightRule = (candidate: Candidate, chunking: Chunking) => Step | null;

/** The first rule that knows the dependent decides; a dependent that none knows ends the phrase. */
const RULES: readonly RightRule[] = [
  namePart,
  hyphen,
  appositiveName,
  timeSuffix,
  numberOfName,
  date,
  adjectiveAfterPronoun,
  numberRange,
  punctuation,
];

/** Position of the last word of the noun phrase with this head. */
export function rightEdge(chunking: Chunking, head: Word): number {
  let edge = head.position;
  for (const dependent of head.rightward) {
    if (!chunking.isFree(dependent)) break;
    const words = dependent.subtree;
    const gap = chunking.tree.between(edge, (words[0] as Word).position);
    if (!gap.every((word) => word.isPunctuation && word.tagged('HYPH', ',', ':', 'SYM', '.'))) break;
    const candidate = { head, dependent, words, gap, edge };
    const step = decide(candidate, chunking);
    edge = step.edge;
    if (!step.goesOn) break;
  }
  return edge;
}

function decide(candidate: Candidate, chunking: Chunking): Step {
  for (const rule of RULES) {
    const step = rule(candidate, chunking);
    if (step) return step;
  }
  return stopAt(candidate.edge);
}

function stopAt(edge: number): Step {
  return { edge, goesOn: false };
}

function extendTo(edge: number): Step {
  return { edge, goesOn: true };
}

function endOf(words: readonly Word[]): number {
  return (words.at(-1) as Word).position;
}

function isAlone({ words, gap }: Candidate): boolean {
  return words.length === 1 && gap.length === 0;
}

/** "John Smith", "New York", "can not" written in two words. */
function namePart({ dependent, words, gap, edge }: Candidate, chunking: Chunking): Step | null {
  const isCompound = dependent.base === 'compound' && dependent.relation !== 'compound:prt';
  if (!dependent.as('flat', 'goeswith') && !isCompound) return null;
  if (dependent.base !== 'flat' && gap.some((word) => word.tag === ',')) return stopAt(edge);

  // A clause, apposition or conjunct that hangs on the part is not of the name.
  const isOfName = (word: Word): boolean =>
    word === dependent || word.as('flat', 'goeswith', 'compound', 'punct', 'nummod', 'amod', 'det', 'case', 'nmod');
  const trails = words.some((word) => word.as('acl', 'appos', 'conj'));
  const name = trails ? words.filter((word) => isOfName(word) && !dependent.isBefore(word)) : words;
  return chunking.areFree(name) ? extendTo(Math.max(endOf(name), edge)) : stopAt(edge);
}

function hyphen({ dependent }: Candidate): Step | null {
  return dependent.isPunctuation && dependent.tag === 'HYPH' ? extendTo(dependent.position) : null;
}

/** "my brother James", "President Lee": a name in apposition without a comma. */
function appositiveName({ head, dependent, words, gap, edge }: Candidate): Step | null {
  const isClose = gap.length === 0 && words[0]?.position === edge + 1;
  if (dependent.base !== 'appos' || !isClose || !dependent.isProperNoun || !head.isNoun) return null;
  const isOfName = (word: Word): boolean => word === dependent || (word.as('flat', 'compound') && word.isProperNoun);
  const nameLength = words.findIndex((word, i) => !isOfName(word) || word.position !== edge + 1 + i);
  const name = nameLength < 0 ? words : words.slice(0, nameLength);
  if (!name.includes(dependent)) return stopAt(edge);
  return name.length === words.length ? extendTo(endOf(name)) : stopAt(endOf(name));
}

/** "9 a.m.", "44 BC". */
function timeSuffix(candidate: Candidate): Step | null {
  const { head, dependent } = candidate;
  const isSuffix = head.tag === 'CD' && isAlone(candidate) && TIME_SUFFIXES.includes(dependent.lower.replaceAll('.', ''));
  return isSuffix ? extendTo(dependent.position) : null;
}

/** "Figure 2", "Chapter Eleven", "Windows XP". */
function numberOfName(candidate: Candidate): Step | null {
  const { head, dependent } = candidate;
  const isNumber = dependent.base === 'dep' && dependent.tag === 'CD' && head.isNoun;
  const isSecondName = dependent.relation === 'nmod:unmarked' && dependent.isProperNoun && head.isProperNoun;
  return (isNumber || isSecondName) && isAlone(candidate) ? extendTo(dependent.position) : null;
}

/** "May 5", "May 5, 2003", "page 10 to 12". */
function date({ head, dependent, words, gap, edge }: Candidate, chunking: Chunking): Step | null {
  const isUnmarkedNumber =
    dependent.exactlyAs('nmod:tmod', 'nmod:unmarked', 'nmod:npmod', 'obl:tmod', 'obl:unmarked') &&
    dependent.tag === 'CD' &&
    head.tagged('NNP', 'NN', 'CD', 'NNPS');
  if (dependent.base !== 'nummod' && !isUnmarkedNumber) return null;

  const phrase = chunking.tree.span(head.position, edge);
  const isYearAfterComma =
    dependent.tag === 'CD' &&
    gap.length === 1 &&
    gap[0]?.tag === ',' &&
    YEAR.test(dependent.lower) &&
    phrase.some((word) => MONTHS.includes(word.lower.replace(/\.+$/, '')));
  const isNumber = words.length === 1 || words.every((word) => NUMBER_TAGS.includes(word.tag));
  return (gap.length === 0 || isYearAfterComma) && isNumber ? extendTo(endOf(words)) : stopAt(edge);
}

/** "something very new". */
function adjectiveAfterPronoun({ head, dependent, words, gap, edge }: Candidate): Step | null {
  if (dependent.base !== 'amod' || gap.length > 0 || !INDEFINITE_PRONOUNS.includes(head.lower)) return null;
  const isShort = words.length <= 2 && endOf(words) === dependent.position && words[0]?.position === edge + 1;
  return isShort ? extendTo(dependent.position) : stopAt(edge);
}

/** "5 to 10". */
function numberRange({ head, dependent, words, edge }: Candidate, chunking: Chunking): Step | null {
  const joint = chunking.tree.at(edge + 1);
  const isRange =
    dependent.exactlyAs('nmod', 'obl') &&
    dependent.tag === 'CD' &&
    head.tag === 'CD' &&
    words.length === 2 &&
    joint.reads('to', '-', '--', '–');
  return isRange ? extendTo(dependent.position) : null;
}

function punctuation({ dependent, edge }: Candidate): Step | null {
  return dependent.isPunctuation ? extendTo(edge) : null;
}
