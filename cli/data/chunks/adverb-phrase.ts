import type { Word } from '../dependency-tree.js';
import type { Chunking } from './chunking.js';
import { isNegation, phraseOf } from './word-classes.js';

/** Pairs that are one adverb phrase. */
const ADVERB_PAIRS: readonly string[] = [
  ...['at least', 'at most', 'at all', 'as well', 'no longer', 'so far', 'once again', 'right now', 'no more', 'at best', 'in case'],
  ...['all over', 'not yet', 'all right', 'just about', 'ever since', 'right away', 'so long', 'even so', 'if only', 'at first', 'at last'],
];

/** ADVP: adverbs with the adverbs that grade them. */
export function markAdverbPhrases(chunking: Chunking): void {
  const { tree } = chunking;
  for (const first of tree.words) {
    const second = tree.next(first);
    const isConnected = second.base === 'fixed' || first.head === second || second.head === first;
    if (isConnected && ADVERB_PAIRS.includes(phraseOf([first, second])) && chunking.areFree([first, second]))
      chunking.mark('ADVP', [first, second]);
  }

  // Coordinated adverbs before the rest, so that the first conjunct takes the others; else from the right, so that an
  // adverb takes those that grade it.
  const coordinated = (word: Word): number => (word.governs((child) => child.base === 'conj') ? 0 : 1);
  const order = [...tree.words].sort((a, b) => coordinated(a) - coordinated(b) || b.position - a.position);
  for (const word of order) if (isAdverbial(chunking, word)) markAdverbial(chunking, word);
}

function isAdverbial(chunking: Chunking, word: Word): boolean {
  if (!chunking.isFree(word) || word.isPunctuation || isNegation(word) || (word.base === 'cc' && word.tag !== 'RB')) return false;
  return (
    word.isAdverb ||
    word.tag === 'WRB' ||
    (word.base === 'advmod' && word.tagged('IN', 'RP', 'DT', 'PDT', 'JJ', 'CC')) ||
    (word.tagged('IN', 'RP') && word.as('root', 'conj', 'obl', 'xcomp', 'ccomp', 'nmod', 'advcl', 'parataxis', 'compound'))
  );
}

function markAdverbial(chunking: Chunking, word: Word): void {
  const { tree } = chunking;
  const next = tree.next(word);
  if (word.tag === 'IN' && word.as('obl', 'nmod')) {
    chunking.mark('PP', [word]);
  } else if (phraseOf([word, next]) === 'of course') {
    chunking.mark('PP', [word]);
    chunking.mark('NP', [next]);
  } else {
    chunking.mark('ADVP', [...gradersOf(chunking, word), word, ...continuationsOf(chunking, word)]);
  }
}

/** "very", "much more" and the like, right before the adverb. */
function gradersOf(chunking: Chunking, adverb: Word): readonly Word[] {
  let from = adverb.position;
  for (const dependent of adverb.leftward) {
    const words = dependent.subtree;
    const grades =
      dependent.base === 'advmod' &&
      words.at(-1)?.position === from - 1 &&
      chunking.areFree(words) &&
      words.every((word) => word.isAdverb || word.tagged('IN', 'DT', 'JJ', 'JJR', 'WRB'));
    if (!grades) break;
    from = (words[0] as Word).position;
  }
  return chunking.tree.span(from, adverb.position - 1);
}

/** The rest of a fixed expression, "enough", and a coordinated adverb ("slowly and surely"). */
function continuationsOf(chunking: Chunking, adverb: Word): readonly Word[] {
  const rest: Word[] = [];
  for (const dependent of adverb.rightward) {
    const end = adverb.position + rest.length;
    const isContinuation = dependent.as('fixed', 'goeswith') || (dependent.base === 'advmod' && dependent.lower === 'enough');
    if (isContinuation && dependent.position === end + 1 && chunking.isFree(dependent)) rest.push(dependent);
    else if (isCoordinated(chunking, adverb, dependent, end) && chunking.isFree(dependent))
      rest.push(chunking.tree.previous(dependent), dependent);
  }
  return rest;
}

function isCoordinated(chunking: Chunking, adverb: Word, conjunct: Word, end: number): boolean {
  const conjunction = chunking.tree.previous(conjunct);
  return (
    conjunct.base === 'conj' &&
    adverb.isAdverb &&
    conjunct.isAdverb &&
    conjunct.position === end + 2 &&
    conjunction.tag === 'CC' &&
    conjunct.children.length === 1 &&
    conjunct.children[0] === conjunction &&
    !adverb.governs((child) => child.as('obl', 'nsubj', 'cop'))
  );
}
