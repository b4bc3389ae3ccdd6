// Computes: the scalar twin of elementwise.ts.
import { expS } from "../math/exp";
import { log1pS } from "../math/log1p";
import { logS } from "../math/log";
import { sigmoidS } from "../math/sigmoid";
import { tanhS } from "../math/tanh";

export function mapExp(yPtr: usize, xPtr: usize, n: i32): void {
  for (let i = 0; i < n; ++i) store<f32>(yPtr + (i << 2), expS(load<f32>(xPtr + (i << 2))));
}

export function mapTanh(yPtr: usize, xPtr: usize, n: i32): void {
  for (let i = 0; i < n; ++i) store<f32>(yPtr + (i << 2), tanhS(load<f32>(xPtr + (i << 2))));
}

export function mapSigmoid(yPtr: usize, xPtr: usize, n: i32): void {
  for (let i = 0; i < n; ++i) store<f32>(yPtr + (i << 2), sigmoidS(load<f32>(xPtr + (i << 2))));
}

export function mapLog1p(yPtr: usize, xPtr: usize, n: i32): void {
  for (let i = 0; i < n; ++i) store<f32>(yPtr + (i << 2), log1pS(load<f32>(xPtr + (i << 2))));
}

export function mapLog(yPtr: usize, xPtr: usize, n: i32): void {
  for (let i = 0; i < n; ++i) store<f32>(yPtr + (i << 2), logS(load<f32>(xPtr + (i << 2))));
}
