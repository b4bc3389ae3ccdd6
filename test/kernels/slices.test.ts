import { describe, expect, test } from 'vitest';
import { LANES } from '../../src/runtime/layout.js';
import { type Bench, onEveryBuild } from './harness.js';
import { isKept, randomMask, randomValues } from './matrices.js';

const SHAPES = [4, 8, 28].flatMap((rows) => [1, 2, 7, 33].map((columns) => ({ rows, columns })));

/** All pruned, one weight left, sparse, half, full. */
const MASKS: readonly [string, (n: number) => Uint32Array | null][] = [
  ['everything pruned', (n) => randomMask(n, -1, 1)],
  ['one weight left', (n) => randomMask(n, -1, 1).map((word, w) => (w === (n - 1) >> 5 ? word | (1 << ((n - 1) & 31)) : word))],
  ['a tenth kept', (n) => randomMask(n, 0.1, 2)],
  ['a half kept', (n) => randomMask(n, 0.5, 3)],
  ['everything kept', (n) => randomMask(n, 2, 1)],
  ['no mask', () => null],
];

interface Slices {
  readonly start: Uint32Array;
  readonly row: Uint32Array;
  readonly count: Uint32Array;
  readonly offset: Uint16Array;
  readonly value: Float32Array;
}

function slicesOf(bench: Bench, w: Float32Array, mask: Uint32Array | null, rows: number, columns: number): Slices {
  const kept = mask ? w.reduce((sum, _, e) => sum + Number(isKept(mask, e)), 0) : w.length;
  const room = Math.floor(kept / LANES) + columns;
  const [slices, offset, value] = [bench.words(rows / LANES + 1 + 2 * rows), bench.words(2 * room), bench.words(4 * room)] as const;
  const places = bench.kernels.sliceRows(slices, offset, mask ? bench.u32(mask) : 0, rows, columns);
  bench.kernels.sliceGather(value, bench.f32(w), slices, offset, rows, columns);
  const words = bench.readU32(slices, rows / LANES + 1 + 2 * rows);
  const row = words.slice(rows / LANES + 1);
  expect(words[rows / LANES]).toBe(places);
  return {
    start: words.slice(0, rows / LANES + 1),
    row: row.slice(0, rows),
    count: row.slice(rows),
    offset: new Uint16Array(bench.readU32(offset, 2 * places).buffer),
    value: bench.readF32(value, 4 * places),
  };
}

describe.each(MASKS)('slices with %s', (_name, maskOf) => {
  test.each(SHAPES)(
    'hold the kept entries of every row, columns ascending, then weights of +0 ($rows x $columns)',
    async ({ rows, columns }) => {
      const w = randomValues(rows * columns, 50);
      const mask = maskOf(rows * columns);
      const entriesOf = (r: number) => Array.from({ length: columns }, (_, c) => c).filter((c) => !mask || isKept(mask, r * columns + c));
      for (const { start, row, count, offset, value } of await onEveryBuild((bench) => slicesOf(bench, w, mask, rows, columns))) {
        const lengths = Array.from({ length: rows }, (_, r) => entriesOf(r).length);
        expect([...count]).toEqual(lengths);
        expect([...row]).toEqual(Array.from({ length: rows }, (_, r) => r).sort((a, b) => lengths[b]! - lengths[a]! || a - b));
        row.forEach((r, i) => {
          const slice = Math.floor(i / LANES);
          const places = Array.from({ length: start[slice + 1]! - start[slice]! }, (_, k) => (start[slice]! + k) * LANES + (i % LANES));
          expect(places.length).toBe(lengths[row[slice * LANES]!]);
          const entries = entriesOf(r);
          expect(places.map((e) => offset[e])).toEqual(places.map((_, k) => 4 * (entries[k] ?? 0)));
          expect(places.map((e) => value[e])).toEqual(places.map((_, k) => (k < entries.length ? w[r * columns + entries[k]!] : 0)));
        });
      }
    },
  );
});
