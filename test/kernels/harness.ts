import { createRuntime, type KernelBuild, type Runtime } from '../../src/runtime/runtime.js';

/** Builds that must agree bit for bit. */
export const BUILDS: readonly KernelBuild[] = ['simd', 'threads', 'scalar'];

const CANARY = 0x5ca1ab1e;

/** Buffers begin here whatever the size of a build's constant tables, so that addresses can be compared too. */
const FIRST_BYTE = 8192;

/** A runtime with helpers to lay out buffers between canary words and to read them back. */
export class Bench {
  readonly #canaries: number[] = [];

  private constructor(readonly runtime: Runtime) {
    runtime.arena.allocate('constant tables', FIRST_BYTE - runtime.arena.usedBytes);
    this.#guard();
  }

  static async open(build: KernelBuild): Promise<Bench> {
    return new Bench(await createRuntime({ build }));
  }

  get kernels(): Runtime['kernels'] {
    return this.runtime.kernels;
  }

  #guard(): void {
    const pointer = this.runtime.arena.allocateWords('canary', 1);
    this.runtime.arena.u32(pointer, 1)[0] = CANARY;
    this.#canaries.push(pointer);
  }

  /** A zeroed buffer of `count` 4-byte elements, followed by a canary. */
  words(count: number): number {
    const pointer = this.runtime.arena.allocateWords('buffer', count);
    this.#guard();
    return pointer;
  }

  f32(values: ArrayLike<number>): number {
    const pointer = this.words(values.length);
    this.runtime.arena.f32(pointer, values.length).set(values);
    return pointer;
  }

  i32(values: ArrayLike<number>): number {
    const pointer = this.words(values.length);
    this.runtime.arena.i32(pointer, values.length).set(values);
    return pointer;
  }

  u32(values: ArrayLike<number>): number {
    const pointer = this.words(values.length);
    this.runtime.arena.u32(pointer, values.length).set(values);
    return pointer;
  }

  readF32(pointer: number, count: number): Float32Array {
    return this.runtime.arena.f32(pointer, count).slice();
  }

  readU32(pointer: number, count: number): Uint32Array {
    return this.runtime.arena.u32(pointer, count).slice();
  }

  readI32(pointer: number, count: number): Int32Array {
    return this.runtime.arena.i32(pointer, count).slice();
  }

  /** Fails when a kernel wrote outside the buffers it was given. */
  checkCanaries(): void {
    for (const pointer of this.#canaries) {
      if (this.runtime.arena.u32(pointer, 1)[0] !== CANARY) throw new Error(`a kernel wrote over the canary at ${pointer}`);
    }
  }
}

/** Runs `body` on every build and returns what each gave, for a bit comparison. */
export async function onEveryBuild<T>(body: (bench: Bench) => T): Promise<T[]> {
  const results: T[] = [];
  for (const build of BUILDS) {
    const bench = await Bench.open(build);
    results.push(body(bench));
    bench.checkCanaries();
  }
  return results;
}

/** Small replicable generator for test data (mulberry32): numbers in [-1, 1). */
export function testNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  };
}
