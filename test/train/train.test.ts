import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.js';
import type { ModelNetwork } from '../../src/io/model-contents.js';
import { fingerprintOf, readModelFile, writeModelFile } from '../../src/io/model-file.js';
import { sha256Hex } from '../../src/io/sha256.js';
import { Tagger } from '../../src/tagger/tagger.js';
import type { TrainEvent } from '../../src/train/events.js';
import { train } from '../../src/train/train.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';

const LIGHT = { word: 0.1, charEmbedding: 0.1, charOutput: 0.1, output: 0.1 };
const LARGER_MODEL = { wordDimension: 20, charDimension: 10, charFilters: 15, charOutput: 10, layers: 1, hidden: 24, dropout: LIGHT };

async function collect(run: AsyncGenerator<TrainEvent>): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of run) events.push(event);
  return events;
}

const MODES = ['single', 'hard', 'sparse'] as const;

describe.each(MODES)('training with %s sharing', (sharing) => {
  const config = smallConfig({ train: { sharing } });

  test('gives the same bytes twice and with scalar kernels', async () => {
    const first = await runTraining(config);
    const second = await runTraining(config);
    const scalar = await runTraining(config, { runtime: { build: 'scalar' } });
    expect(Buffer.compare(first.done.model, second.done.model)).toBe(0);
    expect(Buffer.compare(first.done.model, scalar.done.model)).toBe(0);
    const { report } = first.done;
    expect({ ...scalar.done.report, wasm: report.wasm }).toEqual(report);
    expect(report.corpora).toEqual(readModelFile(first.done.model).corpora);
    const hashOf = (build: string) => sha256Hex(readFileSync(new URL(`../../dist/kernels.${build}.wasm`, import.meta.url)));
    expect([report.wasm, scalar.done.report.wasm]).toEqual([hashOf('simd'), hashOf('scalar')]);
  });

  test('gives other bytes with another seed', async () => {
    const other = smallConfig({ seed: 4, train: { sharing } });
    const [a, b] = [await runTraining(config), await runTraining(other)];
    expect(a.done.report.fingerprint).not.toBe(b.done.report.fingerprint);
  });

  test('resumes from every checkpoint to the same bytes', async () => {
    const whole = await runTraining(config);
    const checkpoints: Uint8Array[] = [];
    for await (const event of train(config, [smallCorpus()])) if (event.type === 'checkpoint') checkpoints.push(event.bytes());
    expect(checkpoints.length).toBeGreaterThan(1);
    for (const resume of checkpoints) {
      const resumed = await runTraining(config, { resume });
      expect(Buffer.compare(resumed.done.model, whole.done.model)).toBe(0);
      expect(resumed.done.report).toEqual(whole.done.report);
    }
  });

  test('says the fingerprint of the model it gives, and saves and loads to the same file', async () => {
    const { done } = await runTraining(config);
    expect(fingerprintOf(done.model)).toBe(done.report.fingerprint);
    expect(Buffer.compare(writeModelFile(readModelFile(done.model)), done.model)).toBe(0);
  });

  test('learns: dev scores rise well above those of the first epoch', async () => {
    const { events, done } = await runTraining(smallConfig({ train: { sharing, epochs: 15 }, model: LARGER_MODEL }));
    const first = events.find((event) => event.type === 'epoch' && event.dev.some(({ task }) => task === 'pos'));
    const before = first?.type === 'epoch' ? first.dev.find(({ task }) => task === 'pos')!.score : 0;
    expect(done.report.tasks.pos!.dev).toBeGreaterThan(before);
    expect(done.report.tasks.pos!.dev).toBeGreaterThan(55);
  });

  test('its tagger reproduces the dev score of the report', async () => {
    const { done } = await runTraining(config);
    const tagger = await Tagger.load(done.model);
    const { dev, columns } = smallCorpus();
    const gold = dev.sentences.map(({ labels }) => labels[columns.indexOf(1)]!);
    const tagged = tagger.tagBatch(dev.sentences.map(({ tokens }) => tokens));
    let correct = 0;
    let tokens = 0;
    gold.forEach((labels, s) => {
      labels.forEach((label, i) => {
        tokens += 1;
        if (tagged[s]!.pos![i] === label) correct += 1;
      });
    });
    expect((100 * correct) / tokens).toBeCloseTo(done.report.tasks.pos!.dev, 10);
    tagger.dispose();
  });
});

describe('sparse sharing', () => {
  const config = smallConfig({ train: { sharing: 'sparse' } });

  test('keeps exactly the counts asked for, and pruned weights are +0', async () => {
    const { events, done } = await runTraining(config);
    const [network] = readModelFile(done.model).networks as [ModelNetwork];
    const prunable = done.report.prunable;
    const asked = [Math.round(0.6 * prunable), Math.round(0.3 * prunable)];
    for (const task of ['pos', 'chunk', 'ner']) {
      const rounds = events.filter((event) => event.type === 'round' && event.task === task) as (TrainEvent & { type: 'round' })[];
      expect(rounds.map(({ kept }) => kept)).toEqual([prunable, ...asked]);
      const chosen = done.report.tasks[task]!;
      expect(asked[chosen.round! - 1]).toBe(chosen.kept);
      const masks = network.masks.filter((mask) => mask.task === task);
      expect(masks.reduce((sum, { kept }) => sum + kept, 0)).toBe(chosen.kept);
    }
    for (const { name, values } of network.tensors) {
      const masks = network.masks.filter(({ tensor }) => tensor === name);
      if (masks.length === 0) continue;
      const union = masks.map(({ bits }) => bits).reduce((a, b) => a.map((word, i) => word | b[i]!));
      values.forEach((value, e) => {
        const kept = ((union[e >> 5]! >>> (e & 31)) & 1) === 1;
        if (!kept) expect(Object.is(value, 0)).toBe(true);
      });
    }
    expect(done.report.union).toBeLessThanOrEqual(prunable);
    expect(done.report.overlap!.raw).toBeGreaterThan(0);
  });

  test('a fixed round skips the training that only its choice would need', async () => {
    const { events, done } = await runTraining(smallConfig({ train: { sharing: 'sparse' }, prune: { keep: [0.5], select: 1, epochs: 1 } }));
    const phases = events.filter((event) => event.type === 'phase').map((event) => event.phase);
    expect(phases.filter(({ name }) => name === 'prune').map(({ round }) => round)).toEqual([0, 0, 0]);
    for (const task of Object.values(done.report.tasks)) expect(task.keptFraction).toBeCloseTo(0.5, 2);
  });

  test('momentum that coasts is another method with other bits', async () => {
    const masked = await runTraining(config);
    const coasting = await runTraining(smallConfig({ train: { sharing: 'sparse', momentumMode: 'coasting' } }));
    expect(coasting.done.report.fingerprint).not.toBe(masked.done.report.fingerprint);
  });

  test('Adam trains subnets too, with the same bits in every build', async () => {
    const adam = smallConfig({
      train: { sharing: 'sparse', optimizer: { type: 'adam' } },
      prune: { keep: [0.5], epochs: 1, optimizer: { type: 'adam' } },
    });
    const [simd, scalar] = [await runTraining(adam), await runTraining(adam, { runtime: { build: 'scalar' } })];
    expect(simd.done.report.fingerprint).toBe(scalar.done.report.fingerprint);
  });
});

describe('a run', () => {
  test('may have a corpus for each task, some without a test split', async () => {
    const both = smallConfig({
      corpora: [
        { name: 'made', train: 'train', dev: 'dev' },
        { name: 'other', train: 'train 2', dev: 'dev 2', test: 'test 2' },
      ],
      tasks: [
        { name: 'pos', corpus: 'made', column: 1, type: 'tags' },
        { name: 'ner', corpus: 'other', column: 3, type: 'spans' },
      ],
    });
    const { columns, train: first, dev } = smallCorpus(60);
    const { test: heldOut, ...rest } = smallCorpus(90);
    const corpora = [
      { ...rest, name: 'other', test: heldOut },
      { name: 'made', columns, train: first, dev, test: null },
    ];
    const done = (await collect(train(both, corpora))).at(-1)!;
    if (done.type !== 'done') throw new Error('no model');
    expect(done.report.tasks.pos!.test).toBeNull();
    expect(done.report.tasks.ner!.test).not.toBeNull();
    expect(readModelFile(done.model).corpora.map(({ name, hashes }) => [name, hashes.test !== null])).toEqual([
      ['made', false],
      ['other', true],
    ]);
  });

  test('stops within one step of its signal, with the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let after = 0;
    const run = async (): Promise<void> => {
      for await (const event of train(smallConfig(), [smallCorpus()], { signal: controller.signal })) {
        if (event.type !== 'step') continue;
        if (controller.signal.aborted) after += 1;
        if (event.step === 3) controller.abort(reason);
      }
    };
    await expect(run()).rejects.toBe(reason);
    expect(after).toBe(0);
  });

  test('names the step when the loss is no number any more', async () => {
    const config = smallConfig({ train: { sharing: 'hard', optimizer: { rate: 1e30, clip: 'none' } } });
    await expect(runTraining(config)).rejects.toMatchObject({ name: 'NumericsError', message: expect.stringMatching(/step \d+/) });
  });

  test('refuses a config that is none, or lacks what it needs, with what is wrong', async () => {
    for (const [config, code] of [
      [{}, 'CONFIG_MISSING'],
      [undefined, 'CONFIG_TYPE'],
      [{ ...smallConfig(), seed: 0.5 }, 'CONFIG_RANGE'],
    ] as [Config, string][])
      await expect(train(config, [smallCorpus()]).next()).rejects.toMatchObject({ name: 'ConfigError', code });
  });

  test('refuses a checkpoint of another config, and what is no checkpoint', async () => {
    let bytes: Uint8Array | null = null;
    for await (const event of train(smallConfig(), [smallCorpus()])) {
      if (event.type !== 'checkpoint') continue;
      bytes = event.bytes();
      break;
    }
    await expect(runTraining(smallConfig({ seed: 9 }), { resume: bytes! })).rejects.toMatchObject({ code: 'CHECKPOINT_CONFIG' });
    await expect(runTraining(smallConfig(), { resume: bytes!.subarray(0, 100) })).rejects.toMatchObject({ name: 'ModelFileError' });
  });

  test('that cannot have the memory it needs says so before the first step', async () => {
    const events: string[] = [];
    const run = async (): Promise<void> => {
      for await (const event of train(smallConfig({ model: { hidden: 200 } }), [smallCorpus()], { runtime: { maximumBytes: 1 << 20 } }))
        events.push(event.type);
    };
    await expect(run()).rejects.toMatchObject({ name: 'ResourceError', code: 'MEMORY_EXHAUSTED' });
    expect(events).toEqual([]);
  });

  test('ends a phase after as many epochs without a better dev score as patience allows', async () => {
    const { events } = await runTraining(smallConfig({ train: { sharing: 'hard', epochs: 60, patience: 2 } }));
    const epochs = events.filter((event) => event.type === 'epoch');
    expect(epochs.length).toBeLessThan(60);
    expect(epochs.slice(-2).every(({ best }) => !best)).toBe(true);
  });
});

test('pruning may have another update rule than training, and resumes to the same bytes', async () => {
  const optimizer = { type: 'adam' };
  const config = smallConfig({
    train: { optimizer },
    prune: { keep: [0.6, 0.3], epochs: 1, optimizer: { type: 'sgd', rate: 0.05 } },
  });
  const whole = await runTraining(config);
  const same = await runTraining(smallConfig({ train: { optimizer }, prune: { keep: [0.6, 0.3], epochs: 1 } }));
  expect(whole.done.report.fingerprint).not.toBe(same.done.report.fingerprint);
  for await (const event of train(config, [smallCorpus()])) {
    if (event.type !== 'checkpoint') continue;
    const resumed = await runTraining(config, { resume: event.bytes() });
    expect(Buffer.compare(resumed.done.model, whole.done.model)).toBe(0);
  }
});

describe('a model file', () => {
  const config = smallConfig({ train: { sharing: 'sparse', epochs: 1 } });

  test('has zero rows for padding', async () => {
    const { done } = await runTraining(config);
    for (const { tensors } of readModelFile(done.model).networks) {
      for (const name of ['char.table', 'word.table']) {
        const { shape, values } = tensors.find((tensor) => tensor.name === name)!;
        expect([...values.subarray(0, shape[1])]).toEqual(new Array(shape[1]).fill(0));
      }
    }
  });

  test('may have no mask for a tensor of which a task keeps all, but none for a tensor that is not prunable', async () => {
    const contents = readModelFile((await runTraining(config)).done.model);
    const [network] = contents.networks as [ModelNetwork];
    const write = (masks: ModelNetwork['masks']): Uint8Array => writeModelFile({ ...contents, networks: [{ ...network, masks }] });
    const name = 'lstm.0.forward.input';
    const elements = network.tensors.find((tensor) => tensor.name === name)!.values.length;
    const all = new Uint32Array(Math.ceil(elements / 32)).fill(0xffffffff);
    if (elements % 32 > 0) all[all.length - 1] = 2 ** (elements % 32) - 1;
    const others = network.masks.filter(({ tensor }) => tensor !== name);
    const explicit = network.masks.map((mask) => (mask.tensor === name ? { ...mask, bits: all, kept: elements } : mask));
    const tokens = smallCorpus().dev.sentences.map((sentence) => sentence.tokens);
    const [without, withAll] = [await Tagger.load(write(others)), await Tagger.load(write(explicit))];
    expect(without.tagBatch(tokens)).toEqual(withAll.tagBatch(tokens));
    const bias = network.tensors.find((tensor) => tensor.name === 'lstm.0.forward.bias')!;
    const bits = new Uint32Array(Math.ceil(bias.values.length / 32));
    bits[0] = 1;
    const foreign = { task: 'pos', tensor: bias.name, kept: 1, bits };
    await expect(Tagger.load(write([...network.masks, foreign]))).rejects.toMatchObject({ code: 'MODEL_MASK_TARGET' });
  });
});

describe('the config names all that a run reads', () => {
  const vectors = { words: ['the'], dimension: 9, values: new Float32Array(9) };

  test.each([
    ['vectors that it does not name', smallConfig(), smallCorpus(), { vectors }, 'CONFIG_VECTORS'],
    ['no vectors where it names some', smallConfig({ vectors: { file: 'glove.txt' } }), smallCorpus(), {}, 'CONFIG_VECTORS'],
    ['no test split where it names one', smallConfig(), { ...smallCorpus(), test: null }, {}, 'CONFIG_CORPUS_SPLIT'],
    [
      'a test split that it does not name',
      smallConfig({ corpora: [{ name: 'made', train: 'train', dev: 'dev' }] }),
      smallCorpus(),
      {},
      'CONFIG_CORPUS_SPLIT',
    ],
  ])('%s: refused', async (_, config, corpus, options, code) => {
    await expect(runTraining(config, options, corpus)).rejects.toMatchObject({ name: 'ConfigError', code });
  });

  test('a corpus without a test split trains and reports no test scores', async () => {
    const config = smallConfig({ corpora: [{ name: 'made', train: 'train', dev: 'dev' }], train: { sharing: 'hard', epochs: 1 } });
    const { done } = await runTraining(config, {}, { ...smallCorpus(), test: null });
    expect(Object.values(done.report.tasks).map(({ test }) => test)).toEqual([null, null, null]);
  });
});

test('the masks of a task are told round by round, if they are asked for, and last as the model has them', async () => {
  const { events, done } = await runTraining(smallConfig(), { masks: true });
  const plain = await runTraining(smallConfig());
  const told = events.flatMap((event) => (event.type === 'masks' ? [event] : []));
  expect(done.report.fingerprint).toBe(plain.done.report.fingerprint);
  expect(plain.events.some(({ type }) => type === 'masks')).toBe(false);
  expect(told.map(({ task }) => task)).toEqual(['pos', 'chunk', 'ner'].flatMap((task) => [task, task, task]));
  const [network] = readModelFile(done.model).networks;
  for (const task of ['pos', 'chunk', 'ner']) {
    const last = told.filter((event) => event.task === task).at(-1)!;
    expect(last.masks).toEqual(network!.masks.filter((mask) => mask.task === task));
    for (const { name, shape } of last.tensors) expect(network!.tensors.find((tensor) => tensor.name === name)!.shape).toEqual(shape);
  }
});
