import type { Word } from '../dependency-tree.js';
import type { Chunking } from './chunking.js';
import { leftEdge } from './noun-phrase-left.js';
import { rightEdge } from './noun-phrase-right.js';
import { hasNominalTag, isConnective, isNominalParticiple } from './word-classes.js';

/** First and last position of a noun phrase. */
interface Extent {
  readonly from: number;
  readonly to: number;
}

/** Tags that head no noun phrase. */
const NEVER_HEADS: readonly string[] = [
  ...['POS', 'WRB', 'UH', 'RP', 'TO', 'CC', 'LS', ',', '.', ':', '``', "''", '-LRB-', '-RRB-', 'HYPH', 'NFP'],
];

/** Adjectives that head a noun phrase before "of": "most of them". */
const QUANTIFYING_ADJECTIVES: readonly string[] = [
  ...['most', 'many', 'few', 'several', 'more', 'less', 'much', 'least', 'fewer', 'best', 'worst', 'other', 'half'],
];

/** Pronoun-like words: they stand alone and never share a chunk with a conjunct. */
const PRONOMINAL_TAGS: readonly string[] = ['PRP', 'WP', 'WDT', 'DT'];

/**
 * NP: a nominal head with everything before it that modifies it, the parts of a name after it, and bare conjuncts.
 *
 * @param quantifying words of "at least" and the like that stand before a number
 */
export function markNounPhrases(chunking: Chunking, quantifying: ReadonlySet<Word>): void {
  const { tree } = chunking;
  const heads = tree.words.filter((word) => isNominalHead(chunking, word));
  const extents = new Map(heads.map((head) => [head, extentOf(chunking, head, quantifying)]));
  for (const head of heads) {
    const extent = coordinationExtent(chunking, head, extents);
    if (extent) extents.set(head, extent);
  }

  const longestFirst = [...extents].sort(([a, p], [b, q]) => q.to - q.from - (p.to - p.from) || a.position - b.position);
  for (const [head, extent] of longestFirst) {
    const words = tree.span(extent.from, extent.to);
    if (chunking.areFree(words)) chunking.mark('NP', words);
    else if (chunking.isFree(head)) chunking.mark('NP', freeStretchAround(chunking, head, extent));
  }

  // A possessive marker opens a phrase of its own when nothing follows that could hold it.
  for (const word of tree.words) if (word.tag === 'POS') chunking.mark('NP', [word]);
}

function isNominalHead(chunking: Chunking, word: Word): boolean {
  if (!chunking.isFree(word) || word.isPunctuation || NEVER_HEADS.includes(word.tag)) return false;
  const isPrecedingModifier = word.as('det', 'amod', 'nummod', 'case', 'mark', 'cc', 'aux', 'cop', 'fixed') && word.isBefore(word.head);
  if (isPrecedingModifier || word.as('compound', 'flat', 'goeswith')) return false;
  if (hasNominalTag(word) || word.tagged('DT', 'PDT', 'CD', 'WP$', 'PRP$')) return true;
  if (word.isAdjective) return isNominalAdjective(word);
  if (word.tagged('VBG', 'VBN', 'VBD', 'VB'))
    return isNominalParticiple(word) || (word.as('obj', 'nsubj', 'obl', 'nmod', 'appos') && ['NOUN', 'PROPN', 'ADJ'].includes(word.upos));
  return word.tag === 'IN' && word.as('nsubj', 'obj') && word.children.length === 0;
}

/** "the rich", "most of them", "three of the largest": adjectives in the place of a noun. */
function isNominalAdjective(word: Word): boolean {
  const quantifiesOf = word.governs((child) => child.base === 'nmod' && child.governs((c) => c.lower === 'of' && c.base === 'case'));
  if (quantifiesOf && QUANTIFYING_ADJECTIVES.includes(word.lower)) return true;
  const isDetermined = word.leftward.some((child) => child.base === 'det' || child.relation === 'nmod:poss');
  if (isDetermined) return true;
  if (word.governs((child) => child.base === 'cop')) return false;
  return (
    word.as('nsubj', 'obj', 'obl', 'nmod') || word.exactlyAs('csubj', 'iobj', 'appos', 'vocative', 'dislocated', 'expl', 'list', 'orphan')
  );
}

function extentOf(chunking: Chunking, head: Word, quantifying: ReadonlySet<Word>): Extent {
  const { tree } = chunking;
  let from = leftEdge(chunking, head);
  let to = rightEdge(chunking, head);
  while (quantifying.has(tree.at(from - 1)) && chunking.isFree(tree.at(from - 1))) from--;
  // "each other", "one another"
  if (head.reads('each', 'one', 'all', 'such'))
    for (const part of head.children) if (part.base === 'fixed' && part.position === to + 1 && chunking.isFree(part)) to++;
  return { from, to };
}

/** The phrase together with its bare conjuncts ("cats and dogs", "the fish and chips"); null when they stay apart. */
function coordinationExtent(chunking: Chunking, head: Word, extents: ReadonlyMap<Word, Extent>): Extent | null {
  const { tree } = chunking;
  const conjuncts = head.rightward.filter((child) => child.base === 'conj' && extents.has(child));
  if (conjuncts.length === 0 || head.tagged(...PRONOMINAL_TAGS, 'EX', '$')) return null;

  const own = extents.get(head) as Extent;
  const modifiers = tree.span(own.from, own.to).filter((word) => word !== head);
  const isName = head.isProperNoun && modifiers.some((word) => word.as('compound', 'appos') || word.relation === 'nmod:desc');
  if (isName || modifiers.some((word) => word.as('nummod', 'flat'))) return null;

  const sharesDeterminer = conjuncts.length === 1 && modifiers.some((word) => word.tagged('DT', 'PRP$', 'POS', 'PDT'));
  let end = own.to;
  for (const conjunct of conjuncts) {
    const extent = extents.get(conjunct) as Extent;
    const joins = isPlainConjunct(chunking, conjunct, extent, sharesDeterminer) && isPlainJoint(chunking, end, extent.from);
    const hasComplementBetween = head.children.some(
      (child) => child.position > own.to && child.isBefore(conjunct) && !child.as('punct', 'conj', 'cc'),
    );
    if (!joins || hasComplementBetween) return null;
    end = extent.to;
  }
  if (end <= own.to) return null;
  const both = head.children.find(
    (child) => child.relation === 'cc:preconj' && child.position === own.from - 1 && child.tagged('CC', 'DT'),
  );
  return { from: both?.position ?? own.from, to: end };
}

/** One bare word, or a modifier and a noun under a determiner that both conjuncts share; nothing after it. */
function isPlainConjunct(chunking: Chunking, conjunct: Word, extent: Extent, sharesDeterminer: boolean): boolean {
  const inner = chunking.tree.span(extent.from, extent.to).filter((word) => word !== conjunct);
  const isBare = inner.length === 0 && !conjunct.tagged(...PRONOMINAL_TAGS);
  const isShared =
    sharesDeterminer && inner.length === 1 && inner.every((word) => word.tagged('NN', 'NNS', 'JJ')) && conjunct.tagged('NN', 'NNS');
  const hasComplement = conjunct.children.some((child) => child.position > extent.to && !child.as('punct', 'conj', 'cc'));
  return (isBare || isShared) && !hasComplement;
}

/** Only a conjunction, a comma and the like between two conjuncts. */
function isPlainJoint(chunking: Chunking, end: number, start: number): boolean {
  const between = chunking.tree.between(end, start);
  return (
    between.length > 0 &&
    between.every(
      (word) =>
        isConnective(word) &&
        word.tagged(...(word.base === 'cc' ? ['CC', 'FW', 'SYM'] : [',', 'SYM', 'HYPH', ':'])) &&
        chunking.isFree(word),
    )
  );
}

/** The free words around the head when an earlier rule, or a longer phrase, has taken a part of the extent. */
function freeStretchAround(chunking: Chunking, head: Word, extent: Extent): readonly Word[] {
  const { tree } = chunking;
  let from = head.position;
  let to = head.position;
  while (from > extent.from && chunking.isFree(tree.at(from - 1))) from--;
  while (to < extent.to && chunking.isFree(tree.at(to + 1))) to++;
  return tree.span(from, to);
}
