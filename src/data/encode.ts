import { charactersOf } from './normalize.js';
import type { Sentence } from './sentence.js';
import { UNKNOWN_ROW } from './vocabulary.js';

/** What a lookup of a word or character needs to know; both vocabularies of a model are of this kind. */
export interface Lookup {
  idOf(item: string): number | undefined;
}

/** A distinct token as written, with what the model looks up for it. */
export interface WordType {
  /** Row of the word table (of the case-folded token where the model folds case). */
  readonly row: number;
  /** Rows of the character table, one a code point. */
  readonly characters: Int32Array;
}

/**
 * Distinct tokens in order of first occurrence. A word type's number keys the dropout of its characters, so the order
 * in which sentences are added is part of a run's recipe.
 */
export class WordTypes {
  readonly types: WordType[] = [];
  readonly #numberOf = new Map<string, number>();

  constructor(
    private readonly words: Lookup,
    private readonly characters: Lookup,
    private readonly fold: (token: string) => string,
  ) {}

  /** The number of a token's word type, made when new. */
  add(token: string): number {
    const known = this.#numberOf.get(token);
    if (known !== undefined) return known;
    const number = this.types.length;
    this.#numberOf.set(token, number);
    this.types.push({
      row: this.words.idOf(this.fold(token)) ?? UNKNOWN_ROW,
      characters: Int32Array.from(charactersOf(token), (character) => this.characters.idOf(character) ?? UNKNOWN_ROW),
    });
    return number;
  }

  encode(sentence: Pick<Sentence, 'tokens'>): Int32Array {
    return Int32Array.from(sentence.tokens, (token) => this.add(token));
  }
}

/** A sentence ready for batching: word type numbers and, where they are known, gold tag numbers. */
export interface EncodedSentence {
  readonly types: Int32Array;
  readonly tags: Int32Array | null;
}
