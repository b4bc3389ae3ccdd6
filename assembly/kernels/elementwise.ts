// Computes: y[i] = f(x[i]) for the functions of assembly/math.
// Reads x[n]. Writes y[n].
// Aliasing: y may be x.
// Twin: elementwise.scalar.ts.
import { expS } from "../math/exp";
import { expV } from "../math/exp.simd";
import { log1pS } from "../math/log1p";
import { log1pV } from "../math/log1p.simd";
import { logS } from "../math/log";
import { logV } from "../math/log.simd";
import { sigmoidS } from "../math/sigmoid";
import { sigmoidV } from "../math/sigmoid.simd";
import { tanhS } from "../math/tanh";
import { tanhV } from "../math/tanh.simd";

const EXP = 0;
const TANH = 1;
const SIGMOID = 2;
const LOG1P = 3;
const LOG = 4;

// `name` is a constant of the caller: each map below is compiled with its one branch.
// @ts-ignore: decorator
@inline
function map(name: i32, yPtr: usize, xPtr: usize, n: i32): void {
  const vectors = n >> 2;
  for (let i = 0; i < vectors; ++i) {
    const x = v128.load(xPtr);
    if (name == EXP) v128.store(yPtr, expV(x));
    else if (name == TANH) v128.store(yPtr, tanhV(x));
    else if (name == SIGMOID) v128.store(yPtr, sigmoidV(x));
    else if (name == LOG1P) v128.store(yPtr, log1pV(x));
    else v128.store(yPtr, logV(x));
    xPtr += 16;
    yPtr += 16;
  }
  for (let i = vectors << 2; i < n; ++i) {
    const x = load<f32>(xPtr);
    if (name == EXP) store<f32>(yPtr, expS(x));
    else if (name == TANH) store<f32>(yPtr, tanhS(x));
    else if (name == SIGMOID) store<f32>(yPtr, sigmoidS(x));
    else if (name == LOG1P) store<f32>(yPtr, log1pS(x));
    else store<f32>(yPtr, logS(x));
    xPtr += 4;
    yPtr += 4;
  }
}

export function mapExp(yPtr: usize, xPtr: usize, n: i32): void {
  map(EXP, yPtr, xPtr, n);
}

export function mapTanh(yPtr: usize, xPtr: usize, n: i32): void {
  map(TANH, yPtr, xPtr, n);
}

export function mapSigmoid(yPtr: usize, xPtr: usize, n: i32): void {
  map(SIGMOID, yPtr, xPtr, n);
}

export function mapLog1p(yPtr: usize, xPtr: usize, n: i32): void {
  map(LOG1P, yPtr, xPtr, n);
}

export function mapLog(yPtr: usize, xPtr: usize, n: i32): void {
  map(LOG, yPtr, xPtr, n);
}
