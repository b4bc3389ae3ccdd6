// Global magnitude pruning.
//
// Computes       the mask that keeps exactly `keep` of the kept weights, largest |w| first, ties to the lower index
// Source         radix selection: the magnitude |w| of an f32 orders as the integer of its lower 31 bits, so three
//                histograms (of the upper 11, the next 10 and the last 10 bits) find the keep-th largest exactly
// Reads          weight[n], mask (0 = all kept); writes outMask, ceil(n / 32) words, bits past n 0
// Aliasing       outMask may be mask
// Preconditions  no NaN; 0 <= keep <= the number of kept weights; scratch of pruneScratchBytes(), 4-byte aligned
// Twin           none: integer work, the same in every build
import { MASK_BITS } from "../common/layout";

const DIGIT_BITS: u32 = 10;
const TOP_SHIFT: u32 = 2 * DIGIT_BITS;
const TOP_BUCKETS: u32 = 1 << (31 - TOP_SHIFT);
const BUCKETS: u32 = 1 << DIGIT_BITS;

/** Bytes of scratch that `pruneByMagnitude` needs. */
export function pruneScratchBytes(): usize {
  return TOP_BUCKETS << 2;
}

@inline
function magnitude(weightPtr: usize, e: i32): u32 {
  return load<u32>(weightPtr + ((<usize>e) << 2)) & 0x7fffffff;
}

/** The word of kept bits of elements 32 * i .. 32 * i + 31; elements from n on are not kept. */
@inline
function keptWord(maskPtr: usize, i: i32, n: i32): u32 {
  const word = maskPtr ? load<u32>(maskPtr + ((<usize>i) << 2)) : 0xffffffff;
  const left = n - i * MASK_BITS;
  return left < MASK_BITS ? word & ((1 << left) - 1) : word;
}

/** Counts the digit at `shift` of every kept magnitude whose higher bits (from `prefixShift` up) are `prefix`. */
function countDigits(
  histogram: usize,
  buckets: u32,
  weightPtr: usize,
  maskPtr: usize,
  n: i32,
  prefix: u32,
  prefixShift: u32,
  shift: u32,
): void {
  memory.fill(histogram, 0, buckets << 2);
  for (let i = 0; i * MASK_BITS < n; i++) {
    for (let bits = keptWord(maskPtr, i, n); bits; bits &= bits - 1) {
      const m = magnitude(weightPtr, i * MASK_BITS + <i32>ctz(bits));
      if (m >>> prefixShift != prefix) continue;
      const cell = histogram + ((((m >>> shift) & (buckets - 1)) as usize) << 2);
      store<u32>(cell, load<u32>(cell) + 1);
    }
  }
}

/** The bucket that holds the `rank`-th largest (rank >= 1); the ranks above it are in the higher buckets. */
function bucketOf(histogram: usize, buckets: u32, rank: u32): u32 {
  let bucket = buckets - 1;
  for (; bucket > 0; bucket--) {
    const count = load<u32>(histogram + ((<usize>bucket) << 2));
    if (rank <= count) break;
    rank -= count;
  }
  return bucket;
}

/** How many are in the buckets above `bucket`. */
function countAbove(histogram: usize, buckets: u32, bucket: u32): u32 {
  let count: u32 = 0;
  for (let b = bucket + 1; b < buckets; b++) count += load<u32>(histogram + ((<usize>b) << 2));
  return count;
}

/** Keeps exactly `keep` weights of largest magnitude among the kept ones, ties to the lower index; returns how many are kept. */
export function pruneByMagnitude(outMaskPtr: usize, weightPtr: usize, maskPtr: usize, n: i32, keep: i32, scratchPtr: usize): i32 {
  const words = (n + MASK_BITS - 1) / MASK_BITS;
  if (keep <= 0) {
    memory.fill(outMaskPtr, 0, (<usize>words) << 2);
    return 0;
  }
  // `rank` counts down to the place of the last survivor among the weights equal to `threshold`.
  let rank: u32 = keep;
  countDigits(scratchPtr, TOP_BUCKETS, weightPtr, maskPtr, n, 0, 31, TOP_SHIFT);
  let threshold = bucketOf(scratchPtr, TOP_BUCKETS, rank);
  rank -= countAbove(scratchPtr, TOP_BUCKETS, threshold);
  for (let shift = TOP_SHIFT; shift > 0; shift -= DIGIT_BITS) {
    countDigits(scratchPtr, BUCKETS, weightPtr, maskPtr, n, threshold, shift, shift - DIGIT_BITS);
    const digit = bucketOf(scratchPtr, BUCKETS, rank);
    rank -= countAbove(scratchPtr, BUCKETS, digit);
    threshold = (threshold << DIGIT_BITS) | digit;
  }
  let kept = 0;
  for (let i = 0; i < words; i++) {
    let survivors: u32 = 0;
    for (let bits = keptWord(maskPtr, i, n); bits; bits &= bits - 1) {
      const m = magnitude(weightPtr, i * MASK_BITS + <i32>ctz(bits));
      if (m < threshold) continue;
      if (m == threshold) {
        if (!rank) continue;
        rank--;
      }
      survivors |= bits & (0 - bits);
      kept++;
    }
    store<u32>(outMaskPtr + ((<usize>i) << 2), survivors);
  }
  return kept;
}
