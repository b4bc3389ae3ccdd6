import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syntheticCorpus } from '../../src/conformance/synthetic-corpus.js';
import type { ModelContents } from '../../src/io/model-contents.js';
import { fingerprintOf, readModelFile, writeModelFile } from '../../src/io/model-file.js';
import { prune } from '../../src/tagger/prune.js';
import { ERROR_LINE, sparsetag } from './sparsetag.js';
import { TOY_CONFIG } from './toy-config.js';

let folder: string;
const at = (name: string) => path.join(folder, name);
const verify = (...args: string[]) => sparsetag(['verify', ...args, '--data', at('nowhere')]);
const FILES = () => [at('train.txt'), at('dev.txt'), at('test.txt')];

const CONFIG = {
  ...TOY_CONFIG,
  train: { epochs: 1 },
  prune: { keep: [0.5], epochs: 1, select: 1 },
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-verify-'));
  for (const [i, name] of ['train', 'dev', 'test'].entries())
    await writeFile(at(`${name}.txt`), syntheticCorpus({ seed: i, sentences: 40 }));
  await writeFile(at('config.json'), JSON.stringify(CONFIG));
  expect((await sparsetag(['train', '--config', at('config.json'), '--out', at('run'), '-q'])).status).toBe(0);
});
afterAll(() => rm(folder, { recursive: true }));

const model = () => at('run/model.safetensors');
const contents = async (): Promise<ModelContents> => readModelFile(await readFile(model()));

describe('sparsetag verify', () => {
  test('trains the model again from files that it knows by their content, and finds it the same', async () => {
    // Other names, and more files than there are splits.
    await copyFile(at('dev.txt'), at('a'));
    await writeFile(at('b'), syntheticCorpus({ seed: 9, sentences: 10 }));
    const { status, stdout } = await verify(model(), at('test.txt'), at('b'), at('train.txt'), at('a'), '--json');
    const result = JSON.parse(stdout);
    const report = JSON.parse(await readFile(at('run/report.json'), 'utf8'));
    expect({ status, ...result }).toMatchObject({ status: 0, schema: 1, equal: true, steps: report.steps, differences: [] });
    expect([result.fingerprint, result.found]).toEqual([report.fingerprint, report.fingerprint]);
    expect([result.corpora, result.wasm]).toEqual([report.corpora, report.wasm]);
    expect(report.corpora).toEqual((await contents()).corpora);
  });

  test('finds the files that a config names, or those in a folder', async () => {
    for (const places of [['--config', at('config.json')], [folder]]) {
      const { status, stdout } = await verify(model(), ...places, '--steps', '5');
      expect({ status, stdout }).toEqual({ status: 0, stdout: '5 steps trained again: all as in the trace of the model\n' });
    }
    const { stdout } = await verify(model(), folder, '--steps', '5', '--json');
    const report = JSON.parse(await readFile(at('run/report.json'), 'utf8'));
    expect(JSON.parse(stdout)).toMatchObject({ equal: true, found: null, wasm: report.wasm, corpora: report.corpora });
  });

  test.each([
    ['another sentence', async () => writeFile(at('other.txt'), `${await readFile(at('dev.txt'), 'utf8')}a\tNN\tO\tO\n`)],
    ['no file', () => rm(at('other.txt'), { force: true })],
  ])('refuses data with %s, and says which split is missing', async (what, prepare) => {
    await prepare();
    const { status, stderr } = await verify(model(), at('train.txt'), at('test.txt'), at('other.txt'));
    expect(status).toBe(3);
    expect(stderr).toMatch(ERROR_LINE);
    expect(stderr).toMatch(/dev of toy \(sha256 [0-9a-f]{12}/);
    expect(stderr.includes(`and there is no ${at('other.txt')}`)).toBe(what === 'no file');
  });

  test('tells the first step whose loss differs, and the first tensor with the elements, with status 5', async () => {
    const lines = (await readFile(at('run/model.trace.jsonl'), 'utf8')).split('\n');
    const loss = lines.findIndex((line) => line.startsWith('{"step":6,"loss"'));
    lines[loss] = lines[loss]!.replace(/[0-9a-f]{2}"}$/, (end) => (end === '00"}' ? '01"}' : '00"}'));
    const digests = lines.findIndex((line) => line.startsWith('{"step":8,"tensors"'));
    const tensors = JSON.parse(lines[digests]!);
    tensors.tensors['lstm.0.forward.input'][3] = '0'.repeat(16);
    tensors.tensors['word.table'][0] = '0'.repeat(16);
    lines[digests] = JSON.stringify(tensors);
    await writeFile(at('changed.jsonl'), lines.join('\n'));
    const { status, stdout } = await verify(model(), ...FILES(), '--trace', at('changed.jsonl'), '--json');
    const { equal, steps, differences } = JSON.parse(stdout);
    // 4 gates of 8 units by 12 inputs: 64 runs of 6 elements.
    expect({ status, equal, steps, differences }).toMatchObject({
      status: 5,
      equal: false,
      steps: 8,
      differences: [
        { step: 6, what: 'loss', elements: null },
        { step: 8, what: 'lstm.0.forward.input', elements: { begin: 18, end: 24 } },
      ],
    });
    const text = await verify(model(), ...FILES(), '--trace', at('changed.jsonl'));
    expect(text.stdout).toMatch(/^8 steps trained again: not the same\nfirst difference after step 6: loss: expected [0-9a-f]{16}, found/);
    expect(text.stdout).toContain('first difference after step 8: lstm.0.forward.input, elements 18 to 23: expected 0000000000000000');
  });

  test('tells the tensor and the element where a model is not what its recipe makes, with status 5', async () => {
    const { networks, ...rest } = await contents();
    const [network] = networks as [ModelContents['networks'][0]];
    const tensors = network.tensors.map((tensor) => {
      if (tensor.name !== 'head.ner.weight') return tensor;
      const values = tensor.values.slice();
      values[11]! += 1;
      return { ...tensor, values };
    });
    await writeFile(at('forged.safetensors'), writeModelFile({ ...rest, networks: [{ ...network, tensors }] }));
    const { status, stdout } = await verify(at('forged.safetensors'), ...FILES());
    expect(status).toBe(5);
    expect(stdout).toMatch(/first difference in the finished model: head\.ner\.weight, element 11: expected -?\d.*, found/);
    expect(stdout).toMatch(/fingerprint: expected [0-9a-f]{64}, found [0-9a-f]{64}\n$/);
  });

  test('makes a compact model compact again', async () => {
    const words = (await contents()).vocabulary.words.length - 3;
    expect((await sparsetag(['export', model(), '--compact', at('small.safetensors'), '--vocabulary', `${words}`])).status).toBe(0);
    const same = await verify(at('small.safetensors'), ...FILES());
    expect(same).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+ steps trained again and made compact: the same model, fingerprint [0-9a-f]{64}\n$/),
    });

    const small = readModelFile(await readFile(at('small.safetensors')));
    const networks = small.networks.map((network) => ({
      ...network,
      tensors: network.tensors.map((tensor) => ({
        ...tensor,
        values: tensor.values.map((value, i) => (tensor.name === 'word.table' && i === 20 ? -value : value)),
      })),
    }));
    await writeFile(at('forged.safetensors'), writeModelFile({ ...small, networks }));
    const { status, stdout } = await verify(at('forged.safetensors'), ...FILES(), '--json');
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({
      status: 5,
      source: fingerprintOf(await contents()),
      differences: [{ step: null, what: 'word.table', elements: { begin: 20, end: 21 } }],
    });
  });

  test('refuses a model that was pruned after its training', async () => {
    await writeFile(at('pruned.safetensors'), writeModelFile(await prune(await contents(), { keep: 0.25 })));
    const { status, stderr } = await verify(at('pruned.safetensors'), ...FILES());
    expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringContaining('[VERIFY_PRUNED]') });
  });

  test('knows a file that two corpora read with different columns', async () => {
    const [pos, ner] = [
      { ...TOY_CONFIG.tasks[0], corpus: 'a' },
      { ...TOY_CONFIG.tasks[1], corpus: 'b' },
    ];
    const splits = { train: 'train.txt', dev: 'dev.txt' };
    const config = {
      ...TOY_CONFIG,
      corpora: [
        { name: 'a', ...splits, test: 'test.txt' },
        { name: 'b', ...splits },
      ],
      tasks: [pos, ner],
      train: { epochs: 1, sharing: 'hard' },
    };
    await writeFile(at('two.json'), JSON.stringify(config));
    expect((await sparsetag(['train', '--config', at('two.json'), '--out', at('two'), '-q'])).status).toBe(0);
    const { status, stdout, stderr } = await verify(at('two/model.safetensors'), ...FILES());
    expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: expect.stringContaining('the same model') });
  });

  test.each([
    ['--steps without a trace', ['--steps', '3'], 2, 'there is none beside the model'],
    ['a number of steps that is none', ['--steps', '0'], 2, 'expected a number from 1'],
    ['a trace that is missing', ['--trace', 'none.jsonl'], 3, 'there is no such file'],
  ])('refuses %s', async (_what, args, status, message) => {
    await copyFile(model(), at('alone.safetensors'));
    const outcome = await verify(at('alone.safetensors'), ...FILES(), ...args);
    expect(outcome).toMatchObject({ status, stderr: expect.stringContaining(message) });
    expect(outcome.stderr).toMatch(ERROR_LINE);
  });

  test.each([
    ['of another run', (text: string) => text.replace(/"recipe":"./, '"recipe":"x'), 'TRACE_RECIPE'],
    ['that is no trace', () => '{"a": 1}\n', 'TRACE_FORMAT'],
    ['that is torn', (text: string) => text.slice(0, text.length - 30), 'TRACE_FORMAT'],
    ['that is empty', () => '', 'TRACE_FORMAT'],
  ])('refuses a trace %s', async (_what, change, code) => {
    await writeFile(at('trace.jsonl'), change(await readFile(at('run/model.trace.jsonl'), 'utf8')));
    const { status, stderr } = await verify(model(), ...FILES(), '--trace', at('trace.jsonl'));
    expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringMatching(new RegExp(`^error: .*\\[${code}\\]\\n$`)) });
  });

  test('refuses a model of other arithmetic', async () => {
    await writeFile(at('old.safetensors'), writeModelFile({ ...(await contents()), numericsVersion: '0' }));
    const { status, stderr } = await verify(at('old.safetensors'), ...FILES());
    expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringContaining('[VERIFY_NUMERICS]') });
  });
});
