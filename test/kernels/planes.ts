// Activations as the kernels hold them, [feature][position] with a row stride, to and from plain rows.

/** What lies between a row's last position and the next row: it poisons every sum that reads it. */
export const GAP = Number.NaN;

/** Rows of equal length at `stride` elements; the gaps hold {@link GAP}. */
export function plane(rows: readonly ArrayLike<number>[], stride: number): Float32Array {
  const values = new Float32Array(rows.length * stride).fill(GAP);
  rows.forEach((row, r) => {
    values.set(row, r * stride);
  });
  return values;
}

/** A plane of `rows` rows to be written by a kernel: its columns hold `columns` wrong numbers, its gaps {@link GAP}. */
export function blank(rows: number, columns: number, stride: number): Float32Array {
  return plane(
    Array.from({ length: rows }, () => new Float32Array(columns).fill(-77)),
    stride,
  );
}

/** The first `columns` of every row; throws when a gap is no longer {@link GAP}. */
export function rowsOf(values: Float32Array, columns: number, stride: number): number[][] {
  return Array.from({ length: values.length / stride }, (_, r) => {
    const row = [...values.subarray(r * stride, (r + 1) * stride)];
    const touched = row.slice(columns).findIndex((value) => !Number.isNaN(value));
    if (touched >= 0) throw new Error(`row ${r}: the gap was written at column ${columns + touched}`);
    return row.slice(0, columns);
  });
}

/** Whole numbers in -8 .. 8 from numbers in [-1, 1): their sums and products are exact in f32. */
export function wholeRows(rows: number, columns: number, next: () => number): number[][] {
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => Math.round(8 * next()) + 0));
}

/** The inner product of two tables of one shape. */
export function inner(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  return a.reduce((sum, row, r) => sum + row.reduce((part, value, c) => part + value * b[r]![c]!, 0), 0);
}
