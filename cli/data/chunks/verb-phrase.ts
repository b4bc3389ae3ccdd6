import type { DependencyTree, Word } from '../dependency-tree.js';
import type { Chunking } from './chunking.js';
import { isAuxiliary, isConnective, isNominalParticiple, isPrenominal, standsWhereNounsStand, subjectsOf } from './word-classes.js';

/** Verbs whose infinitive complement has the verb's object as its subject: in the passive they do not fuse with it. */
const OBJECT_CONTROL: readonly string[] = [
  ...['ask', 'tell', 'order', 'force', 'require', 'allow', 'permit', 'urge', 'encourage', 'persuade', 'advise', 'invite', 'instruct'],
  ...['enable', 'oblige', 'authorize', 'compel', 'convince', 'request', 'teach', 'forbid', 'motivate', 'lead', 'warn', 'train', 'hire'],
  ...['appoint', 'design', 'empower', 'entitle', 'pressure', 'prompt', 'remind', 'tempt', 'select', 'choose'],
];

/** Verbs that link a subject to a participle read as an adjective: "remained unchanged". */
const LINKING: readonly string[] = ['stay', 'remain', 'feel', 'seem', 'look', 'become', 'go', 'rest', 'appear', 'sound', 'grow'];

/** The longest insertion between two words of one verb group. */
const LONGEST_INSERTION = 5;
const LONGEST_FUSED_INSERTION = 4;

/** The auxiliaries and the verb of one predicate. */
interface VerbGroup {
  readonly head: Word;
  /** Whether the head itself is a verb of the group; else the group is the copula and auxiliaries of another predicate. */
  readonly hasLexicalVerb: boolean;
  /** Unbroken stretches in the order of the sentence; several when, say, a subject stands between auxiliary and verb. */
  readonly runs: readonly (readonly Word[])[];
}

/** A participle after a linking verb is an adjective phrase, not part of the verb group. */
export function isAdjectivalComplement(word: Word): boolean {
  return (
    word.tag === 'VBN' &&
    word.base === 'xcomp' &&
    word.head.isVerbal &&
    LINKING.includes(word.head.lemma) &&
    !word.governs((child) => child.as('aux', 'mark'))
  );
}

/** VP: verb groups with their auxiliaries, inner adverbs and the infinitives and gerunds that have no subject of their own. */
export function markVerbPhrases(chunking: Chunking): void {
  const { tree } = chunking;
  const groups = new Map<Word, VerbGroup>();
  const detachedCopulas: (readonly Word[])[] = [];
  for (const word of tree.words) {
    const predicate = predicateOf(word);
    if (!predicate) continue;
    if (predicate.copula.length > 0) detachedCopulas.push(predicate.copula);
    if (word.isPunctuation) continue;
    const elements = withLeadingAdverb(tree, word, withoutInverted(tree, word, predicate.elements), predicate.hasLexicalVerb);
    if (elements.length > 0) groups.set(word, { head: word, hasLexicalVerb: predicate.hasLexicalVerb, runs: runsOf(tree, elements) });
  }

  for (const run of fuse(tree, groups)) if (run.some((word) => word.isVerbal || word.tagged('TO', 'POS'))) chunking.mark('VP', run);
  for (const copula of detachedCopulas) for (const run of runsOf(tree, copula)) chunking.mark('VP', run);
}

interface Predicate {
  readonly hasLexicalVerb: boolean;
  readonly elements: readonly Word[];
  /** A copula that another verb of the same predicate follows ("is to leave" with "leave" as head): a group of its own. */
  readonly copula: readonly Word[];
}

function predicateOf(word: Word): Predicate | null {
  if (isAdjectivalComplement(word)) return null;
  if (!word.isVerbal || word.as('aux', 'cop', 'case', 'mark', 'cc', 'fixed')) {
    const verbs = word.children.filter((child) => isAuxiliary(child) && (child.isVerbal || child.tagged('TO', 'POS')));
    return copularPredicate(verbs);
  }
  if (word.tagged('VBN', 'VBG', 'VB', 'VBD', 'VBP') && isPrenominal(word)) return null;
  if (isVerbalNoun(word)) return null;

  const auxiliaries = word.children.filter((child) => child.isBefore(word) && isAuxiliary(child));
  const isAdjectivalParticiple = word.tagged('VBN', 'VBG', 'VBD') && word.upos === 'ADJ';
  if (isAdjectivalParticiple) return copularPredicate(auxiliaries);

  const afterCopula = auxiliaries.findLastIndex((auxiliary) => auxiliary.base === 'cop') + 1;
  return { hasLexicalVerb: true, elements: [...auxiliaries.slice(afterCopula), word], copula: auxiliaries.slice(0, afterCopula) };
}

function copularPredicate(elements: readonly Word[]): Predicate | null {
  return elements.length > 0 ? { hasLexicalVerb: false, elements, copula: [] } : null;
}

function isVerbalNoun(word: Word): boolean {
  return (
    word.tagged('VBG', 'VBN') &&
    isNominalParticiple(word) &&
    standsWhereNounsStand(word) &&
    !word.governs((child) => child.as('obj', 'aux', 'nsubj'))
  );
}

/** Leaves out a verb that inversion has put before its subject ("Did she leave", "Is he here"): no VP in CoNLL-2000. */
function withoutInverted(tree: DependencyTree, head: Word, elements: readonly Word[]): readonly Word[] {
  const subjects = subjectsOf(head);
  const first = elements[0] as Word;
  if (subjects.length === 0 || !first.isVerbal || subjects.some((subject) => subject.isBefore(first))) return elements;

  const end = Math.max((elements.at(-1) as Word).position, head.position);
  const isInverted =
    first !== head && first.as('aux', 'cop')
      ? subjects.some((subject) => first.isBefore(subject) && subject.position < end)
      : first === head && head.lemma === 'be' && subjects.includes(tree.next(head));
  return isInverted ? elements.slice(1) : elements;
}

/** "newly built", after its noun: an adverb that directly precedes a reduced relative belongs to the group. */
function withLeadingAdverb(tree: DependencyTree, head: Word, elements: readonly Word[], hasLexicalVerb: boolean): readonly Word[] {
  const isBareParticiple = hasLexicalVerb && elements.length === 1 && head.tagged('VBN', 'VBG') && head.as('acl', 'advcl');
  if (!isBareParticiple) return elements;
  const adverb = tree.previous(head);
  const leads =
    adverb.tag === 'RB' && !adverb.reads('not', "n't") && adverb.head === head && adverb.base === 'advmod' && adverb.children.length === 0;
  return leads ? [adverb, head] : elements;
}

/** Joins the elements of a group over the adverbs between them; anything else there splits the group. */
function runsOf(tree: DependencyTree, elements: readonly Word[]): Word[][] {
  const runs: Word[][] = [];
  for (const [i, element] of elements.entries()) {
    const previous = elements[i - 1];
    const between = previous ? tree.between(previous.position, element.position) : [];
    if (previous && between.length <= LONGEST_INSERTION && between.every(mayStandInside)) runs.at(-1)?.push(...between, element);
    else runs.push([element]);
  }
  return runs;
}

function mayStandInside(word: Word): boolean {
  if (word.base === 'cc') return false;
  if (word.isAdverb || word.tag === 'HYPH') return true;
  if (word.isPunctuation && !word.tagged(',', ':', '-LRB-', '-RRB-')) return true;
  const inAdverbial = word.as('advmod', 'fixed') && word.head.base === 'advmod';
  return (
    (inAdverbial && word.tagged('IN', 'DT', 'JJ', 'CC', 'UH', 'JJR', 'CD')) ||
    (word.base === 'advmod' && word.tagged('DT', 'IN', 'JJ', 'NN'))
  );
}

/**
 * Puts together the groups that CoNLL-2000 reads as one chunk: a verb with its infinitive or gerund ("wants to go"), two
 * bare coordinated verbs ("cut and dried").
 */
function fuse(tree: DependencyTree, groups: ReadonlyMap<Word, VerbGroup>): Word[][] {
  const complements = new Set<VerbGroup>();
  const conjuncts = new Set<VerbGroup>();
  for (const group of groups.values()) {
    const governor = groups.get(group.head.head);
    if (!governor) continue;
    if (isFusedComplement(tree, group, governor)) complements.add(group);
    else if (isFusedConjunct(tree, group, governor)) conjuncts.add(group);
  }
  const isFused = (group: VerbGroup): boolean => complements.has(group) || conjuncts.has(group);

  const families = new Map<VerbGroup, VerbGroup[]>();
  for (const group of groups.values()) {
    let root = group;
    while (isFused(root)) root = groups.get(root.head.head) as VerbGroup;
    families.set(root, [...(families.get(root) ?? []), group]);
  }

  const chunks: Word[][] = [];
  for (const root of [...families.keys()].sort((a, b) => a.head.position - b.head.position)) {
    const family = families.get(root) as VerbGroup[];
    const parts = family
      .flatMap((group) => group.runs.map((run, i) => ({ group, run, opens: i === 0 })))
      .sort((a, b) => (a.run[0] as Word).position - (b.run[0] as Word).position);
    let current: Word[] = [];
    for (const { group, run, opens } of parts) {
      const between = current.length > 0 ? tree.between((current.at(-1) as Word).position, (run[0] as Word).position) : [];
      const continues =
        opens &&
        isFused(group) &&
        current.includes(group.head.head) &&
        between.length <= LONGEST_FUSED_INSERTION &&
        (conjuncts.has(group) || between.every((word) => word.isAdverb));
      if (continues) {
        current.push(...between, ...run);
      } else {
        current = [...run];
        chunks.push(current);
      }
    }
  }
  return chunks;
}

function isFusedComplement(tree: DependencyTree, group: VerbGroup, governor: VerbGroup): boolean {
  const { head } = group;
  const start = group.runs[0]?.[0] as Word;
  const isClauseWithoutSubject = head.base === 'ccomp' && start.tagged('VBG', 'TO') && subjectsOf(head).length === 0;
  if (!(head.base === 'xcomp' || isClauseWithoutSubject) || !governor.head.isBefore(head) || !governor.hasLexicalVerb) return false;

  const isPassive = governor.head.governs((child) => child.relation === 'aux:pass');
  if (isPassive && OBJECT_CONTROL.includes(governor.head.lemma)) return false;

  const complementStandsBetween = governor.head.rightward.some(
    (child) => child.as('obj', 'iobj', 'compound', 'obl') && child.isBefore(start),
  );
  if (complementStandsBetween) return false;
  if (!start.tagged('TO') && !(group.hasLexicalVerb && start.tagged('VBG', 'VB', 'VBN'))) return false;

  const end = governor.runs.at(-1)?.at(-1) as Word;
  const between = tree.between(end.position, start.position);
  return !end.isBefore(governor.head) && between.every((word) => word.isAdverb && word.base !== 'cc');
}

function isFusedConjunct(tree: DependencyTree, group: VerbGroup, governor: VerbGroup): boolean {
  const { head } = group;
  if (head.base !== 'conj' || !group.hasLexicalVerb || !governor.hasLexicalVerb || head.tag !== governor.head.tag) return false;
  const isBare = group.runs.length === 1 && group.runs[0]?.length === 1 && group.runs[0][0] === head;
  const between = tree.between(governor.head.position, head.position);
  return (
    isBare &&
    between.length >= 1 &&
    between.length <= 2 &&
    between.every(isConnective) &&
    head.rightward.every((child) => child.as('punct', 'conj', 'cc')) &&
    !head.leftward.some((child) => child.as('aux', 'advmod', 'mark', 'nsubj', 'obl'))
  );
}
