// Computes   one direction of an LSTM layer over one sentence, forward only: lstm.ts with a single sentence, whose lanes would
//            be three quarters padding. Here hidden units are the lanes of gates and rows of U those of the product.
// Layout     activations [feature][position], position = time, positions from `steps` up to the next multiple of 4 are
//            padding. Recurrent weights U: a dense panel (offsetPtr = 0), or slices / offset / value (slices.ts).
// Order      that of lstm.ts, so that a sentence gets the same bits alone and in any batch.
// Tiles      the two directions of a layer are independent.
// Aliasing   none.
// Twin       lstm-sentence.scalar.ts

import { decayed } from "../common/decay";
import { decayedLanes } from "../common/decay-lanes";
import { LANES } from "../common/layout";
import { sigmoidS } from "../math/sigmoid";
import { sigmoidV } from "../math/sigmoid.simd";
import { tanhS } from "../math/tanh";
import { tanhV } from "../math/tanh.simd";
import { rowsOfSlices } from "./slices";

/** Writes the transpose of the 4 x 4 block at `from`; its rows lie `step` bytes apart, those of the result `toStep`. */
@inline
function transpose4(to: usize, toStep: usize, from: usize, step: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + step);
  const c = v128.load(from + 2 * step);
  const d = v128.load(from + 3 * step);
  const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5));
  v128.store(to + toStep, v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7));
  v128.store(to + 2 * toStep, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5));
  v128.store(to + 3 * toStep, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7));
}

@inline
function addTo(z: usize, sum: v128): void {
  v128.store(z, f32x4.add(v128.load(z), sum));
}

/** z = z + U h from the panels of U, four panels at a time. */
function denseProduct(z: usize, panel: usize, h: usize, panels: i32, hidden: i32): void {
  const panelBytes = (<usize>hidden) << 4;
  let p = 0;
  for (; p + 4 <= panels; p += 4) {
    let p0 = panel;
    let p1 = p0 + panelBytes;
    let p2 = p1 + panelBytes;
    let p3 = p2 + panelBytes;
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    const end = p1;
    for (let x = h; p0 < end; x += 4) {
      const value = v128.load32_splat(x);
      a = f32x4.add(a, f32x4.mul(v128.load(p0), value));
      b = f32x4.add(b, f32x4.mul(v128.load(p1), value));
      c = f32x4.add(c, f32x4.mul(v128.load(p2), value));
      d = f32x4.add(d, f32x4.mul(v128.load(p3), value));
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
    }
    addTo(z, a);
    addTo(z + 16, b);
    addTo(z + 32, c);
    addTo(z + 48, d);
    z += 64;
    panel = p3;
  }
  for (; p < panels; p++) {
    let a = f32x4.splat(0);
    for (let x = h; x < h + (panelBytes >> 2); x += 4) {
      a = f32x4.add(a, f32x4.mul(v128.load(panel), v128.load32_splat(x)));
      panel += 16;
    }
    addTo(z, a);
    z += 16;
  }
}

/** z[r] = z[r] + value for the row r that stands at `row`. */
@inline
function addToRow(z: usize, row: usize, value: f32): void {
  const at = z + ((<usize>load<u32>(row)) << 2);
  store<f32>(at, load<f32>(at) + value);
}

/** z = z + U h from the slices of U. */
function sparseProduct(z: usize, slicesPtr: usize, offsetPtr: usize, valuePtr: usize, h: usize, rows: i32): void {
  let slice = slicesPtr;
  let offset = offsetPtr;
  let value = valuePtr;
  let row = rowsOfSlices(slicesPtr, rows);
  const rowEnd = row + ((<usize>rows) << 2);
  for (; row < rowEnd; row += 4 * LANES) {
    slice += 4;
    const end = valuePtr + ((<usize>load<u32>(slice)) << 4);
    let sum = f32x4.splat(0);
    for (; value < end; value += 16) {
      let x = v128.load32_zero(h + <usize>load<u16>(offset));
      x = v128.load32_lane(h + <usize>load<u16>(offset, 2), x, 1);
      x = v128.load32_lane(h + <usize>load<u16>(offset, 4), x, 2);
      x = v128.load32_lane(h + <usize>load<u16>(offset, 6), x, 3);
      sum = f32x4.add(sum, f32x4.mul(v128.load(value), x));
      offset += 8;
    }
    addToRow(z, row, f32x4.extract_lane(sum, 0));
    addToRow(z, row + 4, f32x4.extract_lane(sum, 1));
    addToRow(z, row + 8, f32x4.extract_lane(sum, 2));
    addToRow(z, row + 12, f32x4.extract_lane(sum, 3));
  }
}

/** c of four units from c' and their gates. */
// @ts-ignore: decorator
@inline
function cellOf(gates: usize, cell: usize, unitBytes: usize): v128 {
  const input = f32x4.mul(v128.load(gates), v128.load(gates + 2 * unitBytes));
  return decayedLanes(f32x4.add(f32x4.mul(v128.load(gates + unitBytes), v128.load(cell)), input));
}

/** From z of one step and c' to c and h, in place of c' and to `h`; z becomes the gates. */
function unitsOfStep(h: usize, cell: usize, z: usize, biasPtr: usize, hidden: i32): void {
  const unitBytes = (<usize>hidden) << 2;
  const whole = (<usize>(hidden & ~(LANES - 1))) << 2;
  // One function a pass, units side by side: lstm.ts says why.
  for (let at: usize = 0; at < whole; at += 16) {
    const bias = biasPtr + at;
    const place = z + at;
    const i = sigmoidV(f32x4.add(v128.load(place), v128.load(bias)));
    const f = sigmoidV(f32x4.add(v128.load(place + unitBytes), v128.load(bias + unitBytes)));
    const o = sigmoidV(f32x4.add(v128.load(place + 3 * unitBytes), v128.load(bias + 3 * unitBytes)));
    v128.store(place, i);
    v128.store(place + unitBytes, f);
    v128.store(place + 3 * unitBytes, o);
  }
  for (let at: usize = 0; at < whole; at += 32) {
    // A last group of four without another stands beside itself.
    const next = min(at + 16, whole - 16);
    const zG = z + 2 * unitBytes;
    const biasG = biasPtr + 2 * unitBytes;
    const g = tanhV(f32x4.add(v128.load(zG + at), v128.load(biasG + at)));
    const gNext = tanhV(f32x4.add(v128.load(zG + next), v128.load(biasG + next)));
    v128.store(zG + at, g);
    v128.store(zG + next, gNext);
  }
  for (let at: usize = 0; at < whole; at += 32) {
    const next = min(at + 16, whole - 16);
    const c = cellOf(z + at, cell + at, unitBytes);
    const cNext = cellOf(z + next, cell + next, unitBytes);
    const y = f32x4.mul(v128.load(z + 3 * unitBytes + at), tanhV(c));
    const yNext = f32x4.mul(v128.load(z + 3 * unitBytes + next), tanhV(cNext));
    v128.store(cell + at, c);
    v128.store(cell + next, cNext);
    v128.store(h + at, y);
    v128.store(h + next, yNext);
  }
  for (let at = whole; at < unitBytes; at += 4) {
    const bias = biasPtr + at;
    const i = sigmoidS(load<f32>(z + at) + load<f32>(bias));
    const f = sigmoidS(load<f32>(z + unitBytes + at) + load<f32>(bias + unitBytes));
    const g = tanhS(load<f32>(z + 2 * unitBytes + at) + load<f32>(bias + 2 * unitBytes));
    const o = sigmoidS(load<f32>(z + 3 * unitBytes + at) + load<f32>(bias + 3 * unitBytes));
    const c = decayed(f * load<f32>(cell + at) + i * g);
    store<f32>(cell + at, c);
    store<f32>(h + at, o * tanhS(c));
  }
}

/**
 * Reads gatesPtr f32[4H][stride]: W x, and biasPtr f32[4H]. Writes yPtr f32[H][stride]: h, exact +0 at padding.
 * Uses scratchPtr f32[21 H].
 */
export function lstmForwardSentence(
  yPtr: usize,
  gatesPtr: usize,
  biasPtr: usize,
  weightPtr: usize,
  offsetPtr: usize,
  valuePtr: usize,
  hidden: i32,
  stride: i32,
  steps: i32,
  reverse: i32,
  scratchPtr: usize,
): void {
  const stepBytes = (<usize>stride) << 2;
  const unitBytes = (<usize>hidden) << 2;
  const rowBytes = unitBytes << 2;
  const rows = 4 * hidden;
  // Four steps at a time, so that planes are read and written in blocks of 4 x 4: z[4][4H], h[4][H], then c[H].
  const z = scratchPtr;
  const h = z + 4 * rowBytes;
  const cell = h + 4 * unitBytes;
  memory.fill(cell, 0, unitBytes);
  let before: usize = 0;
  const blocks = (steps + LANES - 1) / LANES;
  for (let n = 0; n < blocks; n++) {
    const first = LANES * (reverse ? blocks - 1 - n : n);
    const column = (<usize>first) << 2;
    for (let r = 0; r < rows; r += LANES) {
      transpose4(z + ((<usize>r) << 2), rowBytes, gatesPtr + <usize>r * stepBytes + column, stepBytes);
    }
    for (let s = 0; s < LANES; s++) {
      const place = reverse ? LANES - 1 - s : s;
      const zOfStep = z + <usize>place * rowBytes;
      const hOfStep = h + <usize>place * unitBytes;
      if (first + place >= steps) {
        memory.fill(hOfStep, 0, unitBytes);
        continue;
      }
      if (before) {
        if (offsetPtr) sparseProduct(zOfStep, weightPtr, offsetPtr, valuePtr, before, rows);
        else denseProduct(zOfStep, weightPtr, before, hidden, hidden);
      }
      unitsOfStep(hOfStep, cell, zOfStep, biasPtr, hidden);
      before = hOfStep;
    }
    let j = 0;
    for (; j + LANES <= hidden; j += LANES) {
      transpose4(yPtr + <usize>j * stepBytes + column, stepBytes, h + ((<usize>j) << 2), unitBytes);
    }
    for (; j < hidden; j++) {
      for (let s = 0; s < LANES; s++) {
        const value = load<f32>(h + <usize>s * unitBytes + ((<usize>j) << 2));
        store<f32>(yPtr + <usize>j * stepBytes + column + ((<usize>s) << 2), value);
      }
    }
  }
}
