import type { Arena } from '../runtime/arena.js';
import { roundUp } from '../runtime/layout.js';
import type { PackedBatch } from './pack-batch.js';

/** The most that batches of one plan need. */
export interface BatchCapacity {
  readonly positions: number;
  readonly tokens: number;
  readonly steps: number;
  /** Lanes of the first time step. */
  readonly lanes: number;
  readonly words: number;
  readonly characters: number;
}

/**
 * Row stride of activations over `positions` columns: an odd multiple of 16 elements, so that rows start on cache lines
 * and never fall into the same cache sets.
 */
export function strideFor(positions: number): number {
  return (roundUp(positions, 16) / 16) % 2 === 1 ? roundUp(positions, 16) : roundUp(positions, 16) + 16;
}

export function capacityOf(batch: PackedBatch): BatchCapacity {
  return {
    positions: batch.positions,
    tokens: batch.tokens,
    steps: batch.steps,
    lanes: batch.base[1] ?? 0,
    words: batch.words.count,
    characters: batch.words.characters.length,
  };
}

export function fits(need: BatchCapacity, have: BatchCapacity): boolean {
  return (Object.keys(need) as (keyof BatchCapacity)[]).every((key) => need[key] <= have[key]);
}

export function largerCapacity(a: BatchCapacity, b: BatchCapacity): BatchCapacity {
  return {
    positions: Math.max(a.positions, b.positions),
    tokens: Math.max(a.tokens, b.tokens),
    steps: Math.max(a.steps, b.steps),
    lanes: Math.max(a.lanes, b.lanes),
    words: Math.max(a.words, b.words),
    characters: Math.max(a.characters, b.characters),
  };
}

/** The integer arrays of a batch in kernel memory. */
export class BatchMemory {
  readonly base: number;
  readonly valid: number;
  readonly time: number;
  readonly rank: number;
  readonly listing: number;
  readonly tags: number;
  readonly wordRows: number;
  readonly wordIndex: number;
  readonly wordStart: number;
  readonly wordPositions: number;
  readonly characterStart: number;
  readonly characters: number;
  readonly characterIndex: number;
  readonly characterType: number;

  constructor(
    private readonly arena: Arena,
    readonly capacity: BatchCapacity,
  ) {
    const { positions, tokens, steps, words, characters } = capacity;
    const take = (name: string, count: number): number => arena.allocateWords(`batch ${name}`, count);
    this.base = take('base', steps + 1);
    this.valid = take('valid', steps);
    this.time = take('time', positions);
    this.rank = take('rank', positions);
    this.listing = take('listing', tokens);
    this.tags = take('tags', positions);
    this.wordRows = take('word rows', positions);
    this.wordIndex = take('word index', positions);
    this.wordStart = take('word start', words + 1);
    this.wordPositions = take('word positions', tokens);
    this.characterStart = take('character start', words + 1);
    // Kernels read whole groups of four; the padding reads row -1 and key 0.
    const padded = roundUp(characters, 4);
    this.characters = take('characters', padded);
    this.characterIndex = take('character index', padded);
    this.characterType = take('character type', padded);
  }

  write(batch: PackedBatch): void {
    const put = (pointer: number, values: Int32Array | Uint32Array): void => {
      this.arena.u32(pointer, values.length).set(values);
    };
    put(this.base, batch.base);
    put(this.valid, batch.valid);
    put(this.time, batch.time);
    put(this.rank, batch.rank);
    put(this.listing, batch.listing);
    put(this.tags, batch.tags);
    put(this.wordRows, batch.wordRows);
    put(this.wordIndex, batch.wordIndex);
    const { words } = batch;
    put(this.wordStart, words.positionStart);
    put(this.wordPositions, words.positions);
    put(this.characterStart, words.characterStart);
    const count = words.characters.length;
    this.arena.i32(this.characters, roundUp(count, 4)).fill(-1, count);
    put(this.characters, words.characters);
    this.arena.u32(this.characterIndex, roundUp(count, 4)).fill(0, count);
    put(this.characterIndex, words.characterIndex);
    this.arena.u32(this.characterType, roundUp(count, 4)).fill(0, count);
    put(this.characterType, words.characterType);
  }
}
