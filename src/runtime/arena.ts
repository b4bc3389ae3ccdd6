import { ResourceError } from '../errors.js';
import { roundUp } from './layout.js';

const WASM_PAGE_BYTES = 65536;

/** Pages of a kernel memory before anything is allocated; the kernels import no smaller one. */
export const INITIAL_PAGES = 16;
const ALIGN_BYTES = 64;

/** One named allocation, for the memory report. */
export interface Region {
  readonly name: string;
  readonly pointer: number;
  readonly bytes: number;
}

/**
 * The one allocator of kernel memory: regions follow one another, each on a 64-byte boundary, and are released
 * from the end only (`mark` / `release`). Memory grows when a region is taken, never inside a kernel.
 *
 * Views (`f32`, `f64`, `i32`, `u32`, `u8`) die when memory grows: take them, use them, drop them.
 */
export class Arena {
  #top: number;
  #peak: number;
  #regions: Region[] = [];

  constructor(
    readonly memory: WebAssembly.Memory,
    base: number,
  ) {
    this.#top = roundUp(base, ALIGN_BYTES);
    this.#peak = this.#top;
  }

  /** Bytes in use, constant tables of the module included. */
  get usedBytes(): number {
    return this.#top;
  }

  /** The most bytes that were ever in use. */
  get peakBytes(): number {
    return this.#peak;
  }

  /** Regions in use, in address order. */
  get regions(): readonly Region[] {
    return this.#regions;
  }

  /**
   * Takes `bytes` zeroed bytes and returns their address.
   * @throws {ResourceError} MEMORY_EXHAUSTED when the host refuses to grow the memory
   */
  allocate(name: string, bytes: number): number {
    const pointer = this.#top;
    const end = roundUp(pointer + bytes, ALIGN_BYTES);
    const have = this.memory.buffer.byteLength;
    if (end > have) {
      const pages = Math.ceil((end - have) / WASM_PAGE_BYTES);
      try {
        this.memory.grow(pages);
      } catch (cause) {
        throw new ResourceError(
          'MEMORY_EXHAUSTED',
          `cannot take ${bytes} bytes for ${name}: kernel memory is at ${have} bytes and the host refuses ${pages} more pages of 64 KiB; use a smaller model, batch or vocabulary`,
          { cause },
        );
      }
    }
    this.#top = end;
    this.#peak = Math.max(this.#peak, end);
    this.#regions.push({ name, pointer, bytes });
    new Uint8Array(this.memory.buffer, pointer, bytes).fill(0);
    return pointer;
  }

  /** Takes room for `count` elements of 4 bytes (f32, i32 or u32). */
  allocateWords(name: string, count: number): number {
    return this.allocate(name, 4 * count);
  }

  /** The present end, to come back to with `release`. */
  mark(): number {
    return this.#top;
  }

  /** Gives back every region taken since `mark`. */
  release(mark: number): void {
    this.#top = mark;
    while ((this.#regions.at(-1)?.pointer ?? -1) >= mark) this.#regions.pop();
  }

  f32(pointer: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, count);
  }

  f64(pointer: number, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, count);
  }

  i32(pointer: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, count);
  }

  u32(pointer: number, count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, pointer, count);
  }

  u8(pointer: number, bytes: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, bytes);
  }
}
