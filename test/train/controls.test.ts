import { describe, expect, test } from 'vitest';
import { SYNTHETIC_COLUMNS, syntheticSplits } from '../../src/conformance/synthetic-corpus.js';
import type { ConfigError } from '../../src/errors.js';
import { countBits, maskOverlap } from '../../src/evaluate/overlap.js';
import { makeCorpus } from '../../src/io/corpus.js';
import type { ModelContents, TensorMask } from '../../src/io/model-contents.js';
import { readModelFile } from '../../src/io/model-file.js';
import { Tagger } from '../../src/tagger/tagger.js';
import type { TrainEvent } from '../../src/train/events.js';
import { train } from '../../src/train/train.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';
import { bytesOf } from '../helpers/text.js';

const SPARSE = { sharing: 'sparse', epochs: 1 };
const FILE = 'sparse.safetensors';
const sparse = runTraining(smallConfig({ train: SPARSE }));

const masksOf = (model: ModelContents, task: string): TensorMask[] =>
  model.networks.flatMap(({ masks }) => masks.filter((mask) => mask.task === task));
const bitsOf = (model: ModelContents, task: string): Uint32Array =>
  Uint32Array.from(masksOf(model, task).flatMap(({ bits }) => Array.from(bits)));
const TASKS = ['pos', 'chunk', 'ner'];

/** Joint training under masks made from those of the sparse model. */
async function controlled(subnets: Record<string, unknown>, change: Record<string, unknown> = {}, options = {}) {
  const base = (await sparse).done;
  const config = smallConfig({ train: { ...SPARSE, ...change }, subnets: { file: FILE, ...subnets } });
  const { events, done } = await runTraining(config, { subnets: base.model, ...options });
  return { events, done, model: readModelFile(done.model), base: readModelFile(base.model) };
}

describe('subnets of another model', () => {
  test('are trained without a pruning round, from the state after the warm-up', async () => {
    const { events, done, model, base } = await controlled({});
    expect(events.flatMap((event) => (event.type === 'phase' ? [event.phase.name] : []))).toEqual(['warmup', 'train']);
    for (const task of TASKS) expect(bitsOf(model, task)).toEqual(bitsOf(base, task));
    expect(done.report.tasks.pos!.kept).toBe((await sparse).done.report.tasks.pos!.kept);
    expect(done.report.overlap).toEqual((await sparse).done.report.overlap);
    expect(Object.values(done.report.tasks).map(({ round }) => round)).toEqual([null, null, null]);
  });

  test('are named by their fingerprint in the canonical config', async () => {
    const { model } = await controlled({});
    expect(model.config).toMatchObject({ subnets: { file: (await sparse).done.report.fingerprint } });
  });

  test('must be of the same tasks and the same encoder, and be given', async () => {
    const { model } = (await sparse).done;
    const code = async (promise: Promise<unknown>) =>
      promise.then(
        () => null,
        (error: ConfigError) => error.code,
      );
    const wide = smallConfig({
      train: SPARSE,
      subnets: { file: FILE },
      model: { layers: 1, hidden: 8, wordDimension: 9, charDimension: 0 },
    });
    expect(await code(runTraining(wide, { subnets: model }))).toBe('SUBNETS_TENSOR');
    const named = smallConfig({ train: SPARSE, subnets: { file: FILE }, tasks: [{ name: 'other', column: SYNTHETIC_COLUMNS.pos }] });
    expect(await code(runTraining(named, { subnets: model }))).toBe('SUBNETS_TASK');
    expect(await code(runTraining(smallConfig({ train: SPARSE, subnets: { file: FILE } })))).toBe('CONFIG_SUBNETS');
    expect(await code(runTraining(smallConfig({ train: SPARSE }), { subnets: model }))).toBe('CONFIG_SUBNETS');
  });
});

describe('masks as controls', () => {
  test('are those of the next task', async () => {
    const { model, base } = await controlled({ masks: 'next-task' });
    TASKS.forEach((task, t) => {
      expect(bitsOf(model, task)).toEqual(bitsOf(base, TASKS[(t + 1) % TASKS.length]!));
    });
  });

  test('are random with the size of each tensor’s mask', async () => {
    const { model, base } = await controlled({ masks: 'random' });
    for (const task of TASKS) {
      expect(masksOf(model, task).map(({ kept }) => kept)).toEqual(masksOf(base, task).map(({ kept }) => kept));
      expect(bitsOf(model, task)).not.toEqual(bitsOf(base, task));
    }
    // Independent draws: the masks of two tasks meet about as often as chance says.
    const prunable = model.networks[0]!.tensors.filter(({ name }) => masksOf(model, 'pos').some(({ tensor }) => tensor === name));
    const count = prunable.reduce((sum, { values }) => sum + values.length, 0);
    const overlap = maskOverlap([bitsOf(model, 'pos'), bitsOf(model, 'ner')], count);
    expect(Math.abs(overlap.raw - overlap.chance)).toBeLessThan(0.06); // about 800 weights: sd of the ratio is below 0.02
  });

  test('are random with the sizes and all overlaps of the masks that were found', async () => {
    const { model, base } = await controlled({ masks: 'random-overlap' });
    const cells = (contents: ModelContents): number[] =>
      Array.from({ length: 8 }, (_, set) => {
        const [a, b, c] = TASKS.map((task) => bitsOf(contents, task)) as [Uint32Array, Uint32Array, Uint32Array];
        const pick = (bits: Uint32Array, i: number, t: number): number => (set & (1 << t) ? bits[i]! : ~bits[i]!);
        return set === 0 ? 0 : countBits(a.map((_, i) => pick(a, i, 0) & pick(b, i, 1) & pick(c, i, 2)));
      });
    expect(cells(model)).toEqual(cells(base));
    for (const task of TASKS) expect(bitsOf(model, task)).not.toEqual(bitsOf(base, task));
  });

  test('are the same on every build of the kernels, and after an interruption', async () => {
    const subnets = { masks: 'random', weights: 'reinitialised' };
    const simd = (await controlled(subnets)).done;
    const scalar = (await controlled(subnets, {}, { runtime: { build: 'scalar' } })).done;
    expect(scalar.report.fingerprint).toBe(simd.report.fingerprint);
    const config = smallConfig({ train: { ...SPARSE, epochs: 2 }, subnets: { file: FILE, ...subnets } });
    const model = (await sparse).done.model;
    let resume: Uint8Array | undefined;
    let whole: (TrainEvent & { type: 'done' }) | undefined;
    for await (const event of train(config, [smallCorpus()], { subnets: model })) {
      // Within the training of the subnets, after their masks were drawn.
      if (event.type === 'checkpoint' && event.step > 40 && !resume) resume = event.bytes().slice();
      if (event.type === 'done') whole = event;
    }
    const { done } = await runTraining(config, { subnets: model, resume: resume! });
    expect(done.report.fingerprint).toBe(whole!.report.fingerprint);
  });

  test('leave the masks alone when only the weights are initialised anew', async () => {
    const { model, done, base } = await controlled({ weights: 'reinitialised' });
    for (const task of TASKS) expect(bitsOf(model, task)).toEqual(bitsOf(base, task));
    expect(done.report.fingerprint).not.toBe((await controlled({})).done.report.fingerprint);
  });

  test('may be made of subnets that the run has pruned itself', async () => {
    const { done } = await runTraining(smallConfig({ train: SPARSE, subnets: { masks: 'next-task' } }));
    const [own, moved] = [readModelFile((await sparse).done.model), readModelFile(done.model)];
    TASKS.forEach((task, t) => {
      expect(bitsOf(moved, task)).toEqual(bitsOf(own, TASKS[(t + 1) % TASKS.length]!));
    });
  });
});

describe('the way to the masks as a control', () => {
  const phasesOf = (events: readonly TrainEvent[]): string[] =>
    events.flatMap((event) => (event.type === 'phase' ? [`${event.phase.name} ${event.phase.round}`] : []));

  test('may be one pruning, to the size that many rounds come to', async () => {
    const { events, done } = await runTraining(
      smallConfig({ train: SPARSE, prune: { keep: [0.3], epochs: 1, select: 1, rewind: 'warmup' } }),
    );
    expect(phasesOf(events)).toEqual(['warmup -1', 'prune 0', 'prune 0', 'prune 0', 'train -1']);
    const rounds = await runTraining(smallConfig({ train: SPARSE, prune: { keep: [0.6, 0.3], epochs: 1, select: 2, rewind: 'warmup' } }));
    for (const task of TASKS) {
      expect(done.report.tasks[task]!.kept).toBe(rounds.done.report.tasks[task]!.kept);
      expect(bitsOf(readModelFile(done.model), task)).not.toEqual(bitsOf(readModelFile(rounds.done.model), task));
    }
  });

  test('may do without a warm-up, whichever state weights go back to', async () => {
    const of = (rewind: string) =>
      runTraining(smallConfig({ train: SPARSE, warmup: { epochs: 0 }, prune: { keep: [0.5], epochs: 1, rewind } }));
    const { events, done } = await of('initial');
    expect(phasesOf(events)).not.toContain('warmup -1');
    const other = readModelFile((await of('warmup')).done.model);
    for (const task of TASKS) expect(bitsOf(other, task)).toEqual(bitsOf(readModelFile(done.model), task));
  });

  test('may be that of another seed, whose weights and batches are not taken', async () => {
    const base = (await sparse).done;
    const run = (seed: number) => runTraining(smallConfig({ seed, train: SPARSE, subnets: { file: FILE } }), { subnets: base.model });
    const [own, other] = [readModelFile((await run(3)).done.model), readModelFile((await run(4)).done.model)];
    for (const task of TASKS) expect(bitsOf(other, task)).toEqual(bitsOf(own, task));
    const weightsOf = ({ networks }: ModelContents) => networks[0]!.tensors.find(({ name }) => name === 'lstm.0.forward.input')!.values;
    expect(weightsOf(other)).not.toEqual(weightsOf(own));
  });
});

describe('subnets trained alone', () => {
  test('are a network a task, with the masks that pruning finds in a sparse run', async () => {
    const { done, events } = await runTraining(smallConfig({ train: { ...SPARSE, sharing: 'subnet' } }));
    const [own, alone] = [readModelFile((await sparse).done.model), readModelFile(done.model)];
    expect(alone.networks.map(({ name }) => name)).toEqual(TASKS);
    for (const task of TASKS) expect(bitsOf(alone, task)).toEqual(bitsOf(own, task));
    for (const { name, tensors } of alone.networks) {
      const heads = new Set(tensors.flatMap((tensor) => (tensor.name.startsWith('head.') ? [tensor.name.split('.')[1]] : [])));
      expect([...heads]).toEqual([name]);
    }
    expect(done.report.overlap).toEqual((await sparse).done.report.overlap);
    const start = events.find((event) => event.type === 'start');
    expect(done.report.steps).toBe(start?.type === 'start' && start.totalSteps);
  });

  test('tag as they were scored', async () => {
    const { done } = await controlled({}, { sharing: 'subnet' });
    const tagger = await Tagger.load(done.model);
    expect(Object.keys(tagger.tag(['a', 'b']))).toEqual(TASKS);
    tagger.dispose();
  });
});

describe('hierarchical sharing', () => {
  const model = { wordDimension: 9, charDimension: 5, charFilters: 6, charOutput: 4, layers: 2, hidden: 7 };
  const tasks = [
    { name: 'pos', column: SYNTHETIC_COLUMNS.pos, layer: 1 },
    { name: 'ner', column: SYNTHETIC_COLUMNS.ner, type: 'spans' },
  ];
  const config = (change: Record<string, unknown> = {}) =>
    smallConfig({ model, tasks, train: { sharing: 'hierarchical', epochs: 2, ...change } });

  test('counts for the low task what it can use, and all for both', async () => {
    const { report } = (await runTraining(config())).done;
    const upper = 8 * 7 * (14 + 7); // two directions of four gates of 7 units over 14 inputs and 7 units
    expect(report.tasks.ner!.kept).toBe(report.prunable);
    expect(report.tasks.pos!.kept).toBe(report.prunable - upper);
    expect(report.union).toBe(report.prunable);
  });

  test('tags with the head on its own layer, as the run scored it', async () => {
    const { done } = await runTraining(config());
    const tagger = await Tagger.load(done.model);
    const corpus = smallCorpus();
    const column = corpus.columns.indexOf(SYNTHETIC_COLUMNS.pos);
    let [right, all] = [0, 0];
    for (const { tokens, labels } of corpus.test!.sentences) {
      const tags = tagger.tag(tokens).pos!;
      all += tokens.length;
      right += tags.filter((tag, i) => tag === labels[column]![i]).length;
    }
    tagger.dispose();
    expect((100 * right) / all).toBeCloseTo(done.report.tasks.pos!.test!, 9);
  });

  test('has the same bits on every build of the kernels', async () => {
    const [simd, scalar] = [await runTraining(config()), await runTraining(config(), { runtime: { build: 'scalar' } })];
    expect(scalar.done.report.fingerprint).toBe(simd.done.report.fingerprint);
  });
});

describe('position prediction', () => {
  test('has the place of each token as its label, as many as the longest sentence has', async () => {
    const splits = syntheticSplits({ seed: 7, sentences: 60 });
    const text = (content: string) => ({ file: 'made', bytes: bytesOf(content) });
    const config = smallConfig({ tasks: [{ name: 'place', column: '@position' }], train: { sharing: 'single', epochs: 1 } });
    const corpus = makeCorpus(config.corpora[0]!, ['@position'], {
      train: text(splits.train),
      dev: text(`${'a x\n'.repeat(40)}\n`),
      test: text(splits.test),
    });
    const { done } = await runTraining(config, {}, corpus);
    const { tags } = readModelFile(done.model).tasks[0]!;
    expect([...tags].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, i) => `${i}`));
  });
});
