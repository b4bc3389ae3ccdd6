// Computes   the scalar twin of adam.ts.
import { decayed } from "../common/decay";
import { isKept } from "../common/mask-bits";
import { clipped } from "./sgd.scalar";

/** One element at four addresses. */
export function adamElement(
  wPtr: usize,
  mPtr: usize,
  vPtr: usize,
  gPtr: usize,
  correctedRate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  corrector: f32,
  gradientScale: f32,
  clipValue: f32,
): void {
  const g = clipped(load<f32>(gPtr), gradientScale, clipValue);
  const m = decayed(beta1 * load<f32>(mPtr) + (1 - beta1) * g);
  const v = decayed(beta2 * load<f32>(vPtr) + (1 - beta2) * (g * g));
  store<f32>(mPtr, m);
  store<f32>(vPtr, v);
  store<f32>(wPtr, load<f32>(wPtr) - (correctedRate * m) / (sqrt<f32>(v * corrector) + epsilon));
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
  const correctedRate: f32 = rate / correction1;
  const corrector: f32 = 1 / correction2;
  for (let e = 0; e < n; ++e) {
    if (!isKept(maskPtr, e)) continue;
    const at = <usize>e << 2;
    adamElement(
      wPtr + at, mPtr + at, vPtr + at, gPtr + at, correctedRate, beta1, beta2, epsilon, corrector, gradientScale, clipValue,
    );
  }
}

export function adamRows(
  wPtr: usize,
  mPtr: usize,
  vPtr: usize,
  gPtr: usize,
  n: i32,
  rowsPtr: usize,
  begin: i32,
  end: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  correction1: f32,
  correction2: f32,
  gradientScale: f32,
  clipValue: f32,
): void {
  for (let i = begin; i < end; i++) {
    const at = (<usize>load<i32>(rowsPtr + (<usize>i << 2)) * n) << 2;
    const g = gPtr + ((<usize>i * n) << 2);
    adam(
      wPtr + at, mPtr + at, vPtr + at, g, 0, n, rate, beta1, beta2, epsilon, correction1, correction2, gradientScale, clipValue,
    );
  }
}
