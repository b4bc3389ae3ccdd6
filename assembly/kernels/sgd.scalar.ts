// The plain twin of sgd.ts, and the tails of its loops.
import { isKept } from "../common/mask-bits";

const TINY: f32 = 1e-30;

// @ts-ignore: decorator
@inline
export function sgdElement(
  wPtr: usize,
  vPtr: usize,
  gPtr: usize,
  maskPtr: usize,
  i: i32,
  rate: f32,
  momentum: f32,
  gradientScale: f32,
  clipValue: f32,
  coasting: i32,
): void {
  const kept = isKept(maskPtr, i);
  if (!kept && !coasting) return;
  const at = <usize>i << 2;
  const g: f32 = kept ? min(max(load<f32>(gPtr + at) * gradientScale, -clipValue), clipValue) : 0;
  let v: f32 = momentum * load<f32>(vPtr + at) + g;
  if (abs(v) < TINY) v = 0;
  store<f32>(vPtr + at, v);
  store<f32>(wPtr + at, load<f32>(wPtr + at) - rate * v);
}

// @ts-ignore: decorator
@inline
export function sgdReplayElement(wPtr: usize, vPtr: usize, i: i32, ratesPtr: usize, first: i32, last: i32, momentum: f32): void {
  const at = <usize>i << 2;
  let w = load<f32>(wPtr + at);
  let v = load<f32>(vPtr + at);
  for (let s = first; s < last && v != 0; s++) {
    v = momentum * v + <f32>0;
    if (abs(v) < TINY) v = 0;
    w = w - load<f32>(ratesPtr + (<usize>s << 2)) * v;
  }
  store<f32>(wPtr + at, w);
  store<f32>(vPtr + at, v);
}

export function sgdMomentum(
  wPtr: usize,
  vPtr: usize,
  gPtr: usize,
  maskPtr: usize,
  n: i32,
  rate: f32,
  momentum: f32,
  gradientScale: f32,
  clipValue: f32,
  coasting: i32,
): void {
  for (let i = 0; i < n; i++) sgdElement(wPtr, vPtr, gPtr, maskPtr, i, rate, momentum, gradientScale, clipValue, coasting);
}

export function sgdReplayRow(wPtr: usize, vPtr: usize, n: i32, ratesPtr: usize, first: i32, last: i32, momentum: f32): void {
  for (let i = 0; i < n; i++) sgdReplayElement(wPtr, vPtr, i, ratesPtr, first, last, momentum);
}
