// The plain twin of spmm.ts: the same sums in the same order, one output at a time.
import { TILE_POSITIONS, UNIT_SHIFT } from "../common/layout";

/** Where position `p` of feature `f` lies in the tiles of X[features][positions]. */
@inline
function inTiles(tilesPtr: usize, features: i32, positions: i32, f: i32, p: i32): usize {
  const first = p - (p % TILE_POSITIONS);
  const left = positions - first;
  const width = left == 4 || left == 8 ? left : TILE_POSITIONS;
  return tilesPtr + ((<usize>first * features + f * width + (p - first)) << 2);
}

/** Twin of `packTiles`. */
export function packTiles(
  tilesPtr: usize,
  xPtr: usize,
  xStride: i32,
  features: i32,
  positions: i32,
  tileBegin: i32,
  tileEnd: i32,
): void {
  const end = min(positions, tileEnd * TILE_POSITIONS);
  for (let f = 0; f < features; f++) {
    for (let p = tileBegin * TILE_POSITIONS; p < end; p++) {
      store<f32>(inTiles(tilesPtr, features, positions, f, p), load<f32>(xPtr + ((<usize>f * xStride + p) << 2)));
    }
  }
}

/** Twin of `spmm`. */
export function spmm(
  yPtr: usize,
  yStride: i32,
  startPtr: usize,
  indexPtr: usize,
  valuePtr: usize,
  tilesPtr: usize,
  features: i32,
  positions: i32,
  biasPtr: usize,
  accumulate: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  for (let r = rowBegin; r < rowEnd; r++) {
    const begin: usize = load<u32>(startPtr + ((<usize>r) << 2));
    const end: usize = load<u32>(startPtr + ((<usize>r) << 2), 4);
    for (let p = 0; p < positions; p++) {
      let sum: f32 = 0;
      for (let i = begin; i < end; i++) {
        const k = load<u32>(indexPtr + (i << 2)) >> UNIT_SHIFT;
        sum += load<f32>(valuePtr + (i << 2)) * load<f32>(inTiles(tilesPtr, features, positions, k, p));
      }
      const y = yPtr + ((<usize>r * yStride + p) << 2);
      if (accumulate) sum = load<f32>(y) + sum;
      if (biasPtr) sum += load<f32>(biasPtr + ((<usize>r) << 2));
      store<f32>(y, sum);
    }
  }
}

/** Twin of `spmmWeightGradient`. */
export function spmmWeightGradient(
  dwPtr: usize,
  dyPtr: usize,
  dyStride: i32,
  xPtr: usize,
  xStride: i32,
  startPtr: usize,
  indexPtr: usize,
  columns: i32,
  positions: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  for (let r = rowBegin; r < rowEnd; r++) {
    const dy = dyPtr + ((<usize>r * dyStride) << 2);
    const end: usize = load<u32>(startPtr + ((<usize>r) << 2), 4);
    for (let i: usize = load<u32>(startPtr + ((<usize>r) << 2)); i < end; i++) {
      const c = load<u32>(indexPtr + (i << 2)) >> UNIT_SHIFT;
      const x = xPtr + ((<usize>c * xStride) << 2);
      let sum0: f32 = 0;
      let sum1: f32 = 0;
      let sum2: f32 = 0;
      let sum3: f32 = 0;
      for (let p: usize = 0; p < (<usize>positions) << 2; p += 16) {
        sum0 += load<f32>(dy + p) * load<f32>(x + p);
        sum1 += load<f32>(dy + p, 4) * load<f32>(x + p, 4);
        sum2 += load<f32>(dy + p, 8) * load<f32>(x + p, 8);
        sum3 += load<f32>(dy + p, 12) * load<f32>(x + p, 12);
      }
      store<f32>(dwPtr + ((<usize>r * columns + c) << 2), sum0 + sum2 + (sum1 + sum3));
    }
  }
}
