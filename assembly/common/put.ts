// The end of every sum over features (simd and threads builds only).

/** Stores four outputs of one row: the old value first (`accumulate`), the bias last (`biasPtr` 0 = none). */
@inline
export function put(y: usize, sum: v128, biasPtr: usize, accumulate: i32): void {
  if (accumulate) sum = f32x4.add(v128.load(y), sum);
  if (biasPtr) sum = f32x4.add(sum, v128.load32_splat(biasPtr));
  v128.store(y, sum);
}

/** Where the bias of row `r` lies; 0 where there is none. */
@inline
export function biasOf(biasPtr: usize, r: i32): usize {
  return biasPtr ? biasPtr + ((<usize>r) << 2) : 0;
}
