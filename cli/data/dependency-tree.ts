import type { TreebankToken } from './conllu.js';

const PUNCTUATION = 'punct';

/** A word in its tree. Words compare by identity; `position` counts from 1 and 0 is the artificial root. */
export class Word {
  /** Dependents in the order of the sentence. */
  readonly children: Word[] = [];
  /** Relation without its subtype: `nmod` of `nmod:poss`. */
  readonly base: string;
  /** The form in lower case. */
  readonly lower: string;
  #head: Word = this;
  #subtree: readonly Word[] | null = null;

  constructor(
    readonly position: number,
    readonly form: string,
    readonly lemma: string,
    readonly upos: string,
    /** Penn tag. */
    readonly tag: string,
    readonly relation: string,
  ) {
    this.base = relation.split(':', 1)[0] as string;
    this.lower = form.toLowerCase();
  }

  /** The governor; the artificial root for the sentence's root, itself for the artificial root. */
  get head(): Word {
    return this.#head;
  }

  attachTo(head: Word): void {
    this.#head = head;
    head.children.push(this);
  }

  /** The word and everything under it, in the order of the sentence. */
  get subtree(): readonly Word[] {
    this.#subtree ??= [this, ...this.children.flatMap((child) => child.subtree)].sort((a, b) => a.position - b.position);
    return this.#subtree;
  }

  /** Dependents before the word, nearest first. */
  get leftward(): Word[] {
    return this.children.filter((child) => child.isBefore(this)).reverse();
  }

  /** Dependents after the word, nearest first. */
  get rightward(): Word[] {
    return this.children.filter((child) => this.isBefore(child));
  }

  isBefore(other: Word): boolean {
    return this.position < other.position;
  }

  /** Whether the Penn tag is one of these. */
  tagged(...tags: readonly string[]): boolean {
    return tags.includes(this.tag);
  }

  /** Whether the relation, without its subtype, is one of these. */
  as(...bases: readonly string[]): boolean {
    return bases.includes(this.base);
  }

  /** Whether the relation, subtype included, is one of these. */
  exactlyAs(...relations: readonly string[]): boolean {
    return relations.includes(this.relation);
  }

  /** Whether the word, in lower case, is one of these. */
  reads(...words: readonly string[]): boolean {
    return words.includes(this.lower);
  }

  /** Whether a dependent satisfies the condition. */
  governs(condition: (child: Word) => boolean): boolean {
    return this.children.some(condition);
  }

  get isPunctuation(): boolean {
    return this.base === PUNCTUATION;
  }

  get isVerbal(): boolean {
    return this.tag.startsWith('VB') || this.tag === 'MD';
  }

  get isAdverb(): boolean {
    return this.tag.startsWith('RB');
  }

  get isNoun(): boolean {
    return this.tag.startsWith('NN');
  }

  get isProperNoun(): boolean {
    return this.tag.startsWith('NNP');
  }

  get isAdjective(): boolean {
    return this.tag.startsWith('JJ');
  }
}

/** The basic dependency tree of one sentence. */
export class DependencyTree {
  /** The words in order; `words[i].position` is `i + 1`. */
  readonly words: readonly Word[];
  readonly #root = new Word(0, '', '', '', '', '');

  constructor(tokens: readonly TreebankToken[]) {
    this.words = tokens.map((t, i) => new Word(i + 1, t.form, t.lemma.toLowerCase(), t.upos, t.xpos, t.relation));
    for (const [i, token] of tokens.entries()) this.words[i]!.attachTo(this.at(token.head));
  }

  /** The word at a position from 1; anywhere outside the sentence an empty word that satisfies no condition. */
  at(position: number): Word {
    return this.words[position - 1] ?? this.#root;
  }

  /** The words from one position to another, both included; none when they cross. */
  span(from: number, to: number): readonly Word[] {
    return this.words.slice(Math.max(from, 1) - 1, Math.max(to, 0));
  }

  /** The words strictly between two positions. */
  between(left: number, right: number): readonly Word[] {
    return this.span(left + 1, right - 1);
  }

  next(word: Word): Word {
    return this.at(word.position + 1);
  }

  previous(word: Word): Word {
    return this.at(word.position - 1);
  }
}
