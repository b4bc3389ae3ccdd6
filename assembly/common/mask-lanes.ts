// Mask bits as SIMD lanes (simd and threads builds only).
import { MASK_BITS } from "./layout";

/** The lanes of each of the 16 groups of four bits. */
const TABLE = memory.data<i32>([
  0, 0, 0, 0,
  -1, 0, 0, 0,
  0, -1, 0, 0,
  -1, -1, 0, 0,
  0, 0, -1, 0,
  -1, 0, -1, 0,
  0, -1, -1, 0,
  -1, -1, -1, 0,
  0, 0, 0, -1,
  -1, 0, 0, -1,
  0, -1, 0, -1,
  -1, -1, 0, -1,
  0, 0, -1, -1,
  -1, 0, -1, -1,
  0, -1, -1, -1,
  -1, -1, -1, -1,
]);

/** Lane i is all ones where bit i of `bits` is set. */
@inline
export function lanesOfBits(bits: i32): v128 {
  return v128.load(TABLE + (<usize>(bits & 15) << 4));
}

/** Lanes of elements e .. e + 3, e a multiple of 4: all in one word. */
@inline
export function lanesOfGroup(maskPtr: usize, e: i32): v128 {
  return lanesOfBits(<i32>(load<u32>(maskPtr + ((<usize>e / MASK_BITS) << 2)) >>> (e & (MASK_BITS - 1))));
}

/**
 * Lanes of elements e .. e + 3, which may straddle two words. Reads only words that hold one of the four: where all
 * lie in one word it is read twice and the upper copy is shifted out of sight.
 */
@inline
export function lanesOfMask(maskPtr: usize, e: i32): v128 {
  const low = load<u32>(maskPtr + ((<usize>e / MASK_BITS) << 2));
  const high = load<u32>(maskPtr + ((<usize>(e + 3) / MASK_BITS) << 2));
  return lanesOfBits(<i32>((((<u64>high) << 32) | <u64>low) >>> <u64>(e & (MASK_BITS - 1))));
}

/** Elements e .. e + 3 of a matrix under its mask (0 = all kept), by selection. */
@inline
export function selectedLanes(wPtr: usize, maskPtr: usize, e: i32): v128 {
  const w = v128.load(wPtr + ((<usize>e) << 2));
  return maskPtr ? v128.and(w, lanesOfMask(maskPtr, e)) : w;
}
