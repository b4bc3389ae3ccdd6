// Reading a mask: bit e (word e >> 5, bit e & 31, lowest first) is 1 when element e is kept.
import { MASK_BITS } from "./layout";

/** Whether element `e` is kept; a pointer of 0 means that all are. */
@inline
export function isKept(maskPtr: usize, e: i32): bool {
  if (!maskPtr) return true;
  return ((load<u32>(maskPtr + ((<usize>e / MASK_BITS) << 2)) >>> (e & (MASK_BITS - 1))) & 1) != 0;
}

/** Element `e` of a matrix under its mask, by selection: +0 where pruned, whatever the memory holds there. */
@inline
export function selected(wPtr: usize, maskPtr: usize, e: i32): f32 {
  return isKept(maskPtr, e) ? load<f32>(wPtr + ((<usize>e) << 2)) : 0;
}
