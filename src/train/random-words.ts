import type { RandomKey } from '../model/random-streams.js';
import type { Runtime } from '../runtime/runtime.js';

/** Draws whole random words for shuffles and choices; the words are a function of the key and place alone. */
export class RandomWords {
  readonly #buffer: number;

  constructor(
    private readonly runtime: Runtime,
    private readonly capacity: number,
  ) {
    this.#buffer = runtime.arena.allocateWords('random words', capacity);
  }

  /** `count` words of (seed, phase, stream, a, b). */
  draw(key: RandomKey, stream: number, a: number, b: number, count: number): Uint32Array {
    if (count > this.capacity) throw new RangeError(`${count} random words asked for, room for ${this.capacity}`);
    this.runtime.kernels.randomWords(this.#buffer, count, key.seed, key.phase, stream, a, b);
    return this.runtime.arena.u32(this.#buffer, count).slice();
  }

  /** 0 .. count - 1 in random order: sorted by their random word, ties by number. */
  permutation(key: RandomKey, stream: number, a: number, b: number, count: number): Int32Array {
    const words = this.draw(key, stream, a, b, count);
    return Int32Array.from({ length: count }, (_, i) => i).sort((i, j) => words[i]! - words[j]! || i - j);
  }
}
