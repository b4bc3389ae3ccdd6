import type { DependencyTree, Word } from './dependency-tree.js';
import type { Mention } from './mentions.js';

/** Entity types of the flat names. */
export type NameType = 'PER' | 'LOC' | 'ORG' | 'MISC';

const NAME_TYPES: ReadonlyMap<string, NameType> = new Map([
  ['person', 'PER'],
  ['place', 'LOC'],
  ['organization', 'ORG'],
  ...['abstract', 'event', 'object', 'animal', 'plant', 'substance'].map((type): [string, NameType] => [type, 'MISC']),
]);

const NAME_PREPOSITIONS: readonly string[] = ['of', 'de', 'du', 'del', 'for', 'von', 'da'];
const ARTICLES: readonly string[] = ['the', 'la', 'los', 'las', 'an', 'a'];

interface Name {
  readonly type: NameType;
  readonly from: number;
  readonly to: number;
}

/**
 * Flat names, as BIO tags, from nested mentions that include pronouns and common nouns.
 *
 * A mention counts when its head is a proper noun; it is cut to the name around that head. Where names overlap the
 * longest stays (of equally long ones the first). Mentions of other types (times among them) are dropped.
 */
export function flattenNames(tree: DependencyTree, mentions: readonly Mention[]): string[] {
  const names = mentions
    .map((mention) => nameWithin(tree, mention, mentions))
    .filter((name) => name !== null)
    .sort((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from || (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
  const tags = new Array<string>(tree.words.length).fill('O');
  for (const { type, from, to } of names) {
    if (tags.slice(from - 1, to).some((tag) => tag !== 'O')) continue;
    tags.fill(`I-${type}`, from - 1, to).fill(`B-${type}`, from - 1, from);
  }
  return tags;
}

function nameWithin(tree: DependencyTree, mention: Mention, mentions: readonly Mention[]): Name | null {
  const type = NAME_TYPES.get(mention.type);
  const isInside = (word: Word): boolean => mention.from <= word.position && word.position <= mention.to;
  const head = tree.span(mention.from, mention.to).find((word) => !isInside(word.head));
  if (!type || !head?.isProperNoun) return null;

  const scope = new NameScope(tree, mention, head, mentions);
  const from = scope.firstOfName();
  const to = scope.lastOfName();
  if (scope.isPerson && head.tag === 'NNP' && from === to && from > mention.from && tree.at(from - 1).tag === 'DT') return null; // "the Petitioner"
  const isPeople = scope.isPerson && head.tag === 'NNPS' && head.base !== 'flat'; // "the Romans"
  return { type: isPeople ? 'MISC' : type, from, to };
}

/** The words around a proper noun that make its name, within one mention. */
class NameScope {
  readonly isPerson: boolean;
  /** Organizations and places inside a person's mention that are not the person: "Google chief Eric Schmidt". */
  readonly #affiliations: readonly Mention[];

  constructor(
    readonly tree: DependencyTree,
    readonly mention: Mention,
    readonly head: Word,
    mentions: readonly Mention[],
  ) {
    this.isPerson = mention.type === 'person';
    this.#affiliations = mentions.filter(
      (other) =>
        other !== mention &&
        (other.type === 'organization' || other.type === 'place') &&
        mention.from <= other.from &&
        other.to <= mention.to &&
        !covers(other, head.position),
    );
  }

  firstOfName(): number {
    let from = this.head.position;
    for (;;) {
      const next = this.#stepLeft(from);
      if (next === null || (this.isPerson && this.#isDescription(this.tree.at(next)))) return from;
      from = next;
    }
  }

  lastOfName(): number {
    let to = this.head.position;
    for (;;) {
      const next = this.#stepRight(to);
      if (next === null) return to;
      to = next;
    }
  }

  #stepLeft(from: number): number | null {
    if (this.#isProper(from - 1)) return from - 1;
    const beforeJoint = this.tree.at(from - 2);
    const continues = this.#isProper(from - 2) || (covers(this.mention, from - 2) && beforeJoint.tagged('CD', 'FW'));
    return this.#isJoint(from - 1) && continues ? from - 2 : null;
  }

  #stepRight(to: number): number | null {
    const next = this.tree.at(to + 1);
    if (!covers(this.mention, to + 1) || (this.isPerson && this.#isAffiliation(to + 1))) return null;
    if (this.#isProper(to + 1)) return to + 1;
    if (next.tagged('CD', 'LS') && this.tree.at(to).isProperNoun) return to + 1; // "Apollo 11"
    const afterJoint = covers(this.mention, to + 2) && this.tree.at(to + 2).tag === 'CD';
    if (this.#isJoint(to + 1) && (this.#isProper(to + 2) || afterJoint)) return to + 2;
    if (!this.isPerson && NAME_PREPOSITIONS.includes(next.lower)) return this.#afterPreposition(to + 1);
    // "and" joins two names unless the entity itself is known by a title with "and".
    if (next.lower === 'and' && this.mention.identity.includes('_and_') && this.#isProper(to + 2)) return to + 2;
    return null;
  }

  /** "Bank of England", "Museum of the Moving Image": the proper noun after a preposition and articles. */
  #afterPreposition(preposition: number): number | null {
    let position = preposition + 1;
    while (covers(this.mention, position) && ARTICLES.includes(this.tree.at(position).lower)) position++;
    return this.#isProper(position) ? position : null;
  }

  #isProper(position: number): boolean {
    return covers(this.mention, position) && this.tree.at(position).isProperNoun;
  }

  /** Hyphens, "&", dots and slashes inside names. */
  #isJoint(position: number): boolean {
    const word = this.tree.at(position);
    return covers(this.mention, position) && (word.tagged('HYPH', 'AFX') || ['&', '.', '/'].includes(word.form));
  }

  /** A title or an affiliation before a person's name is not of the name. */
  #isDescription(word: Word): boolean {
    return word.relation === 'nmod:desc' || word.base === 'appos' || this.#isAffiliation(word.position);
  }

  #isAffiliation(position: number): boolean {
    return this.#affiliations.some((mention) => covers(mention, position));
  }
}

function covers(mention: Mention, position: number): boolean {
  return mention.from <= position && position <= mention.to;
}
