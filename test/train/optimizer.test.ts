import { describe, expect, test } from 'vitest';
import type { OptimizerConfig } from '../../src/config/config.js';
import type { EncodedSentence } from '../../src/data/encode.js';
import { packBatch } from '../../src/model/pack-batch.js';
import type { HeadShape, PlaneRange } from '../../src/model/parameters.js';
import { Optimizer } from '../../src/train/optimizer.js';
import { TaskMasks } from '../../src/train/task-masks.js';
import {
  BOUNDED_CRF_HEAD,
  fillNetwork,
  openNetwork,
  readWordGradients,
  readWords,
  type SmallNetwork,
  SOFTMAX_HEAD,
  smallSentences,
  smallShape,
  smallTypes,
} from '../helpers/small-network.js';
import { bits, isKept, randomMask } from '../kernels/matrices.js';

const HEADS: readonly HeadShape[] = [SOFTMAX_HEAD, BOUNDED_CRF_HEAD];
const TYPES = smallTypes(40, 6);
const SGD: OptimizerConfig = {
  type: 'sgd',
  rate: 0.1,
  schedule: 'constant',
  decay: 0,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clip: 'none',
  clipAt: 0,
};
const ADAM: OptimizerConfig = { ...SGD, type: 'adam', rate: 0.01 };

/** A network with its masks (task 0 keeps 60 %, task 1 keeps 50 %) and an optimiser that has begun. */
interface Trainer extends SmallNetwork {
  readonly masks: TaskMasks;
  readonly optimizer: Optimizer;
}

async function openTrainer(config: OptimizerConfig, options: { masked?: boolean; wordDropout?: number } = {}): Promise<Trainer> {
  const { masked = true, wordDropout = 0 } = options;
  const small = await openNetwork(smallShape({ wordDropout }, HEADS), { seed: 17 });
  const { runtime, network } = small;
  const masks = new TaskMasks(runtime, network);
  const optimizer = new Optimizer(runtime, network, [config], 100);
  if (masked) {
    const all = masks.allKept();
    [0.6, 0.5].forEach((density, task) => {
      const random = randomMask(network.table.prunable.end, density, 30 + task);
      masks.set(
        task,
        all.map((word, w) => word & random[w]!),
      );
    });
    masks.applyUnion([0, 1]);
  }
  optimizer.begin(config);
  return { ...small, masks, optimizer };
}

interface Planned {
  readonly task: number;
  readonly sentences: readonly EncodedSentence[];
  readonly rate: number;
}

/** Small batches, so that most word rows are out of most of them; tasks and rates change from step to step. */
const STEPS: readonly Planned[] = Array.from({ length: 12 }, (_, i) => ({
  task: [0, 1, 1, 0, 1][i % 5]!,
  sentences: smallSentences([1 + (i % 3), 2], TYPES.length, 5, 70 + i),
  rate: 0.1 / (1 + 0.05 * i),
}));

/** Loss gradients of a step, with `junk` where the task has none: at pruned entries and in the other heads. */
function backward({ runtime, network, masks }: Trainer, { task, sentences }: Planned, step: number, junk = 0): void {
  network.prepare(masks.pointer(task), [task], true);
  network.backward(network.encode(packBatch(sentences, TYPES), { seed: 1, phase: 2, step }), task);
  const gradients = runtime.arena.f32(network.gradients, network.table.size);
  const mask = masks.get(task);
  if (mask) for (let e = 0; e < network.table.prunable.end; e++) if (!isKept(mask, e)) gradients[e] = junk;
  network.table.heads.forEach(({ begin, end }, head) => {
    if (head !== task) gradients.fill(junk, begin, end);
  });
}

function takeStep(trainer: Trainer, planned: Planned, step: number, mode: 'masked' | 'coasting' = 'masked', junk = 0): void {
  trainer.optimizer.refresh(packBatch(planned.sentences, TYPES));
  backward(trainer, planned, step, junk);
  trainer.optimizer.step(planned.task, trainer.masks.pointer(planned.task), [], planned.rate, mode);
}

interface Planes {
  readonly parameters: Float32Array;
  readonly words: number[][];
  /** What the optimiser keeps: velocity (or moments) of the plane, then of the word table. */
  readonly state: readonly Float32Array[];
}

function planesOf({ runtime, network, optimizer }: Trainer): Planes {
  const { planes: state } = optimizer.save();
  return {
    parameters: runtime.arena.f32(network.parameters, network.table.size).slice(),
    words: readWords({ runtime, network }),
    state: state.map((plane) => plane.slice()),
  };
}

/** Elements of the prunable plane that `kept` says of the two tasks. */
function elements({ masks, network }: Trainer, inFirst: boolean, inSecond: boolean): number[] {
  const [first, second] = [masks.get(0)!, masks.get(1)!];
  return Array.from({ length: network.table.prunable.end }, (_, e) => e).filter(
    (e) => isKept(first, e) === inFirst && isKept(second, e) === inSecond,
  );
}

const { fround } = Math;

describe('SGD with momentum', () => {
  test('moves every word row at every step as a dense update would, to the bit', async () => {
    for (const wordDropout of [0, 0.4]) {
      const lazy = await openTrainer(SGD, { wordDropout });
      const dense = await openTrainer(SGD, { wordDropout });
      const { runtime, network, masks } = dense;
      const { rows, dimension, values } = network.words;
      const velocity = runtime.arena.allocateWords('velocity', network.table.size);
      const wordVelocity = runtime.arena.allocateWords('word velocity', rows * dimension);
      const wordGradient = runtime.arena.allocateWords('word gradient', rows * dimension);
      STEPS.forEach((planned, step) => {
        takeStep(lazy, planned, step);

        backward(dense, planned, step);
        const update = ({ begin, end }: PlaneRange, mask: number): void => {
          const [w, v, g] = [network.parameters, velocity, network.gradients].map((plane) => plane + 4 * begin);
          runtime.kernels.sgdMomentum(w!, v!, g!, mask, end - begin, fround(planned.rate), 0.9, 1, Number.POSITIVE_INFINITY, 0);
        };
        update(network.table.prunable, masks.pointer(planned.task));
        update(network.table.shared[0]!, 0);
        update(network.table.heads[planned.task]!, 0);
        runtime.arena.f32(wordGradient, rows * dimension).set(readWordGradients(dense).flat());
        const rate = fround(planned.rate);
        runtime.kernels.sgdMomentum(values, wordVelocity, wordGradient, 0, rows * dimension, rate, 0.9, 1, Number.POSITIVE_INFINITY, 0);
      });
      const found = planesOf(lazy);
      expect(bits(found.parameters)).toEqual(bits(runtime.arena.f32(network.parameters, network.table.size).slice()));
      expect(found.words).toEqual(readWords(dense));
      expect(bits(found.state[0]!)).toEqual(bits(runtime.arena.f32(velocity, network.table.size).slice()));
      expect(bits(found.state[1]!)).toEqual(bits(runtime.arena.f32(wordVelocity, rows * dimension).slice()));
    }
  });

  test('goes on from a saved state to the same bits', async () => {
    const whole = await openTrainer(SGD);
    const resumed = await openTrainer(SGD);
    STEPS.forEach((planned, step) => {
      takeStep(whole, planned, step);
      takeStep(resumed, planned, step);
      if (step === 6) {
        const { planes, ...counts } = resumed.optimizer.save();
        const state = { ...counts, planes: planes.map((plane) => plane.slice()) };
        resumed.optimizer.begin(SGD);
        resumed.optimizer.restore(SGD, state);
      }
    });
    expect(planesOf(resumed)).toEqual(planesOf(whole));
  });

  test('masked: leaves weights and velocities alone that the task does not keep, and the other head', async () => {
    const trainer = await openTrainer(SGD);
    STEPS.slice(0, 5).forEach((planned, step) => {
      takeStep(trainer, planned, step);
    });
    const before = planesOf(trainer);
    takeStep(trainer, { ...STEPS[5]!, task: 0 }, 5, 'masked', 1e6);
    const after = planesOf(trainer);
    const head = trainer.network.table.heads[1]!;
    const others = [...elements(trainer, false, true), ...elements(trainer, false, false)];
    for (let e = head.begin; e < head.end; e++) others.push(e);
    expect(others.some((e) => before.state[0]![e] !== 0)).toBe(true);
    for (const e of others) {
      expect(after.parameters[e]).toBe(before.parameters[e]);
      expect(after.state[0]![e]).toBe(before.state[0]![e]);
    }
    const own = [...elements(trainer, true, true), ...elements(trainer, true, false)];
    expect(own.filter((e) => after.parameters[e] !== before.parameters[e]).length).toBeGreaterThan(own.length / 2);
  });

  test('coasting: moves them by their velocity alone, as the reference does', async () => {
    const trainer = await openTrainer(SGD);
    STEPS.slice(0, 5).forEach((planned, step) => {
      takeStep(trainer, planned, step, 'coasting');
    });
    const before = planesOf(trainer);
    const planned = { ...STEPS[5]!, task: 0 };
    takeStep(trainer, planned, 5, 'coasting', 1e6);
    const after = planesOf(trainer);
    const head = trainer.network.table.heads[1]!;
    const others = elements(trainer, false, true);
    for (let e = head.begin; e < head.end; e++) others.push(e);
    let moved = 0;
    for (const e of others) {
      const velocity = fround(fround(0.9) * before.state[0]![e]!);
      expect(after.state[0]![e]).toBe(velocity);
      expect(after.parameters[e]).toBe(fround(before.parameters[e]! - fround(fround(planned.rate) * velocity)));
      if (after.parameters[e] !== before.parameters[e]) moved++;
    }
    expect(moved).toBeGreaterThan(others.length / 2);
    for (const e of elements(trainer, false, false)) expect(Object.is(after.parameters[e], 0)).toBe(true);
  });

  test('begins every phase with no velocity', async () => {
    const trainer = await openTrainer(SGD);
    STEPS.slice(0, 4).forEach((planned, step) => {
      takeStep(trainer, planned, step);
    });
    trainer.optimizer.begin(SGD);
    for (const plane of trainer.optimizer.save().planes) expect(plane.every((v) => Object.is(v, 0))).toBe(true);
  });
});

describe('clipping', () => {
  /** Squares of all gradients that a step of `task` uses. */
  function squares(trainer: Trainer, task: number): number {
    const { runtime, network, masks } = trainer;
    const gradients = runtime.arena.f32(network.gradients, network.table.size);
    const {
      prunable,
      shared: [shared],
      heads,
    } = network.table;
    let sum = 0;
    const add = ({ begin, end }: PlaneRange, mask: Uint32Array | null): void => {
      for (let e = begin; e < end; e++) if (!mask || isKept(mask, e)) sum += gradients[e]! ** 2;
    };
    add(prunable, masks.get(task));
    add(shared!, null);
    add(heads[task]!, null);
    return (
      sum +
      readWordGradients(trainer)
        .flat()
        .reduce((part, g) => part + g * g, 0)
    );
  }

  test('by norm scales the gradient of kept entries to the bound, whatever lies at pruned ones', async () => {
    const config: OptimizerConfig = { ...SGD, clip: 'norm', clipAt: 0.05 };
    const results: Planes[] = [];
    for (const junk of [0, 1e9]) {
      const trainer = await openTrainer(config);
      backward(trainer, STEPS[0]!, 0, junk);
      const norm = Math.sqrt(squares(trainer, 0));
      expect(norm).toBeGreaterThan(0.5);
      trainer.optimizer.step(0, trainer.masks.pointer(0), [], 0.1, 'masked');
      const planes = planesOf(trainer);
      // After one step the velocity is the clipped gradient.
      const velocity = planes.state.flatMap((plane) => [...plane]).reduce((sum, v) => sum + v * v, 0);
      expect(Math.sqrt(velocity)).toBeCloseTo(0.05, 6);
      results.push(planes);
    }
    expect(results[1]).toEqual(results[0]);
  });

  test('by norm changes nothing below the bound', async () => {
    const results: Planes[] = [];
    for (const config of [SGD, { ...SGD, clip: 'norm', clipAt: 1e3 } as const]) {
      const trainer = await openTrainer(config);
      takeStep(trainer, STEPS[0]!, 0);
      results.push(planesOf(trainer));
    }
    expect(results[1]).toEqual(results[0]);
  });

  test('by value bounds every entry by itself', async () => {
    const trainer = await openTrainer({ ...SGD, clip: 'value', clipAt: 0.01 });
    const free = await openTrainer(SGD);
    takeStep(trainer, STEPS[0]!, 0);
    takeStep(free, STEPS[0]!, 0);
    const [clipped, plain] = [planesOf(trainer), planesOf(free)];
    const bound = fround(0.01);
    for (const plane of [0, 1]) {
      expect(plain.state[plane]!.some((v) => Math.abs(v) > bound)).toBe(true);
      expect(clipped.state[plane]).toEqual(plain.state[plane]!.map((v) => Math.max(-bound, Math.min(bound, v))));
    }
  });

  test('by norm refuses a gradient that is not finite', async () => {
    const trainer = await openTrainer({ ...SGD, clip: 'norm', clipAt: 1 });
    backward(trainer, STEPS[0]!, 0);
    const { begin } = trainer.network.table.shared[0]!;
    trainer.runtime.arena.f32(trainer.network.gradients, begin + 1)[begin] = Number.NaN;
    expect(() => trainer.optimizer.step(0, trainer.masks.pointer(0), [], 0.1, 'masked')).toThrow(
      expect.objectContaining({ code: 'NOT_FINITE_GRADIENT' }),
    );
  });
});

/** Adam in f64, each number with its own count of steps. */
class PlainAdam {
  readonly #m: Float64Array;
  readonly #v: Float64Array;

  constructor(readonly weights: Float64Array) {
    this.#m = new Float64Array(weights.length);
    this.#v = new Float64Array(weights.length);
  }

  step(e: number, gradient: number, steps: number, rate: number): void {
    const { beta1, beta2, epsilon } = ADAM;
    this.#m[e] = beta1 * this.#m[e]! + (1 - beta1) * gradient;
    this.#v[e] = beta2 * this.#v[e]! + (1 - beta2) * gradient * gradient;
    const m = this.#m[e]! / (1 - beta1 ** steps);
    const v = this.#v[e]! / (1 - beta2 ** steps);
    this.weights[e]! -= (rate * m) / (Math.sqrt(v) + epsilon);
  }
}

describe('Adam', () => {
  test('counts for each weight only the steps of the tasks that keep it', async () => {
    const trainer = await openTrainer(ADAM);
    const { runtime, network, masks, optimizer } = trainer;
    const { prunable, shared, heads, size } = network.table;
    const groups = masks.groups([0, 1], () => runtime.arena.allocateWords('group', masks.words));
    const plain = new PlainAdam(Float64Array.from(runtime.arena.f32(network.parameters, size)));
    const plainWords = new PlainAdam(Float64Array.from(readWords(trainer).flat()));
    const keptBy = [masks.get(0)!, masks.get(1)!];
    const taken = [0, 0];
    STEPS.forEach((planned, step) => {
      const { task } = planned;
      backward(trainer, planned, step, 1e6);
      taken[task]! += 1;
      const gradients = runtime.arena.f32(network.gradients, size);
      const own = (e: number): number => taken.reduce((sum, steps, t) => (isKept(keptBy[t]!, e) ? sum + steps : sum), 0);
      const rate = 0.1 * planned.rate;
      for (let e = prunable.begin; e < prunable.end; e++) if (isKept(keptBy[task]!, e)) plain.step(e, gradients[e]!, own(e), rate);
      for (let e = shared[0]!.begin; e < shared[0]!.end; e++) plain.step(e, gradients[e]!, step + 1, rate);
      for (let e = heads[task]!.begin; e < heads[task]!.end; e++) plain.step(e, gradients[e]!, taken[task]!, rate);
      const { dimension, touched } = network.words;
      for (const row of touched) {
        const gradient = readWordGradients(trainer)[row]!;
        for (let f = 0; f < dimension; f++) plainWords.step(row * dimension + f, gradient[f]!, step + 1, rate);
      }
      optimizer.step(task, masks.pointer(task), groups, rate, 'masked');
    });
    // Weights of order 1 after twelve moves of about 0.01, each of a few roundings of its own size.
    const { parameters, words } = planesOf(trainer);
    const worst = (found: readonly number[], expected: Float64Array): number =>
      Math.max(...found.map((w, e) => Math.abs(w - expected[e]!)));
    expect(worst([...parameters], plain.weights)).toBeLessThan(2e-6);
    expect(worst(words.flat(), plainWords.weights)).toBeLessThan(2e-6);
    for (const e of elements(trainer, false, false)) expect(Object.is(parameters[e], 0)).toBe(true);
  });
});

test('phases may differ in update rule: each moves the weights as an optimiser of that rule alone', async () => {
  const run = async (config: OptimizerConfig, before: readonly OptimizerConfig[]): Promise<Planes> => {
    const trainer = await openTrainer(config, { masked: false });
    const { runtime, network } = trainer;
    const optimizer = new Optimizer(runtime, network, [...before, config], 100);
    for (const other of before) {
      optimizer.begin(other);
      takeSteps({ ...trainer, optimizer });
      optimizer.settle();
      fillNetwork(runtime, network, 17, 1);
    }
    optimizer.begin(config);
    takeSteps({ ...trainer, optimizer });
    return planesOf({ ...trainer, optimizer });
  };
  const takeSteps = (trainer: Trainer): void => {
    for (const [step, planned] of STEPS.entries()) {
      const groups = trainer.masks.groups([0, 1], () => 0);
      trainer.optimizer.refresh(packBatch(planned.sentences, TYPES));
      backward(trainer, planned, step);
      trainer.optimizer.step(planned.task, 0, groups, 0.1 * planned.rate, 'masked');
    }
  };
  for (const [config, other] of [
    [SGD, ADAM],
    [ADAM, SGD],
  ] as const) {
    const [alone, after] = [await run(config, []), await run(config, [other])];
    expect(bits(after.parameters)).toEqual(bits(alone.parameters));
    expect(after.words).toEqual(alone.words);
  }
});
