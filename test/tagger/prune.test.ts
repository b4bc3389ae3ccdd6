import { beforeAll, describe, expect, test } from 'vitest';
import type { ModelContents } from '../../src/io/model-contents.js';
import { fingerprintOf, openModelFile, writeModelFile } from '../../src/io/model-file.js';
import { compactModel } from '../../src/tagger/compact.js';
import { prune } from '../../src/tagger/prune.js';
import { Tagger } from '../../src/tagger/tagger.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';

const EPOCHS = 2;
let dense: ModelContents;
let sparse: ModelContents;

const trained = async (sharing: string, overrides: object = {}, subnets: Uint8Array | null = null) => {
  const budget = { warmup: { epochs: 0 }, prune: { keep: [0.4], epochs: EPOCHS, select: 1 } };
  const { done } = await runTraining(smallConfig({ train: { sharing, epochs: EPOCHS }, ...budget, ...overrides }), { subnets });
  return openModelFile(done.model).contents;
};

beforeAll(async () => {
  dense = await trained('single');
  sparse = await trained('sparse');
});

const masksOf = ({ networks }: ModelContents) => networks.flatMap(({ masks }) => masks);
const keptBy = (model: ModelContents, task: string) => masksOf(model).reduce((sum, mask) => sum + (mask.task === task ? mask.kept : 0), 0);
const prunable = () => sparse.networks[0]!.masks.reduce((sum, { task, tensor }) => sum + (task === 'pos' ? sizeOf(tensor) : 0), 0);
const sizeOf = (tensor: string) => sparse.networks[0]!.tensors.find(({ name }) => name === tensor)!.values.length;

describe('pruning a trained model', () => {
  test('finds the subnet that a training finds in its first round', async () => {
    const pruned = await prune(dense, { keep: 0.4 });
    // The first phase of both, so that both have drawn the same random numbers.
    const first = (model: ModelContents) => masksOf(model).filter(({ task }) => task === 'pos');
    expect(first(pruned)).toEqual(first(sparse));
    expect(pruned.results).toEqual({ pruned: { source: fingerprintOf(dense) } });
  });

  test('keeps the largest of what a task keeps, exactly so many, and makes what no task keeps +0', async () => {
    const pruned = await prune(sparse, { keep: 50 });
    for (const { name } of pruned.tasks) {
      expect(keptBy(pruned, name)).toBe(50);
      const split = { kept: [] as number[], gone: [] as number[] };
      for (const [i, { tensor, bits }] of masksOf(pruned).entries()) {
        if (masksOf(pruned)[i]!.task !== name) continue;
        const values = sparse.networks[0]!.tensors.find((candidate) => candidate.name === tensor)!.values;
        values.forEach((value, e) => {
          const bit = (words: Uint32Array) => (words[e >> 5]! >>> (e & 31)) & 1;
          if (bit(bits)) expect(bit(masksOf(sparse)[i]!.bits)).toBe(1);
          if (bit(masksOf(sparse)[i]!.bits)) split[bit(bits) ? 'kept' : 'gone'].push(Math.abs(value));
        });
      }
      expect(Math.min(...split.kept)).toBeGreaterThanOrEqual(Math.max(...split.gone));
    }
    expect(openModelFile(writeModelFile(pruned)).contents).toEqual(pruned);
  });

  test('leaves the tasks that are not named as they were', async () => {
    const pruned = await prune(sparse, { keep: 0.2, tasks: ['ner'] });
    expect([keptBy(pruned, 'pos'), keptBy(pruned, 'ner')]).toEqual([keptBy(sparse, 'pos'), Math.round(0.2 * prunable())]);
    const [before, after] = [await Tagger.load(writeModelFile(sparse)), await Tagger.load(writeModelFile(pruned))];
    const sentences = smallCorpus().dev.sentences.map(({ tokens }) => tokens);
    expect(after.scoreBatch(sentences, ['pos'])).toEqual(before.scoreBatch(sentences, ['pos']));
    expect(after.scoreBatch(sentences, ['ner'])).not.toEqual(before.scoreBatch(sentences, ['ner']));
  });

  test('of networks without masks leaves those of tasks that are not named without', async () => {
    const pruned = await prune(dense, { keep: 0.5, tasks: ['chunk'] });
    expect(pruned.networks.map(({ name, masks }) => [name, masks.length > 0])).toEqual([
      ['pos', false],
      ['chunk', true],
      ['ner', false],
    ]);
    const again = openModelFile(writeModelFile(pruned)).contents;
    expect(again.networks[0]).toEqual(dense.networks[0]);
  });

  test('cuts subnets within subnets, with trainings under the masks between', async () => {
    const first = await prune(dense, { keep: 0.4 });
    const between = await trained('subnet', { subnets: { file: 'first' } }, writeModelFile(first));
    expect(masksOf(between)).toEqual(masksOf(first));
    const second = masksOf(await prune(between, { keep: 0.2 }));
    second.forEach(({ bits }, i) => {
      expect(bits.every((word, w) => (word & ~masksOf(first)[i]!.bits[w]!) === 0)).toBe(true);
    });
    expect(second.reduce((sum, { kept }) => sum + kept, 0)).toBe(3 * Math.round(0.2 * prunable()));
  });

  test('keeps the encodings of a compact model', async () => {
    const compact = compactModel(sparse);
    const pruned = await prune(compact, { keep: 0.1 });
    expect(pruned.networks[0]!.tensors.map(({ encoding }) => encoding)).toEqual(
      compact.networks[0]!.tensors.map(({ encoding }) => encoding),
    );
    expect(writeModelFile(pruned).length).toBeLessThan(writeModelFile(compact).length);
  });

  test('is refused for more weights than a task keeps, for what is no amount, and for unknown tasks', async () => {
    const refused = (options: Parameters<typeof prune>[1], code: string, message: RegExp) =>
      expect(prune(sparse, options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await refused({ keep: 0.5 }, 'PRUNE_KEEP', /at most the \d+ weights that task pos keeps; found \d+/);
    for (const keep of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      await refused({ keep }, 'PRUNE_KEEP', /expected a fraction up to 1/);
    await refused({ keep: 0.1, tasks: ['srl'] }, 'PRUNE_TASK', /no task "srl"; it has pos, chunk, ner/);
    const reason = new Error('enough');
    await expect(prune(sparse, { keep: 0.1, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
