import { Sha256 } from '../io/sha256.js';
import { MASK_BITS } from '../runtime/layout.js';
import type { Runtime } from '../runtime/runtime.js';
import type { KernelName } from '../runtime/work.js';
import { Dice } from './dice.js';

/**
 * The buffers of one case in kernel memory: made-up numbers for a kernel to read, room for what it writes, and the
 * digest of it all, so that a write outside its outputs shows too. Numbers come from `seed`, in the order they are asked for.
 */
export class Probe {
  readonly #runtime: Runtime;
  readonly #dice: Dice;
  readonly #mark: number;
  readonly #buffers: { readonly pointer: number; readonly bytes: number }[] = [];
  readonly #results: number[] = [];

  constructor(runtime: Runtime, seed: number) {
    this.#runtime = runtime;
    this.#dice = new Dice(seed);
    this.#mark = runtime.arena.mark();
  }

  get kernels(): Runtime['kernels'] {
    return this.#runtime.kernels;
  }

  /** f32[count] in [-scale, scale). */
  numbers(count: number, scale = 1): number {
    return this.f32(Array.from({ length: count }, () => scale * (this.#dice.roll(0x1000000) / 0x800000 - 1)));
  }

  /** i32[count] in low .. high. */
  integers(count: number, low: number, high: number): number {
    return this.i32(Array.from({ length: count }, () => low + this.#dice.roll(high - low + 1)));
  }

  /** A mask that keeps about `percent` of `count` elements; padding bits are 0. */
  mask(count: number, percent: number): number {
    const words = new Int32Array(Math.ceil(count / MASK_BITS));
    for (let e = 0; e < count; e++) if (this.#dice.chance(percent)) words[e >> 5]! |= 1 << (e & 31);
    return this.i32(words);
  }

  f32(values: ArrayLike<number>): number {
    const pointer = this.zeros(values.length);
    this.#runtime.arena.f32(pointer, values.length).set(values);
    return pointer;
  }

  /** Also for u32. */
  i32(values: ArrayLike<number>): number {
    const pointer = this.zeros(values.length);
    this.#runtime.arena.i32(pointer, values.length).set(values);
    return pointer;
  }

  /** Room for `count` elements of 4 bytes. */
  zeros(count: number): number {
    const pointer = this.#runtime.arena.allocateWords('conformance', count);
    this.#buffers.push({ pointer, bytes: 4 * count });
    return pointer;
  }

  /** Room that is no part of the digest: builds may leave other things there. */
  scratch(bytes: number): number {
    return this.#runtime.arena.allocate('conformance', bytes);
  }

  /** Runs calls that write apart from one another, on the threads of the runtime. */
  run(kernel: KernelName, ...calls: readonly (readonly number[])[]): void {
    for (const values of calls) this.#runtime.work.add(kernel, ...values);
    this.#runtime.work.join();
  }

  /** Adds what a kernel returned to the digest. */
  result(value: number): void {
    this.#results.push(value);
  }

  /** SHA-256 of all buffers and results. Gives the memory back. */
  digest(): string {
    const { arena } = this.#runtime;
    const hash = new Sha256();
    for (const { pointer, bytes } of this.#buffers) hash.update(arena.u8(pointer, bytes));
    arena.release(this.#mark);
    return hash.update(new Uint8Array(Float64Array.from(this.#results).buffer)).hex();
  }
}
