import type { DependencyTree, Word } from '../dependency-tree.js';

/** Chunk types of the CoNLL-2000 shared task that the rules make. */
export type ChunkType = 'NP' | 'VP' | 'PP' | 'ADVP' | 'ADJP' | 'SBAR' | 'PRT' | 'CONJP' | 'INTJ' | 'LST';

/** A chunk neither begins nor ends with one of these, except a list marker. */
const EDGE_TAGS: readonly string[] = [',', '.', ':', '-LRB-', '-RRB-', 'NFP', 'HYPH', '``', "''"];

/** Chunks under construction: rules run one after another and each takes words that no earlier rule took. */
export class Chunking {
  /** Chunk of each word: an index into `#types`, or 0 for none yet. */
  readonly #chunkOf: number[];
  readonly #types: (ChunkType | null)[] = [null];

  constructor(readonly tree: DependencyTree) {
    this.#chunkOf = new Array<number>(tree.words.length + 1).fill(0);
  }

  isFree(word: Word): boolean {
    return this.#chunkOf[word.position] === 0;
  }

  areFree(words: readonly Word[]): boolean {
    return words.every((word) => this.isFree(word));
  }

  /** Makes one chunk of each unbroken stretch of the words that are still free, outer punctuation left off. */
  mark(type: ChunkType, words: readonly Word[]): void {
    let free = [...new Set(words)].filter((word) => this.isFree(word)).sort((a, b) => a.position - b.position);
    if (type !== 'LST') {
      const first = free.findIndex((word) => !EDGE_TAGS.includes(word.tag));
      const last = free.findLastIndex((word) => !EDGE_TAGS.includes(word.tag));
      free = first < 0 ? [] : free.slice(first, last + 1);
    }
    for (const [i, word] of free.entries()) {
      if (free[i - 1]?.position !== word.position - 1) this.#types.push(type);
      this.#chunkOf[word.position] = this.#types.length - 1;
    }
  }

  /** One BIO tag a word; every chunk opens with `B-`. */
  toTags(): string[] {
    return this.tree.words.map(({ position }) => {
      const chunk = this.#chunkOf[position] as number;
      if (chunk === 0) return 'O';
      return `${this.#chunkOf[position - 1] === chunk ? 'I' : 'B'}-${this.#types[chunk]}`;
    });
  }
}
