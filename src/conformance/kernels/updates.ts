import type { Probe } from '../probe.js';

const COUNT = 75;
const ROWS = 6;
const DIMENSION = 9;
/** Rows that a batch touches. */
const TOUCHED = [1, 2, 5];
const STEP = 7;
/** Rate, both decays, epsilon and both corrections of Adam. */
const ADAM = [0.002, 0.9, 0.999, 1e-8, 0.271, 0.002997001] as const;
/** Scale of the gradient and bound of its entries. */
const CLIPPING = [
  [1, Number.POSITIVE_INFINITY],
  [0.37, 0.2],
] as const;

/** Some about to vanish. */
function decaying(probe: Probe, count: number): number {
  return probe.f32(Array.from({ length: count }, (_, e) => (e % 3 === 0 ? 1e-30 * (1 - (e % 2) / 4) : 0.01 * e)));
}

function rates(probe: Probe): number {
  return probe.f32(Array.from({ length: STEP + 1 }, (_, step) => 0.1 / (1 + step)));
}

function sgdMomentum(probe: Probe): void {
  for (const clipping of CLIPPING) {
    for (const coasting of [0, 1]) {
      const planes = [probe.numbers(COUNT), decaying(probe, COUNT), probe.numbers(COUNT), probe.mask(COUNT, 40)];
      probe.run('sgdMomentum', [...planes, COUNT, 0.1, 0.9, ...clipping, coasting]);
    }
  }
}

function sgdReplayRow(probe: Probe): void {
  for (const first of [0, 3]) {
    const planes = [probe.numbers(DIMENSION), decaying(probe, DIMENSION)];
    probe.run('sgdReplayRow', [...planes, DIMENSION, rates(probe), first, STEP, 0.9]);
  }
}

/** Which step comes next for each row. */
function rowSteps(probe: Probe): number {
  return probe.i32([0, 3, 7, 1, 5, 6]);
}

function sgdReplayRows(probe: Probe): void {
  const listed = [1, -1, 2, 5];
  for (const rows of [0, probe.i32(listed)]) {
    const count = rows === 0 ? ROWS : listed.length;
    const planes = [probe.numbers(ROWS * DIMENSION), decaying(probe, ROWS * DIMENSION)];
    const steps = [rowSteps(probe), rates(probe), STEP, 0.9];
    probe.run('sgdReplayRows', ...[0, 1].map((part) => [...planes, DIMENSION, rows, 2 * part, part ? count : 2, ...steps]));
  }
}

function sgdMomentumRows(probe: Probe): void {
  for (const clipping of CLIPPING) {
    const planes = [probe.numbers(ROWS * DIMENSION), decaying(probe, ROWS * DIMENSION), probe.numbers(TOUCHED.length * DIMENSION)];
    const rows = [probe.i32(TOUCHED), 0, TOUCHED.length, rowSteps(probe)];
    probe.run('sgdMomentumRows', [...planes, DIMENSION, ...rows, rates(probe), STEP, 0.9, ...clipping]);
  }
}

/** Weights and both moments. */
function moments(probe: Probe, count: number): number[] {
  return [probe.numbers(count), decaying(probe, count), decaying(probe, count)];
}

function adam(probe: Probe): void {
  for (const clipping of CLIPPING) {
    probe.run('adam', [...moments(probe, COUNT), probe.numbers(COUNT), probe.mask(COUNT, 40), COUNT, ...ADAM, ...clipping]);
  }
}

function adamRows(probe: Probe): void {
  for (const clipping of CLIPPING) {
    const planes = [...moments(probe, ROWS * DIMENSION), probe.numbers(TOUCHED.length * DIMENSION)];
    probe.run('adamRows', [...planes, DIMENSION, probe.i32(TOUCHED), 0, TOUCHED.length, ...ADAM, ...clipping]);
  }
}

export const UPDATES = { sgdMomentum, sgdReplayRow, sgdReplayRows, sgdMomentumRows, adam, adamRows };
