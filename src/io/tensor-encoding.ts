// How the values of a tensor are written where not every one of them is an f32 of the file. Decoding is exact, and decoded values
// give the same bytes again: an encoding is a property of the values, not a second form of them.
import { countBits } from '../evaluate/overlap.js';

/**
 * `kept`: only the elements that a mask keeps, ascending; the others are +0.
 * `rows8`: each row as signed bytes and a scale, a power of two, so that byte times scale is exact.
 */
export type TensorEncoding = 'kept' | 'rows8';

/** Rows of signed bytes: element (r, c) is `bytes[r * columns + c] * scales[r]`. */
export interface ByteRows {
  readonly bytes: Int8Array;
  /** +0 for a row with nothing from 2^-126 in magnitude, else the smallest power of two, from 2^-126, with which no byte is beyond 127 in magnitude. */
  readonly scales: Float32Array;
}

const MAXIMUM_BYTE = 127;
/** 2^-126, and its bits. */
const SMALLEST_NORMAL = 1.1754943508222875e-38;
const SMALLEST_NORMAL_PATTERN = 0x00800000;
const INFINITE_PATTERN = 0x7f800000;
/** The largest f32. */
const LARGEST = 3.4028234663852886e38;

const isKept = (union: Uint32Array, element: number): boolean => ((union[element >> 5]! >>> (element & 31)) & 1) === 1;

/** The elements of `values` whose bit in `union` is 1, ascending. */
export function encodeKept(values: Float32Array, union: Uint32Array): Float32Array<ArrayBuffer> {
  return values.filter((_, element) => isKept(union, element));
}

/** Elements for the 1 bits of `union` put back into their places among `size`; as many as it has 1 bits. */
export function decodeKept(kept: Float32Array, union: Uint32Array, size: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(size);
  let next = 0;
  for (let word = 0; word < union.length; word++) {
    // Bit by bit from the lowest one: most words of a sparse mask have few.
    for (let left = union[word]!; left !== 0; left &= left - 1) values[32 * word + 31 - Math.clz32(left & -left)] = kept[next++]!;
  }
  return values;
}

/** Which elements any of `masks`, of `size` elements each, keeps, and how many these are. */
export function unionOf(masks: readonly Uint32Array[], size: number): { readonly bits: Uint32Array<ArrayBuffer>; readonly count: number } {
  const bits = new Uint32Array(Math.ceil(size / 32));
  for (const mask of masks) for (let i = 0; i < bits.length; i++) bits[i]! |= mask[i]!;
  return { bits, count: countBits(bits) };
}

/** Rows of `columns` values below 2^127 in magnitude, each rounded to the nearest multiple of its scale, halves upwards. */
export function encodeRows(values: Float32Array, columns: number): ByteRows {
  const rows = columns === 0 ? 0 : values.length / columns;
  const bytes = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * columns, (r + 1) * columns);
    const scale = scaleOf(row);
    scales[r] = scale;
    if (scale > 0) for (let c = 0; c < columns; c++) bytes[r * columns + c] = Math.round(row[c]! / scale);
  }
  return { bytes, scales };
}

/** The values of byte rows, exact in f32. */
export function decodeRows({ bytes, scales }: ByteRows): Float32Array<ArrayBuffer> {
  const columns = scales.length === 0 ? 0 : bytes.length / scales.length;
  const values = new Float32Array(bytes.length);
  for (let r = 0; r < scales.length; r++) {
    const scale = scales[r]!;
    for (let i = r * columns; i < (r + 1) * columns; i++) values[i] = bytes[i]! * scale;
  }
  return values;
}

/** Whether `encodeRows` would make these of their values: the scale of each row fits its largest byte, and every value is finite. */
export function areRowsOfValues({ bytes, scales }: ByteRows): boolean {
  const columns = scales.length === 0 ? 0 : bytes.length / scales.length;
  if (columns === 0) return scales.length === 0;
  const patterns = new Uint32Array(scales.buffer, scales.byteOffset, scales.length);
  for (let r = 0; r < scales.length; r++) {
    const largest = largestByte(bytes, r * columns, (r + 1) * columns);
    const pattern = patterns[r]!;
    if (largest === 0 ? pattern !== 0 : !fits(largest, pattern) || largest * scales[r]! > LARGEST) return false;
  }
  return true;
}

/** Whether the bits of a scale are those of the smallest power of two for a row whose largest byte this is. */
function fits(largest: number, pattern: number): boolean {
  const isPower = (pattern & 0x7fffff) === 0 && pattern >= SMALLEST_NORMAL_PATTERN && pattern < INFINITE_PATTERN;
  return isPower && largest <= MAXIMUM_BYTE && (2 * largest > MAXIMUM_BYTE || pattern === SMALLEST_NORMAL_PATTERN);
}

function largestByte(bytes: Int8Array, begin: number, end: number): number {
  let largest = 0;
  for (let i = begin; i < end; i++) {
    const magnitude = Math.abs(bytes[i]!);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** Dividing by a power of two, or doubling it, is exact: a scale depends on nothing but its row. */
function scaleOf(row: Float32Array): number {
  let largest = 0;
  for (let c = 0; c < row.length; c++) largest = Math.max(largest, Math.abs(row[c]!));
  if (largest < SMALLEST_NORMAL) return 0;
  let scale = 1;
  while (Math.round(largest / scale) > MAXIMUM_BYTE) scale *= 2;
  while (scale > SMALLEST_NORMAL && Math.round((2 * largest) / scale) <= MAXIMUM_BYTE) scale /= 2;
  return scale;
}
