// Masks as sets of kept elements, whole words at a time. Bits past the last element are 0 in every mask, so they count
// for nothing.
//
// Aliasing       out may be a or b
// Twin           none: integer work, the same in every build

/** How many elements are kept. */
export function maskCount(maskPtr: usize, words: i32): i32 {
  let count = 0;
  const end = maskPtr + ((<usize>words) << 2);
  for (; maskPtr < end; maskPtr += 4) count += popcnt(load<u32>(maskPtr));
  return count;
}

/** out = a and b. */
export function maskIntersect(outPtr: usize, aPtr: usize, bPtr: usize, words: i32): void {
  for (let i: usize = 0; i < (<usize>words) << 2; i += 4) store<u32>(outPtr + i, load<u32>(aPtr + i) & load<u32>(bPtr + i));
}

/** out = a or b. */
export function maskUnite(outPtr: usize, aPtr: usize, bPtr: usize, words: i32): void {
  for (let i: usize = 0; i < (<usize>words) << 2; i += 4) store<u32>(outPtr + i, load<u32>(aPtr + i) | load<u32>(bPtr + i));
}

/** How many elements both keep. */
export function maskCountIntersection(aPtr: usize, bPtr: usize, words: i32): i32 {
  let count = 0;
  for (let i: usize = 0; i < (<usize>words) << 2; i += 4) count += popcnt(load<u32>(aPtr + i) & load<u32>(bPtr + i));
  return count;
}

/** How many elements either keeps. */
export function maskCountUnion(aPtr: usize, bPtr: usize, words: i32): i32 {
  let count = 0;
  for (let i: usize = 0; i < (<usize>words) << 2; i += 4) count += popcnt(load<u32>(aPtr + i) | load<u32>(bPtr + i));
  return count;
}
