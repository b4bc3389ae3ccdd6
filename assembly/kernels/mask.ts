// Computes       w[e] = +0 where bit e of the mask is 0; kept elements keep their bits
// Layout         bit e = word e >> 5, bit e & 31, lowest first; a null mask keeps all
// Preconditions  the mask begins on a word boundary; n any, w 4-byte aligned
// Twin           mask.scalar.ts
import { MASK_BITS } from "../common/layout";
import { isKept } from "../common/mask-bits";
import { lanesOfBits } from "../common/mask-lanes";

/** Writes +0 at every pruned element of w[0 .. n - 1]. */
export function maskApply(wPtr: usize, maskPtr: usize, n: i32): void {
  if (!maskPtr) return;
  let e = 0;
  for (; e + MASK_BITS <= n; e += MASK_BITS) {
    let bits = load<u32>(maskPtr + ((<usize>e / MASK_BITS) << 2));
    let w = wPtr + ((<usize>e) << 2);
    for (const end = w + (MASK_BITS << 2); w < end; w += 16, bits >>>= 4) {
      v128.store(w, v128.and(v128.load(w), lanesOfBits(bits)));
    }
  }
  for (; e < n; e++) {
    if (!isKept(maskPtr, e)) store<f32>(wPtr + ((<usize>e) << 2), 0);
  }
}
