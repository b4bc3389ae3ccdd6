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
  expect(nowhere.stderr).toContain('export needs --onnx DIR');
  const taken = await sparsetag(['export', 'model.safetensors', '--onnx', 'model.safetensors'], { cwd: folder });
  expect(taken.status).toBe(2);
  expect(taken.stderr).toMatch(ERROR_LINE);
});
