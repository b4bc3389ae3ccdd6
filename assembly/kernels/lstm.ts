// Computes   one direction of an LSTM layer over a batch of sentences of unequal lengths, forward and backward
//            through time, given the input products of all gates.
//                z = (W x) + (U h') + b;   i = sigmoid(z_i)  f = sigmoid(z_f)  g = tanh(z_g)  o = sigmoid(z_o)
//                c = f c' + i g;           h = o tanh(c)                (primes: the step before, +0 at the start)
// Source     Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000; gate rows in order i, f, g, o.
// Layout     activations [feature][position], one stride; schedule: base u32[T + 1] and valid u32[T] (README.md).
//            Time runs forward, or backward when `reverse` is 1: sentence b then starts at its own last token.
//            Recurrent weights U: a dense panel (indexPtr = 0) or CSR start / index / value; weightPtr is the panel
//            or the CSR start. The backward pass takes those of the transpose of U. With CSR, tilesPtr is scratch for the
//            operand of one step as tiles (spmm.ts): H (backward 4H) times the lanes of the range rounded up to 16.
// Order      recurrent product: hidden units ascending from +0, added to W x, then the bias (NUMERICS.md). Backward:
//            dh = dY + (U' dz of the following step), dc = dc' + (dh o) (1 - tanh(c)^2).
// Tiles      the two directions of a layer are independent, and so are groups of four lanes: a call works on lanes
//            laneBegin .. laneEnd - 1 (multiples of 4; past the last lane there is nothing to do).
// Twin       lstm.scalar.ts

import { decayedLanes } from "../common/decay-lanes";
import { LANES, TILE_POSITIONS } from "../common/layout";
import { sigmoidV } from "../math/sigmoid.simd";
import { tanhV } from "../math/tanh.simd";
import { gemm } from "./gemm";
import { packTiles, spmm } from "./spmm";

/** Four lanes of ones, then four of zeros: from any place in it, a mask that some lanes pass. */
const ONES_AND_ZEROS = memory.data<i32>([-1, -1, -1, -1, 0, 0, 0, 0]);

/** All-ones lanes where first + lane < valid, of which there is one at least. */
// @ts-ignore: decorator
@inline
function validLanes(first: i32, valid: i32): v128 {
  return v128.load(ONES_AND_ZEROS + (<usize>(LANES - min(valid - first, LANES)) << 2));
}

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

// Gates and cells take passes of their own, in which two or three rows go side by side: the chain of operations of one
// function is long, and an engine keeps the constants of one function in registers, but not of several.

/** i = sigmoid(z_i + b_i), in place, and likewise f and o. */
function sigmoidGates(zPtr: usize, rowBytes: usize, biasPtr: usize, lanes: i32, hidden: i32): void {
  const gateBytes = rowBytes * <usize>hidden;
  for (let j = 0; j < hidden; j++) {
    const bias = biasPtr + (<usize>j << 2);
    const biasI = v128.load32_splat(bias);
    const biasF = v128.load32_splat(bias + (<usize>hidden << 2));
    const biasO = v128.load32_splat(bias + <usize>hidden * 12);
    let z = zPtr + <usize>j * rowBytes;
    for (const end = z + (<usize>lanes << 2); z < end; z += 16) {
      const i = sigmoidV(f32x4.add(v128.load(z), biasI));
      const f = sigmoidV(f32x4.add(v128.load(z + gateBytes), biasF));
      const o = sigmoidV(f32x4.add(v128.load(z + 3 * gateBytes), biasO));
      v128.store(z, i);
      v128.store(z + gateBytes, f);
      v128.store(z + 3 * gateBytes, o);
    }
  }
}

/** g = tanh(z_g + b_g), in place. */
function tanhGate(zPtr: usize, rowBytes: usize, biasPtr: usize, lanes: i32, hidden: i32): void {
  for (let j = 0; j < hidden; j += 2) {
    // A last row without another stands beside itself.
    const next = <usize>min(j + 1, hidden - 1);
    const bias = v128.load32_splat(biasPtr + (<usize>j << 2));
    const biasNext = v128.load32_splat(biasPtr + (next << 2));
    let z = zPtr + <usize>j * rowBytes;
    let zNext = zPtr + next * rowBytes;
    for (const end = z + (<usize>lanes << 2); z < end; z += 16) {
      const g = tanhV(f32x4.add(v128.load(z), bias));
      const gNext = tanhV(f32x4.add(v128.load(zNext), biasNext));
      v128.store(z, g);
      v128.store(zNext, gNext);
      zNext += 16;
    }
  }
}

/** c, tanh(c) and h of a step from its gates; of the lanes, `alive` have a c' and `valid` a token. */
function cells(
  gatesPtr: usize,
  cPtr: usize,
  cBeforePtr: usize,
  tanhCPtr: usize,
  yPtr: usize,
  rowBytes: usize,
  hidden: i32,
  lanes: i32,
  alive: i32,
  valid: i32,
): void {
  const gateBytes = rowBytes * <usize>hidden;
  const zeros = ONES_AND_ZEROS + 16;
  for (let j = 0; j < hidden; j += 2) {
    const toNext = j + 1 < hidden ? rowBytes : 0;
    for (let b = 0; b < lanes; b += LANES) {
      const at = <usize>j * rowBytes + (<usize>b << 2);
      const atNext = at + toNext;
      const real = validLanes(b, valid);
      const cBefore = v128.load(select(cBeforePtr + at, zeros, b < alive));
      const cBeforeNext = v128.load(select(cBeforePtr + atNext, zeros, b < alive));
      const z = gatesPtr + at;
      const zNext = gatesPtr + atNext;
      const input = f32x4.mul(v128.load(z), v128.load(z + 2 * gateBytes));
      const inputNext = f32x4.mul(v128.load(zNext), v128.load(zNext + 2 * gateBytes));
      const c = v128.and(decayedLanes(f32x4.add(f32x4.mul(v128.load(z + gateBytes), cBefore), input)), real);
      const cNext = v128.and(decayedLanes(f32x4.add(f32x4.mul(v128.load(zNext + gateBytes), cBeforeNext), inputNext)), real);
      const tanhC = tanhV(c);
      const tanhCNext = tanhV(cNext);
      const h = v128.and(f32x4.mul(v128.load(z + 3 * gateBytes), tanhC), real);
      const hNext = v128.and(f32x4.mul(v128.load(zNext + 3 * gateBytes), tanhCNext), real);
      v128.store(cPtr + at, c);
      v128.store(cPtr + atNext, cNext);
      v128.store(tanhCPtr + at, tanhC);
      v128.store(tanhCPtr + atNext, tanhCNext);
      v128.store(yPtr + at, h);
      v128.store(yPtr + atNext, hNext);
    }
  }
}

/**
 * Reads and overwrites gatesPtr f32[4H][stride]: W x in, the gates i, f, g, o out.
 * Writes yPtr, cPtr, tanhCPtr f32[H][stride]: h, c and tanh(c), exact +0 at padding; hPrevPtr f32[H][stride]: h', at
 * padding finite (the last h of a sentence that has ended: its dz is +0).
 * Reads biasPtr f32[4H].
 */
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
  for (let s = 0; s < steps; s++) {
    const t = reverse ? steps - 1 - s : s;
    const column = load<i32>(basePtr + (<usize>t << 2)) + laneBegin;
    const lanes = lanesAt(basePtr, t, laneBegin, laneEnd);
    if (lanes <= 0) continue;
    const valid = load<i32>(validPtr + (<usize>t << 2)) - laneBegin;
    // Where the state of the step before lies, and how many lanes have one.
    let before = 0;
    let alive = 0;
    if (s > 0) {
      const tb = reverse ? t + 1 : t - 1;
      before = load<i32>(basePtr + (<usize>tb << 2)) + laneBegin;
      alive = min(lanes, lanesAt(basePtr, tb, laneBegin, laneEnd));
    }
    const at = <usize>column << 2;
    const from = <usize>before << 2;
    for (let j = 0; j < hidden; j++) {
      const row = <usize>j * rowBytes;
      for (let b = 0; b < lanes; b += LANES) {
        const lane = <usize>b << 2;
        v128.store(hPrevPtr + row + at + lane, b < alive ? v128.load(yPtr + row + from + lane) : f32x4.splat(0));
      }
    }
    if (alive > 0) {
      recurrentProduct(gatesPtr + at, stride, weightPtr, indexPtr, valuePtr, hPrevPtr + at, stride, hidden, alive, 4 * hidden, 1, tilesPtr);
    }
    sigmoidGates(gatesPtr + at, rowBytes, biasPtr, lanes, hidden);
    tanhGate(gatesPtr + 2 * gateBytes + at, rowBytes, biasPtr + (<usize>hidden << 3), lanes, hidden);
    cells(gatesPtr + at, cPtr + at, cPtr + from, tanhCPtr + at, yPtr + at, rowBytes, hidden, lanes, alive, valid);
  }
}

/**
 * Reads and overwrites gatesPtr f32[4H][stride]: the gates in, dz = dLoss / dz out, exact +0 at padding.
 * Reads dyPtr, cPtr, tanhCPtr f32[H][stride]. Uses statePtr f32[2][H][lanes of the range at step 0] as scratch.
 */
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
  const stateBytes = <usize>width << 2;
  const dhPtr = statePtr;
  const dcPtr = statePtr + stateBytes * <usize>hidden;
  const one = f32x4.splat(1);
  // Lanes whose following step has left its dh and dc in the state.
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
    const at = <usize>column << 2;
    const from = <usize>before << 2;
    for (let j = 0; j < hidden; j++) {
      const row = <usize>j * rowBytes;
      const state = <usize>j * stateBytes;
      for (let b = 0; b < lanes; b += LANES) {
        const lane = <usize>b << 2;
        const cell = row + at + lane;
        const z = gatesPtr + cell;
        const real = validLanes(b, valid);
        const i = v128.load(z);
        const f = v128.load(z + gateBytes);
        const g = v128.load(z + 2 * gateBytes);
        const o = v128.load(z + 3 * gateBytes);
        const tanhC = v128.load(tanhCPtr + cell);
        const cBefore = b < hasBefore ? v128.load(cPtr + row + from + lane) : f32x4.splat(0);
        let dh = v128.load(dyPtr + cell);
        let dc = f32x4.splat(0);
        if (b < alive) {
          dh = f32x4.add(dh, v128.load(dhPtr + state + lane));
          dc = v128.load(dcPtr + state + lane);
        }
        dc = f32x4.add(dc, f32x4.mul(f32x4.mul(dh, o), f32x4.sub(one, f32x4.mul(tanhC, tanhC))));
        const dzI = f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i)));
        const dzF = f32x4.mul(f32x4.mul(dc, cBefore), f32x4.mul(f, f32x4.sub(one, f)));
        const dzG = f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g)));
        const dzO = f32x4.mul(f32x4.mul(dh, tanhC), f32x4.mul(o, f32x4.sub(one, o)));
        v128.store(z, v128.and(decayedLanes(dzI), real));
        v128.store(z + gateBytes, v128.and(decayedLanes(dzF), real));
        v128.store(z + 2 * gateBytes, v128.and(decayedLanes(dzG), real));
        v128.store(z + 3 * gateBytes, v128.and(decayedLanes(dzO), real));
        v128.store(dcPtr + state + lane, v128.and(decayedLanes(f32x4.mul(dc, f)), real));
      }
    }
    alive = hasBefore;
    if (alive > 0) {
      recurrentProduct(dhPtr, width, weightPtr, indexPtr, valuePtr, gatesPtr + at, stride, 4 * hidden, alive, hidden, 0, tilesPtr);
    }
  }
}
