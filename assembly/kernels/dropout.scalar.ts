// The plain twin of dropout.ts.
import { dropThreshold, philoxWord } from "../common/philox";

export function dropout(
  yPtr: usize,
  xPtr: usize,
  stride: i32,
  features: i32,
  positions: i32,
  firstPtr: usize,
  secondPtr: usize,
  key0: u32,
  key1: u32,
  stream: u32,
  step: u32,
  dropProbability: f32,
): void {
  const threshold = dropThreshold(dropProbability);
  const scale: f32 = 1 / (1 - dropProbability);
  for (let f = 0; f < features; f++) {
    for (let p = 0; p < positions; p++) {
      const first = load<u32>(firstPtr + (<usize>p << 2));
      const second = load<u32>(secondPtr + (<usize>p << 2));
      const word = philoxWord(f & 3, key0, key1, (f >>> 2) | (stream << 16), first, second, step);
      const at = (<usize>f * <usize>stride + <usize>p) << 2;
      store<f32>(yPtr + at, word >= threshold ? load<f32>(xPtr + at) * scale : 0);
    }
  }
}
