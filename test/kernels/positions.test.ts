import { describe, expect, test } from 'vitest';
import { type Bench, onEveryBuild, testNumbers } from './harness.js';
import { blank, inner, plane, rowsOf, wholeRows } from './planes.js';

/** Which source each position reads, or a negative number at padding. */
interface Moves {
  readonly sources: number;
  readonly features: number;
  readonly sourceOf: readonly number[];
}

/** Every count around a group of four; sources that nobody reads, that one reads and that many read. */
const CASES: readonly Moves[] = [1, 3, 4, 7, 16, 21].flatMap((positions, n) =>
  [1, 2, 5].map((features) => {
    const next = testNumbers(100 * n + features);
    const sources = 1 + (n % 4) * 2;
    const sourceOf = Array.from({ length: positions }, () => Math.floor(((next() + 1) / 2) * (sources + 1)) - 1);
    return { sources, features, sourceOf };
  }),
);

/** Positions by source, in ascending order: the inverse of `sourceOf`. */
function lists({ sources, sourceOf }: Moves): { start: number[]; list: number[] } {
  const start = [0];
  const list: number[] = [];
  for (let source = 0; source < sources; source++) {
    sourceOf.forEach((s, p) => {
      if (s === source) list.push(p);
    });
    start.push(list.length);
  }
  return { start, list };
}

function gatherRows(bench: Bench, table: readonly number[][], { features, sourceOf }: Moves): number[][] {
  const stride = sourceOf.length + 3;
  const x = bench.f32(blank(features, sourceOf.length, stride));
  bench.kernels.embeddingGather(x, stride, bench.f32(table.flat()), features, bench.i32(sourceOf), sourceOf.length);
  return rowsOf(bench.readF32(x, features * stride), sourceOf.length, stride);
}

function scatterRows(bench: Bench, dx: readonly number[][], moves: Moves): number[][] {
  const { sources, features, sourceOf } = moves;
  const stride = sourceOf.length + 3;
  const { start, list } = lists(moves);
  const out = bench.f32(blank(sources, features, features));
  bench.kernels.embeddingScatter(out, features, bench.f32(plane(dx, stride)), stride, bench.u32(start), bench.u32(list), sources);
  return rowsOf(bench.readF32(out, sources * features), features, features);
}

function gatherColumns(bench: Bench, x: readonly number[][], { sources, features, sourceOf }: Moves): number[][] {
  const [xStride, yStride] = [sources + 1, sourceOf.length + 2];
  const y = bench.f32(blank(features, sourceOf.length, yStride));
  bench.kernels.gatherPositions(y, yStride, bench.f32(plane(x, xStride)), xStride, features, bench.i32(sourceOf), sourceOf.length);
  return rowsOf(bench.readF32(y, features * yStride), sourceOf.length, yStride);
}

function scatterColumns(bench: Bench, dy: readonly number[][], moves: Moves, padded: number): number[][] {
  const { sources, features, sourceOf } = moves;
  const [xStride, yStride] = [padded + 1, sourceOf.length + 2];
  const { start, list } = lists(moves);
  const dx = bench.f32(blank(features, padded, xStride));
  bench.kernels.scatterPositions(
    dx,
    xStride,
    bench.f32(plane(dy, yStride)),
    yStride,
    features,
    bench.u32(start),
    bench.u32(list),
    sources,
    padded,
  );
  return rowsOf(bench.readF32(dx, features * xStride), padded, xStride);
}

function transpose(rows: readonly number[][]): number[][] {
  return rows[0]!.map((_, c) => rows.map((row) => row[c]!));
}

describe('embedding rows', () => {
  test('are copied to the columns of their positions, exact +0 at padding', async () => {
    for (const moves of CASES) {
      const table = wholeRows(moves.sources, moves.features, testNumbers(7));
      for (const x of await onEveryBuild((bench) => gatherRows(bench, table, moves))) {
        expect(x).toEqual(Array.from({ length: moves.features }, (_, f) => moves.sourceOf.map((row) => (row < 0 ? 0 : table[row]![f]))));
      }
    }
  });

  test('get the sum of the gradients of their positions, +0 where no position reads them: the adjoint of the copy', async () => {
    for (const moves of CASES) {
      const next = testNumbers(8);
      const table = wholeRows(moves.sources, moves.features, next);
      const dx = wholeRows(moves.features, moves.sourceOf.length, next);
      const expected = table.map((row, source) =>
        row.map((_, f) => dx[f]!.reduce((sum, value, p) => (moves.sourceOf[p] === source ? sum + value : sum), 0)),
      );
      for (const dRows of await onEveryBuild((bench) => scatterRows(bench, dx, moves))) {
        expect(dRows).toEqual(expected);
        const [x] = await onEveryBuild((bench) => gatherRows(bench, table, moves));
        expect(inner(x!, dx)).toBe(inner(table, dRows));
      }
    }
  });

  test('sum their gradients in the order of the list', async () => {
    const dx = [[1, 1e8, -1e8, 3]];
    const inOrder = (list: number[]): Promise<number[]> =>
      onEveryBuild((bench) => {
        const out = bench.words(1);
        bench.kernels.embeddingScatter(out, 1, bench.f32(dx[0]!), 4, bench.u32([0, list.length]), bench.u32(list), 1);
        return bench.readF32(out, 1)[0]!;
      });
    expect(await inOrder([0, 1, 2, 3])).toEqual([3, 3, 3]);
    expect(await inOrder([1, 2, 0, 3])).toEqual([4, 4, 4]);
  });
});

describe('columns', () => {
  test('are copied by index, exact +0 at padding', async () => {
    for (const moves of CASES) {
      const x = wholeRows(moves.features, moves.sources, testNumbers(9));
      for (const y of await onEveryBuild((bench) => gatherColumns(bench, x, moves))) {
        expect(y).toEqual(x.map((row) => moves.sourceOf.map((source) => (source < 0 ? 0 : row[source]))));
      }
    }
  });

  test('get the sum of the gradients of their copies, +0 in the padding: the adjoint of the copy', async () => {
    for (const moves of CASES) {
      const next = testNumbers(10);
      const x = wholeRows(moves.features, moves.sources, next);
      const dy = wholeRows(moves.features, moves.sourceOf.length, next);
      const padded = 4 * Math.ceil(moves.sources / 4);
      const [y] = await onEveryBuild((bench) => gatherColumns(bench, x, moves));
      for (const dx of await onEveryBuild((bench) => scatterColumns(bench, dy, moves, padded))) {
        const [own, padding] = [dx.map((row) => row.slice(0, moves.sources)), dx.map((row) => row.slice(moves.sources))];
        expect(inner(y!, dy)).toBe(inner(x, own));
        expect(padding).toEqual(padding.map((row) => row.map(() => 0)));
      }
    }
  });

  test('move like the rows of an embedding', async () => {
    const moves = CASES[10]!;
    const table = wholeRows(moves.sources, moves.features, testNumbers(11));
    const dx = wholeRows(moves.features, moves.sourceOf.length, testNumbers(12));
    await onEveryBuild((bench) => {
      expect(gatherColumns(bench, transpose(table), moves)).toEqual(gatherRows(bench, table, moves));
      expect(scatterColumns(bench, dx, moves, moves.sources)).toEqual(transpose(scatterRows(bench, dx, moves)));
    });
  });
});
