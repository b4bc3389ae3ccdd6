import { createHash } from 'node:crypto';
import type { Runtime } from '../../src/runtime/runtime.js';

const ROWS = 52;
const DEPTH = 30;
const POSITIONS = 20;
const ROUNDS = 40;

/**
 * Joins many lists of products, each of a different number of row ranges and reading what the one before it wrote, and gives
 * the digest of the end: a call that was lost, run twice at once or run before its turn changes it.
 */
export function digestOfProducts({ arena, kernels, work }: Runtime): string {
  const take = (name: string, count: number, value: (i: number) => number): number => {
    const pointer = arena.allocateWords(name, count);
    arena.f32(pointer, count).set(Float32Array.from({ length: count }, (_, i) => value(i)));
    return pointer;
  };
  const uneven = (i: number): number => ((i * 7919) % 1000) / 1000 - 0.5;
  const weights = take('weights', ROWS * DEPTH, uneven);
  const panel = arena.allocateWords('panel', ROWS * DEPTH);
  kernels.packRows(panel, weights, 0, ROWS, DEPTH);
  const planes = [0, 1].map((n) => take('plane', ROWS * POSITIONS, (i) => uneven(i + n)));
  const words = new Uint32Array([...Array(POSITIONS).keys()]);
  const [first, second] = [arena.allocateWords('first', POSITIONS), arena.allocateWords('second', POSITIONS)] as const;
  for (const pointer of [first, second]) arena.u32(pointer, POSITIONS).set(words);
  const hash = createHash('sha256');
  for (let round = 0; round < ROUNDS; round++) {
    const [x, y] = [planes[round % 2]!, planes[(round + 1) % 2]!];
    const rows = 4 * (1 + (round % 13));
    for (let begin = 0; begin < ROWS; begin += rows)
      work.add('gemm', y, POSITIONS, panel, x, POSITIONS, DEPTH, POSITIONS, 0, 0, begin, Math.min(begin + rows, ROWS));
    work.join();
    // A call with a number that is no integer.
    work.add('dropout', y, y, POSITIONS, ROWS, POSITIONS, first, second, round, 1, 2, 3, Math.fround(0.1));
    work.join();
    // Memory that grows meanwhile is the same memory to every thread.
    if (round % 10 === 0) arena.allocateWords('more', 1 << 18);
    hash.update(arena.u8(y, 4 * ROWS * POSITIONS).slice());
  }
  return hash.digest('hex');
}
