// Computes   plain loops over flat f32 arrays, the same source in every build: a sum along a list (in the list's order, for
//            losses), and the search for values that are not finite.

/** f64 sum of ptr[index[i]], i ascending; indexPtr u32[n]. */
export function sumGathered(ptr: usize, indexPtr: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += <f64>load<f32>(ptr + (<usize>load<u32>(indexPtr + (<usize>i << 2)) << 2));
  return sum;
}

/** Index of the first element of ptr[0 .. n) that is Inf or NaN, -1 when all are finite. */
export function firstNonFinite(ptr: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) {
    if ((load<u32>(ptr + (<usize>i << 2)) & 0x7f800000) == 0x7f800000) return i;
  }
  return -1;
}
