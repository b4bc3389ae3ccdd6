// The plain twin of lstm.ts: same arguments, same bits, one position at a time.

import { sigmoidS } from "../math/sigmoid";
import { tanhS } from "../math/tanh";
import { decayed } from "../common/decay";
import { TILE_POSITIONS } from "../common/layout";
import { gemm } from "./gemm.scalar";
import { packTiles, spmm } from "./spmm.scalar";

/** How many lanes of the range are in time step `t`; none where that is not positive. */
// @ts-ignore: decorator
@inline
function lanesAt(basePtr: usize, t: i32, laneBegin: i32, laneEnd: i32): i32 {
  const step = basePtr + (<usize>t << 2);
  return min(load<i32>(step, 4) - load<i32>(step), laneEnd) - laneBegin;
}

// @ts-ignore: decorator
@inline
function recurrentProduct(
  yPtr: usize,
  yStride: i32,
  weightPtr: usize,
  indexPtr: usize,
  valuePtr: usize,
  xPtr: usize,
  xStride: i32,
  depth: i32,
  lanes: i32,
  rows: i32,
  accumulate: i32,
  tilesPtr: usize,
): void {
  if (indexPtr == 0) {
    gemm(yPtr, yStride, weightPtr, xPtr, xStride, depth, lanes, 0, accumulate, 0, rows);
  } else {
    packTiles(tilesPtr, xPtr, xStride, depth, lanes, 0, (lanes + TILE_POSITIONS - 1) / TILE_POSITIONS);
    spmm(yPtr, yStride, weightPtr, indexPtr, valuePtr, tilesPtr, depth, lanes, 0, accumulate, 0, rows);
  }
}

export function lstmForward(
  gatesPtr: usize,
  yPtr: usize,
  hPrevPtr: usize,
  cPtr: usize,
  tanhCPtr: usize,
  biasPtr: usize,
  weightPtr: usize,
  indexPtr: usize,
  valuePtr: usize,
  hidden: i32,
  stride: i32,
  steps: i32,
  basePtr: usize,
  validPtr: usize,
  reverse: i32,
  tilesPtr: usize,
  laneBegin: i32,
  laneEnd: i32,
): void {
  const rowBytes = <usize>stride << 2;
  const gateBytes = rowBytes * <usize>hidden;
  const biasBytes = <usize>hidden << 2;
  for (let s = 0; s < steps; s++) {
    const t = reverse ? steps - 1 - s : s;
    const column = load<i32>(basePtr + (<usize>t << 2)) + laneBegin;
    const lanes = lanesAt(basePtr, t, laneBegin, laneEnd);
    if (lanes <= 0) continue;
    const valid = load<i32>(validPtr + (<usize>t << 2)) - laneBegin;
    let before = 0;
    let alive = 0;
    if (s > 0) {
      const tb = reverse ? t + 1 : t - 1;
      before = load<i32>(basePtr + (<usize>tb << 2)) + laneBegin;
      alive = min(lanes, lanesAt(basePtr, tb, laneBegin, laneEnd));
    }
    for (let j = 0; j < hidden; j++) {
      for (let b = 0; b < lanes; b++) {
        const row = <usize>j * rowBytes;
        const h: f32 = b < alive ? load<f32>(yPtr + row + (<usize>(before + b) << 2)) : 0;
        store<f32>(hPrevPtr + row + (<usize>(column + b) << 2), h);
      }
    }
    const at = <usize>column << 2;
    if (alive > 0) {
      recurrentProduct(gatesPtr + at, stride, weightPtr, indexPtr, valuePtr, hPrevPtr + at, stride, hidden, alive, 4 * hidden, 1, tilesPtr);
    }
    for (let j = 0; j < hidden; j++) {
      const bias = biasPtr + (<usize>j << 2);
      for (let b = 0; b < lanes; b++) {
        const cell = <usize>j * rowBytes + (<usize>(column + b) << 2);
        const z = gatesPtr + cell;
        const i = sigmoidS(load<f32>(z) + load<f32>(bias));
        const f = sigmoidS(load<f32>(z + gateBytes) + load<f32>(bias + biasBytes));
        const g = tanhS(load<f32>(z + 2 * gateBytes) + load<f32>(bias + 2 * biasBytes));
        const o = sigmoidS(load<f32>(z + 3 * gateBytes) + load<f32>(bias + 3 * biasBytes));
        const cBefore: f32 = b < alive ? load<f32>(cPtr + <usize>j * rowBytes + (<usize>(before + b) << 2)) : 0;
        const c: f32 = b < valid ? decayed(f * cBefore + i * g) : 0;
        const tanhC = tanhS(c);
        store<f32>(z, i);
        store<f32>(z + gateBytes, f);
        store<f32>(z + 2 * gateBytes, g);
        store<f32>(z + 3 * gateBytes, o);
        store<f32>(cPtr + cell, c);
        store<f32>(tanhCPtr + cell, tanhC);
        store<f32>(yPtr + cell, b < valid ? o * tanhC : 0);
      }
    }
  }
}

export function lstmBackward(
  gatesPtr: usize,
  dyPtr: usize,
  cPtr: usize,
  tanhCPtr: usize,
  statePtr: usize,
  weightPtr: usize,
  indexPtr: usize,
  valuePtr: usize,
  hidden: i32,
  stride: i32,
  steps: i32,
  basePtr: usize,
  validPtr: usize,
  reverse: i32,
  tilesPtr: usize,
  laneBegin: i32,
  laneEnd: i32,
): void {
  const rowBytes = <usize>stride << 2;
  const gateBytes = rowBytes * <usize>hidden;
  const width = lanesAt(basePtr, 0, laneBegin, laneEnd);
  const dhPtr = statePtr;
  const dcPtr = statePtr + ((<usize>width * <usize>hidden) << 2);
  let alive = 0;
  for (let s = steps - 1; s >= 0; s--) {
    const t = reverse ? steps - 1 - s : s;
    const column = load<i32>(basePtr + (<usize>t << 2)) + laneBegin;
    const lanes = lanesAt(basePtr, t, laneBegin, laneEnd);
    if (lanes <= 0) continue;
    const valid = load<i32>(validPtr + (<usize>t << 2)) - laneBegin;
    let before = 0;
    let hasBefore = 0;
    if (s > 0) {
      const tb = reverse ? t + 1 : t - 1;
      before = load<i32>(basePtr + (<usize>tb << 2)) + laneBegin;
      hasBefore = min(lanes, lanesAt(basePtr, tb, laneBegin, laneEnd));
    }
    for (let j = 0; j < hidden; j++) {
      for (let b = 0; b < lanes; b++) {
        const cell = <usize>j * rowBytes + (<usize>(column + b) << 2);
        const state = <usize>(j * width + b) << 2;
        const z = gatesPtr + cell;
        const i = load<f32>(z);
        const f = load<f32>(z + gateBytes);
        const g = load<f32>(z + 2 * gateBytes);
        const o = load<f32>(z + 3 * gateBytes);
        const tanhC = load<f32>(tanhCPtr + cell);
        const cBefore: f32 = b < hasBefore ? load<f32>(cPtr + <usize>j * rowBytes + (<usize>(before + b) << 2)) : 0;
        let dh = load<f32>(dyPtr + cell);
        let dc: f32 = 0;
        if (b < alive) {
          dh = dh + load<f32>(dhPtr + state);
          dc = load<f32>(dcPtr + state);
        }
        dc = dc + dh * o * (1 - tanhC * tanhC);
        const real = b < valid;
        store<f32>(z, real ? decayed(dc * g * (i * (1 - i))) : 0);
        store<f32>(z + gateBytes, real ? decayed(dc * cBefore * (f * (1 - f))) : 0);
        store<f32>(z + 2 * gateBytes, real ? decayed(dc * i * (1 - g * g)) : 0);
        store<f32>(z + 3 * gateBytes, real ? decayed(dh * tanhC * (o * (1 - o))) : 0);
        store<f32>(dcPtr + state, real ? decayed(dc * f) : 0);
      }
    }
    alive = hasBefore;
    if (alive > 0) {
      const at = <usize>column << 2;
      recurrentProduct(dhPtr, width, weightPtr, indexPtr, valuePtr, gatesPtr + at, stride, 4 * hidden, alive, hidden, 0, tilesPtr);
    }
  }
}
