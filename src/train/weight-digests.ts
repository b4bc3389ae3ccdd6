import { Sha256 } from '../io/sha256.js';

/** What a run's weights were after a step, so that another run can be compared with it bit by bit. */
export interface WeightDigests {
  readonly name: string;
  /** Elements of the tensor. */
  readonly size: number;
  /** Of the runs of elements that `digestRuns` cuts the tensor into, in order: the first 16 hexadecimal digits of the SHA-256 of each. */
  readonly digests: readonly string[];
}

/** A run of elements. */
export interface ElementRun {
  readonly begin: number;
  readonly end: number;
}

const MOST_RUNS = 64;
const DIGITS = 16;

/** At most 64 runs of equal length (the last may be shorter) that a tensor of `size` elements is cut into. */
export function digestRuns(size: number): ElementRun[] {
  const length = Math.ceil(size / MOST_RUNS);
  return Array.from({ length: Math.ceil(size / Math.max(1, length)) }, (_, i) => ({
    begin: i * length,
    end: Math.min(size, (i + 1) * length),
  }));
}

/** Digests of a tensor's values, row after row, little-endian. */
export function digestWeights(name: string, values: Float32Array): WeightDigests {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const digests = digestRuns(values.length).map(({ begin, end }) =>
    new Sha256()
      .update(bytes.subarray(4 * begin, 4 * end))
      .hex()
      .slice(0, DIGITS),
  );
  return { name, size: values.length, digests };
}
