import { describe, expect, test, vi } from 'vitest';
import { canonicalConfig } from '../../src/config/canonical.js';
import type { Config } from '../../src/config/config.js';
import { concatenate } from '../../src/io/container.js';
import { sha256Hex } from '../../src/io/sha256.js';
import { checkpointParts, checkpointSteps, readCheckpoint } from '../../src/train/checkpoint.js';
import { contentHashes } from '../../src/train/content-hashes.js';
import type { TrainEvent } from '../../src/train/events.js';
import { type TrainOptions, train } from '../../src/train/train.js';
import { type DoneEvent, runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';

const corpus = smallCorpus(60);
const ADAM = { type: 'adam', rate: 0.01 };
const CONFIGS = {
  single: smallConfig({ train: { sharing: 'single' } }),
  hard: smallConfig({ train: { sharing: 'hard' } }),
  sparse: smallConfig({ train: { sharing: 'sparse' } }),
  'sparse with Adam and budgets in steps': smallConfig({
    train: { sharing: 'sparse', optimizer: ADAM },
    warmup: { epochs: 0, steps: 8 },
    prune: { keep: [0.5, 0.3], epochs: 0, steps: 7, rewind: 'initial', optimizer: ADAM },
  }),
  subnet: smallConfig({ train: { sharing: 'subnet', epochs: 1 }, prune: { keep: [0.4], epochs: 1, rewind: 'warmup' } }),
  'coasting momentum': smallConfig({ train: { sharing: 'sparse', momentumMode: 'coasting', patience: 1, epochs: 4 } }),
};

interface Ended {
  /** Events that say what was found, in order. */
  readonly found: readonly TrainEvent[];
  readonly done: DoneEvent | null;
  readonly last: Uint8Array | null;
}

/** A signal that aborts when it is looked at for the `count`-th time, between two parts of a step or of a scored batch. */
function signalAtLook(count: number): AbortSignal {
  const controller = new AbortController();
  let looks = 0;
  const { signal } = controller;
  const throwIfAborted = signal.throwIfAborted.bind(signal);
  signal.throwIfAborted = () => {
    if (++looks === count) controller.abort();
    throwIfAborted();
  };
  return signal;
}

async function trainUntil(signal: AbortSignal, config: Config, options: TrainOptions): Promise<Ended> {
  const found: TrainEvent[] = [];
  let [done, last]: [DoneEvent | null, Uint8Array | null] = [null, null];
  try {
    for await (const event of train(config, [corpus], { ...options, signal })) {
      if (isFinding(event)) found.push(event);
      if (event.type === 'checkpoint') last = event.bytes();
      if (event.type === 'done') done = event;
    }
  } catch (error) {
    if (error !== signal.reason) throw error;
  }
  return { found, done, last };
}

const isFinding = ({ type }: TrainEvent): boolean => type === 'epoch' || type === 'round' || type === 'subnet';

describe.each(Object.entries(CONFIGS))('a run of %s', (_name, config) => {
  test('that is stopped again and again, wherever it looks at its signal, ends with the same bytes and finds the same on the way', async () => {
    const whole = await runTraining(config, {}, corpus);
    const found: TrainEvent[] = [];
    let resume: Uint8Array | undefined;
    let done: DoneEvent | null = null;
    for (let stops = 0; done === null; stops++) {
      // Four looks come before the first step, then some six a step; from 5 to 153, so that runs come further.
      const ended = await trainUntil(signalAtLook(5 + ((67 * stops) % 149)), config, { resume, checkpointAfter: () => false });
      found.push(...ended.found);
      done = ended.done;
      resume = ended.last ?? resume;
    }
    expect(Buffer.compare(done.model, whole.done.model)).toBe(0);
    expect(done.report).toEqual(whole.done.report);
    expect(found).toEqual(whole.events.filter(isFinding));
  });
});

describe('a signal', () => {
  test.each([1, 2])('is looked at after each of %d layers forward and each direction of them backward', async (layers) => {
    const controller = new AbortController();
    const throwIfAborted = vi.spyOn(controller.signal, 'throwIfAborted');
    const looks: number[] = [];
    const config = smallConfig({ model: { ...CONFIGS.hard.model, layers }, train: { sharing: 'hard' } });
    for await (const event of train(config, [corpus], { signal: controller.signal })) {
      if (event.type === 'step') looks.push(throwIfAborted.mock.calls.length);
      if (looks.length === 3) break;
    }
    const beforeStep = 1;
    expect(looks[2]! - looks[1]!).toBe(beforeStep + (1 + layers) + (1 + 2 * layers));
  });

  test.each([2, 3, 4])('that aborts while a run is prepared, at look %d, ends it with nothing to save', async (look) => {
    expect(await trainUntil(signalAtLook(look), CONFIGS.hard, {})).toEqual({ found: [], done: null, last: null });
  });
});

describe('checkpoints', () => {
  const config = CONFIGS.sparse;
  const eventsOf = async (options: TrainOptions): Promise<TrainEvent[]> => {
    const events: TrainEvent[] = [];
    for await (const event of train(config, [corpus], options)) events.push(event);
    return events;
  };

  test('follow the steps that are asked for, and no others', async () => {
    const asked: number[] = [];
    const events = await eventsOf({
      checkpointAfter: (step) => {
        asked.push(step);
        return step % 5 === 0;
      },
    });
    const steps = events.filter((event) => event.type === 'step').length;
    expect(asked).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
    expect(events.flatMap((event) => (event.type === 'checkpoint' ? [event.step] : []))).toEqual(asked.filter((step) => step % 5 === 0));
  });

  test('on one thread and on two are the same bytes, whole or in parts, and leave the run as it is', async () => {
    const digestsOf = async (options: TrainOptions): Promise<string[]> => {
      const digests: string[] = [];
      for await (const event of train(config, [corpus], { ...options, checkpointAfter: (step) => step % 9 === 4 })) {
        if (event.type === 'done') digests.push(event.report.fingerprint);
        if (event.type !== 'checkpoint') continue;
        expect(checkpointSteps(event.bytes())).toBe(event.step);
        expect(Buffer.compare(concatenate(event.parts()), event.bytes())).toBe(0);
        digests.push(sha256Hex(event.bytes()));
      }
      return digests;
    };
    const one = await digestsOf({ runtime: { threads: 1 } });
    expect(await digestsOf({ runtime: { threads: 2 } })).toEqual(one);
    expect(one.at(-1)).toBe((await runTraining(config, {}, corpus)).done.report.fingerprint);
  });
});

test.each([
  ['of nothing prunable', { prunable: 0 }],
  ['of fewer weights than a task keeps', { prunable: 1 }],
])('a checkpoint with a trained network %s is refused', async (_what, change) => {
  const config = CONFIGS.single;
  const whole = await runTraining(config, {}, corpus);
  const file = whole.events.flatMap((event) => (event.type === 'checkpoint' ? [event.bytes()] : [])).at(-1)!;
  const state = readCheckpoint(file, canonicalConfig(config, contentHashes(config, [corpus], null, null)));
  const finished = state.finished.map((network) => ({ ...network, ...change }));
  const forged = concatenate(checkpointParts({ ...state, finished }));
  await expect(runTraining(config, { resume: forged }, corpus)).rejects.toMatchObject({ code: 'CHECKPOINT_STATE' });
});

describe('a checkpoint', () => {
  const config = CONFIGS.hard;
  const checkpoint = (async () => (await trainUntil(signalAtLook(17), config, {})).last!)();
  const spoil = async (edit: (bytes: Uint8Array) => void): Promise<Uint8Array> => {
    const bytes = (await checkpoint).slice();
    edit(bytes);
    return bytes;
  };
  /** Edits the state in the header without changing its length, and seals it again. */
  const forge = async (from: string, to: string): Promise<Uint8Array> => {
    expect(to.length).toBe(from.length);
    return spoil((bytes) => {
      const at = Buffer.from(bytes.buffer).indexOf(from);
      expect(at).toBeGreaterThan(0);
      bytes.set(Buffer.from(to), at);
      bytes.set(Buffer.from(sha256Hex(bytes.subarray(0, -32)), 'hex'), bytes.length - 32);
    });
  };

  test.each([
    ['cut anywhere', 'MODEL_', () => checkpoint.then((bytes) => bytes.subarray(0, Math.floor(bytes.length / 3)))],
    ['without its last byte', 'MODEL_DATA_TRUNCATED', () => checkpoint.then((bytes) => bytes.subarray(0, -1))],
    ['with one bit of a weight changed', 'CHECKPOINT_DIGEST', () => spoil((bytes) => bytes.set([bytes.at(-100)! ^ 1], bytes.length - 100))],
    ['with zeros at its end, as after a loss of power', 'CHECKPOINT_DIGEST', () => spoil((bytes) => bytes.fill(0, -4096))],
    ['that is a model', 'CHECKPOINT_KIND', async () => (await runTraining(config, {}, corpus)).done.model],
    ['whose parts contradict one another', 'CHECKPOINT_STATE', () => forge(String.raw`\"phaseSteps\":2`, String.raw`\"phaseSteps\":3`)],
    ['whose state is no JSON', 'CHECKPOINT_STATE', () => forge(String.raw`\"phaseSteps\":2`, String.raw`\"phaseSteps\":x`)],
    [
      'with another kind of value in its state',
      'CHECKPOINT_STATE',
      () => forge(String.raw`\"masks\":[null,`, String.raw`\"masks\":[1234,`),
    ],
  ])('%s is refused (%s)', async (_what, code, bytes) => {
    await expect(runTraining(config, { resume: await bytes() }, corpus)).rejects.toMatchObject({
      name: 'ModelFileError',
      code: expect.stringContaining(code),
    });
  });
});

test('digests of the weights follow the steps that are asked for, and tell one element from another', async () => {
  const config = CONFIGS.sparse;
  const digestsOf = async (seed: number): Promise<TrainEvent[]> => {
    const events: TrainEvent[] = [];
    for await (const event of train({ ...config, seed }, [corpus], { digestsAfter: (step) => step === 1 || step === 30 })) {
      if (event.type === 'digests') events.push(event);
    }
    return events;
  };
  const [first, again, other] = [await digestsOf(3), await digestsOf(3), await digestsOf(4)];
  expect(first.map((event) => event.type === 'digests' && event.step)).toEqual([1, 30]);
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
