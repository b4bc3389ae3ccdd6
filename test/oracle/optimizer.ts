// The optimisers' documented order of operations, one element at a time, each result rounded to f32. Sums, products,
// quotients and roots of f32 values computed in f64 and rounded once more are the correctly rounded f32 results.
const f = Math.fround;
const NEGLIGIBLE = f(1e-30);

const decayed = (value: number): number => (Math.abs(value) < NEGLIGIBLE ? 0 : value);

/** g' = g * scale within [-clip, clip]. */
export function clipped(g: number, scale: number, clip: number): number {
  return Math.max(Math.min(f(g * f(scale)), f(clip)), -f(clip));
}

/** [w, v] after a step of SGD with momentum on the clipped gradient `g`. */
export function sgdStep(w: number, v: number, g: number, rate: number, momentum: number): [number, number] {
  const next = decayed(f(f(f(momentum) * v) + g));
  return [f(w - f(f(rate) * next)), next];
}

export interface AdamSettings {
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly correction1: number;
  readonly correction2: number;
}

/** [w, m, v] after a step of Adam on the clipped gradient `g`. */
export function adamStep(w: number, m: number, v: number, g: number, settings: AdamSettings): [number, number, number] {
  const [beta1, beta2] = [f(settings.beta1), f(settings.beta2)];
  const rate = f(f(settings.rate) / f(settings.correction1));
  const corrector = f(1 / f(settings.correction2));
  const first = decayed(f(f(beta1 * m) + f(f(1 - beta1) * g)));
  const second = decayed(f(f(beta2 * v) + f(f(1 - beta2) * f(g * g))));
  const spread = f(f(Math.sqrt(f(second * corrector))) + f(settings.epsilon));
  return [f(w - f(f(rate * first) / spread)), first, second];
}
