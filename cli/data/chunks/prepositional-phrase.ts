import type { DependencyTree, Word } from '../dependency-tree.js';
import type { Chunking } from './chunking.js';
import { fixedExpression, isAuxiliary, phraseOf, subjectsOf } from './word-classes.js';

/** Pairs that make one preposition. */
const COMPOUND_PREPOSITIONS: readonly string[] = [
  'because of',
  'such as',
  'instead of',
  'rather than',
  'other than',
  'as per',
  'as opposed',
  'so as',
];

/** Pairs that make one subordinating conjunction. */
const COMPOUND_COMPLEMENTIZERS: readonly string[] = ['so that', 'even though', 'even if', 'as if', 'as though'];

/** First words of fixed subordinating expressions that need not be read as prepositions before a gerund. */
const SUBORDINATING_STARTS: readonly string[] = ['as', 'so', 'even', 'such', 'rather', 'given', 'provided', 'now', 'except'];

/** Words that are prepositions whatever clause follows. */
const ALWAYS_PREPOSITIONS: readonly string[] = [
  ...['of', 'with', 'about', 'by', 'in', 'on', 'at', 'from', 'into', 'to', 'upon', 'against', 'through', 'between', 'toward', 'towards'],
  'despite',
];

/** Words that are prepositions before a gerund and conjunctions before a finite clause. */
const PREPOSITIONS_BEFORE_GERUNDS: readonly string[] = [
  ...['after', 'before', 'by', 'in', 'for', 'without', 'of', 'on', 'from', 'with', 'since', 'despite', 'through', 'upon', 'about', 'at'],
  ...['against', 'to', 'into', 'besides', 'like', 'over', 'toward', 'towards', 'between', 'under', 'because'],
];

const PREPOSITION_TAGS: readonly string[] = [
  ...['IN', 'TO', 'VBG', 'VBN', 'RP', 'RB', 'JJ', 'FW', 'RBR', 'JJR', 'WRB', 'NN', 'NNP', 'VBD', 'VB', 'UH'],
];

/** PP, a preposition without its noun phrase, and SBAR, a complementizer without its clause. */
export function markPrepositionsAndComplementizers(chunking: Chunking, reserved: ReadonlySet<Word>): void {
  for (const word of chunking.tree.words) {
    if (!chunking.isFree(word) || reserved.has(word)) continue;
    if (word.base === 'case' && PREPOSITION_TAGS.includes(word.tag)) {
      if (!joinsNumbers(word)) markPreposition(chunking, word);
    } else if (word.base === 'mark' && word.tagged('IN', 'VBG', 'VBN', 'RB', 'CC', 'DT')) {
      markMarker(chunking, word);
    }
  }
}

/** The "to" of "5 to 10", where the second number hangs on the first: part of one NP. */
function joinsNumbers(word: Word): boolean {
  const second = word.head;
  const first = second.head;
  return (
    word.reads('to', '-', '--', '–') &&
    second.as('nmod', 'obl') &&
    second.tag === 'CD' &&
    first.tag === 'CD' &&
    first.position === word.position - 1
  );
}

/** A preposition of several words is one PP if it is a pair of the list; else its nouns and adverbs are chunks too. */
function markPreposition(chunking: Chunking, word: Word): void {
  let parts = fixedExpression(word, (part) => chunking.isFree(part));
  if (COMPOUND_PREPOSITIONS.includes(phraseOf(parts.slice(0, 2)))) {
    chunking.mark('PP', parts.slice(0, 2));
    parts = parts.slice(2);
  }
  for (const part of parts) {
    const leadsExpression = part === word && parts.length > 1;
    if (part.tagged('NN', 'NNS', 'NNP', 'DT', 'CD')) chunking.mark('NP', [part]);
    else if (leadsExpression && part.tagged('RB', 'RBR')) chunking.mark('ADVP', [part]);
    else if (leadsExpression && part.tagged('JJ', 'JJR')) chunking.mark('ADJP', [part]);
    else chunking.mark('PP', [part]);
  }
}

/** What introduces a clause: a preposition before a gerund or a phrase, else a complementizer. */
function markMarker(chunking: Chunking, word: Word): void {
  const { tree } = chunking;
  const expression = fixedExpression(word);
  if (expression.length > 1) {
    markCompoundMarker(chunking, expression);
    return;
  }
  const clause = word.head;
  const isBarePhrase = !clause.isVerbal && !clause.governs((child) => child.as('nsubj', 'cop', 'aux'));
  const isComparison = word.reads('than', 'as', 'like') && isBarePhrase;
  const isPreposition =
    introducesNominalClause(tree, word, expression) &&
    (PREPOSITIONS_BEFORE_GERUNDS.includes(word.lower) || (word.reads('than', 'as') && clause.tag !== 'VBG'));
  if (isComparison || isPreposition) chunking.mark('PP', [word]);
  else chunking.mark('SBAR', [...evenBefore(tree, word), word]);
}

function markCompoundMarker(chunking: Chunking, expression: readonly Word[]): void {
  const [first, second, third] = expression as [Word, Word, ...Word[]];
  const pair = phraseOf([first, second]);
  const isPreposition = introducesNominalClause(chunking.tree, first, expression);
  if (pair === 'in order') {
    chunking.mark('SBAR', [first]);
  } else if (!SUBORDINATING_STARTS.includes(first.lower)) {
    chunking.mark(COMPOUND_PREPOSITIONS.includes(pair) || isPreposition ? 'PP' : 'SBAR', expression);
  } else if (COMPOUND_COMPLEMENTIZERS.includes(pair)) {
    chunking.mark('SBAR', expression);
  } else if (COMPOUND_PREPOSITIONS.includes(pair) && isPreposition) {
    chunking.mark('PP', expression);
  } else if (expression.length === 3 && third?.lower === 'as' && pair !== 'so as') {
    // "as long as", "so far as": an adverb phrase and the complementizer it leans on.
    chunking.mark('ADVP', [first, second]);
    chunking.mark('SBAR', [third]);
  } else {
    chunking.mark('SBAR', expression);
  }
}

/** Whether what follows a marker is a gerund or a question word, which take prepositions, and not a finite clause. */
function introducesNominalClause(tree: DependencyTree, word: Word, expression: readonly Word[]): boolean {
  const clause = word.head;
  const hasSubject = subjectsOf(clause).length > 0;
  const hasFiniteAuxiliary = clause.governs((child) => child.base === 'aux' && child.tagged('VBZ', 'VBD', 'VBP', 'MD'));
  if (!hasSubject && clause.tag === 'VBG' && !hasFiniteAuxiliary) return true;
  if (!hasSubject && clause.governs((child) => isAuxiliary(child) && child.tag === 'VBG')) return true;
  if (expression.length > 1) return false;
  const isBeforeQuestionWord = word.tag === 'IN' && !word.reads('that', 'if', 'whether') && tree.next(word).tagged('WP', 'WDT', 'WRB');
  return ALWAYS_PREPOSITIONS.includes(word.lower) || isBeforeQuestionWord;
}

/** "even" that modifies a following complementizer joins it: "even when". */
function evenBefore(tree: DependencyTree, word: Word): readonly Word[] {
  const previous = tree.previous(word);
  const joins = previous.lower === 'even' && previous.base === 'advmod' && previous.head === word && !word.tagged('VBG', 'VBN');
  return joins ? [previous] : [];
}
