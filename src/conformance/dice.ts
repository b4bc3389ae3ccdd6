/** Whole numbers from a seed: a Weyl sequence through a 32-bit mixer. */
export class Dice {
  #state: number;

  /** @param seed 0 .. 2^32 - 1 */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 .. sides - 1, each about equally often. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) % sides;
  }

  chance(percent: number): boolean {
    return this.roll(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.roll(items.length)]!;
  }

  /** Frequent items first: the smaller of two rolls, as words of a language are not equally common. */
  pickSkewed<T>(items: readonly T[]): T {
    return items[Math.min(this.roll(items.length), this.roll(items.length))]!;
  }
}
