// The plain twin of mask.ts.
import { isKept } from "../common/mask-bits";

/** Twin of `maskApply`. */
export function maskApply(wPtr: usize, maskPtr: usize, n: i32): void {
  for (let e = 0; e < n; e++) {
    if (!isKept(maskPtr, e)) store<f32>(wPtr + ((<usize>e) << 2), 0);
  }
}
