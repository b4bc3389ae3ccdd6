// The plain twin of adam.ts, and the tail of its loop.
import { isKept } from "../common/mask-bits";

const TINY: f32 = 1e-30;

// @ts-ignore: decorator
@inline
export function adamElement(
  wPtr: usize,
  mPtr: usize,
  vPtr: usize,
  gPtr: usize,
  maskPtr: usize,
  i: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  correction1: f32,
  correction2: f32,
  gradientScale: f32,
  clipValue: f32,
): void {
  if (!isKept(maskPtr, i)) return;
  const at = <usize>i << 2;
  const g: f32 = min(max(load<f32>(gPtr + at) * gradientScale, -clipValue), clipValue);
  let m: f32 = beta1 * load<f32>(mPtr + at) + (1 - beta1) * g;
  if (abs(m) < TINY) m = 0;
  let v: f32 = beta2 * load<f32>(vPtr + at) + (1 - beta2) * (g * g);
  if (abs(v) < TINY) v = 0;
  store<f32>(mPtr + at, m);
  store<f32>(vPtr + at, v);
  store<f32>(wPtr + at, load<f32>(wPtr + at) - rate * (m / correction1 / (sqrt<f32>(v / correction2) + epsilon)));
}

export function adam(
  wPtr: usize,
  mPtr: usize,
  vPtr: usize,
  gPtr: usize,
  maskPtr: usize,
  n: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  correction1: f32,
  correction2: f32,
  gradientScale: f32,
  clipValue: f32,
): void {
  for (let i = 0; i < n; i++) {
    adamElement(wPtr, mPtr, vPtr, gPtr, maskPtr, i, rate, beta1, beta2, epsilon, correction1, correction2, gradientScale, clipValue);
  }
}
