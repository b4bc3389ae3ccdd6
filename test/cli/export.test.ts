import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readOnnx } from '../helpers/onnx.js';
import { runTraining, smallConfig } from '../helpers/small-run.js';
import { ERROR_LINE, sparsetag } from './sparsetag.js';

let folder: string;
let fingerprint: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'export-'));
  const { done } = await runTraining(smallConfig({ train: { sharing: 'hard', epochs: 1 }, warmup: { epochs: 0 } }));
  fingerprint = done.report.fingerprint;
  await writeFile(path.join(folder, 'model.safetensors'), done.model);
});
afterAll(() => rm(folder, { recursive: true }));

test('export writes a graph for each task and what its inputs and outputs mean', async () => {
  const { status, stdout, stderr } = await sparsetag(['export', 'model.safetensors', '--onnx', 'new/graphs'], { cwd: folder });
  expect([status, stdout]).toEqual([0, '']);
  expect(stderr).toBe('pos.onnx, chunk.onnx, ner.onnx and vocabulary.json written to new/graphs\n');
  const files = path.join(folder, 'new/graphs');
  expect((await readdir(files)).sort()).toEqual(['chunk.onnx', 'ner.onnx', 'pos.onnx', 'vocabulary.json']);
  const vocabulary = JSON.parse(await readFile(path.join(files, 'vocabulary.json'), 'utf8'));
  expect(vocabulary).toMatchObject({ schema: 1, fingerprint, lowercase: true });
  for (const { file, tags } of vocabulary.tasks) {
    const graph = readOnnx(await readFile(path.join(files, file)));
    expect(graph.outputs.get('emissions')).toEqual(['batch', 'time', tags.length]);
    expect(graph.tensors.get('word.table')!.shape[0]).toBe(vocabulary.words.length + 2);
    expect(graph.tensors.get('char.table')!.shape[0]).toBe(vocabulary.characters.length + 2);
  }
});

test('export without a format, or to a file, says what it needs', async () => {
  const nowhere = await sparsetag(['export', 'model.safetensors'], { cwd: folder });
  expect(nowhere.status).toBe(2);
  expect(nowhere.stderr).toContain('export needs --compact FILE or --onnx DIR');
  const taken = await sparsetag(['export', 'model.safetensors', '--onnx', 'model.safetensors'], { cwd: folder });
  expect(taken.status).toBe(2);
  expect(taken.stderr).toMatch(ERROR_LINE);
});

test('export --compact writes a smaller model that everything reads, and says its fingerprint', async () => {
  const args = ['export', 'model.safetensors', '--compact', 'small.safetensors', '--vocabulary', '9'];
  const { status, stdout, stderr } = await sparsetag(args, { cwd: folder });
  expect([status, stdout]).toEqual([0, '']);
  expect(stderr).toMatch(/^small\.safetensors: .+, 9 words\nfingerprint [0-9a-f]{64}\n$/);
  const inspected = await sparsetag(['inspect', 'small.safetensors', '--json'], { cwd: folder });
  expect(stderr).toContain(JSON.parse(inspected.stdout).fingerprint);
  const tagged = await sparsetag(['tag', 'small.safetensors', '-'], { cwd: folder, input: 'a b\n' });
  expect(tagged.status).toBe(0);
});

test('export --compact does not replace the model that it is given', async () => {
  const before = await readFile(path.join(folder, 'model.safetensors'));
  const { status, stderr } = await sparsetag(['export', 'model.safetensors', '--compact', './model.safetensors'], { cwd: folder });
  expect(status).toBe(2);
  expect(stderr).toMatch(ERROR_LINE);
  expect(stderr).toContain('./model.safetensors is the model itself');
  expect(await readFile(path.join(folder, 'model.safetensors'))).toEqual(before);
});

test('export names the file that cannot be written as it was given', async () => {
  const { status, stderr } = await sparsetag(['export', 'model.safetensors', '--compact', 'none/small.safetensors'], { cwd: folder });
  expect({ status, stderr }).toEqual({ status: 6, stderr: 'error: none/small.safetensors: there is no such file or folder\n' });
});

test('export --compact refuses a vocabulary that is no number and vectors that are not there', async () => {
  const compact = ['export', 'model.safetensors', '--compact', 'never.safetensors'];
  const words = await sparsetag([...compact, '--vocabulary', 'many'], { cwd: folder });
  expect([words.status, words.stderr]).toEqual([2, expect.stringMatching(/whole number of words from 1/)]);
  const vectors = await sparsetag([...compact, '--vocabulary', '99', '--vectors', 'no-such.txt'], { cwd: folder });
  expect(vectors.status).toBe(3);
  expect(vectors.stderr).toContain('no-such.txt cannot be read: there is no such file');
  expect(await readdir(folder)).not.toContain('never.safetensors');
});
