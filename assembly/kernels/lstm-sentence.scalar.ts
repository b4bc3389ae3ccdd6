// The plain twin of lstm-sentence.ts: same arguments, same bits, one unit at a time.
import { decayed } from "../common/decay";
import { LANES, PANEL_ROWS } from "../common/layout";
import { sigmoidS } from "../math/sigmoid";
import { tanhS } from "../math/tanh";
import { rowsOfSlices } from "./slices";

/** z[r] = z[r] + sum_k U[r][k] h[k] for all `rows` rows; z and h lie side by side. */
function recurrentProduct(z: usize, weightPtr: usize, offsetPtr: usize, valuePtr: usize, h: usize, rows: i32, hidden: i32): void {
  for (let i = 0; i < rows; i++) {
    let sum: f32 = 0;
    let r = i;
    if (offsetPtr == 0) {
      const panel = weightPtr + ((<usize>(i / PANEL_ROWS) * hidden * PANEL_ROWS + (i % PANEL_ROWS)) << 2);
      for (let k = 0; k < hidden; k++) sum += load<f32>(panel + ((<usize>k * PANEL_ROWS) << 2)) * load<f32>(h + ((<usize>k) << 2));
    } else {
      const start = weightPtr + ((<usize>(i / LANES)) << 2);
      r = load<i32>(rowsOfSlices(weightPtr, rows) + ((<usize>i) << 2));
      for (let place = load<i32>(start); place < load<i32>(start, 4); place++) {
        const entry = <usize>place * LANES + (i % LANES);
        sum += load<f32>(valuePtr + (entry << 2)) * load<f32>(h + <usize>load<u16>(offsetPtr + (entry << 1)));
      }
    }
    const at = z + ((<usize>r) << 2);
    store<f32>(at, load<f32>(at) + sum);
  }
}

/** Twin of `lstmForwardSentence`. */
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
  const rows = 4 * hidden;
  const unitBytes = (<usize>hidden) << 2;
  const z = scratchPtr;
  const cell = z + 4 * unitBytes;
  const h = cell + unitBytes;
  memory.fill(cell, 0, unitBytes);
  for (let s = 0; s < steps; s++) {
    const t = reverse ? steps - 1 - s : s;
    for (let r = 0; r < rows; r++) store<f32>(z + ((<usize>r) << 2), load<f32>(gatesPtr + ((<usize>r * stride + t) << 2)));
    if (s > 0) recurrentProduct(z, weightPtr, offsetPtr, valuePtr, h, rows, hidden);
    for (let j = 0; j < hidden; j++) {
      const at = (<usize>j) << 2;
      const bias = biasPtr + at;
      const i = sigmoidS(load<f32>(z + at) + load<f32>(bias));
      const f = sigmoidS(load<f32>(z + unitBytes + at) + load<f32>(bias + unitBytes));
      const g = tanhS(load<f32>(z + 2 * unitBytes + at) + load<f32>(bias + 2 * unitBytes));
      const o = sigmoidS(load<f32>(z + 3 * unitBytes + at) + load<f32>(bias + 3 * unitBytes));
      const c = decayed(f * load<f32>(cell + at) + i * g);
      const value = o * tanhS(c);
      store<f32>(cell + at, c);
      store<f32>(h + at, value);
      store<f32>(yPtr + ((<usize>j * stride + t) << 2), value);
    }
  }
  for (let j = 0; j < hidden; j++) {
    for (let t = steps; t % LANES != 0; t++) store<f32>(yPtr + ((<usize>j * stride + t) << 2), 0);
  }
}
