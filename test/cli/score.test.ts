import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ERROR_LINE, sparsetag } from './sparsetag.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-score-'));
});
afterAll(() => rm(folder, { recursive: true }));

const LABELLED = 'Ada B-PER B-PER\nLovelace I-PER I-PER\nin O O\nLondon B-LOC O\n\n';
const REPORT = `processed 4 tokens with 2 phrases; found: 1 phrases; correct: 1.
accuracy:  75.00%; precision: 100.00%; recall:  50.00%; FB1:  66.67
              LOC: precision:   0.00%; recall:   0.00%; FB1:   0.00  0
              PER: precision: 100.00%; recall: 100.00%; FB1: 100.00  1
`;

test('score writes the report of conlleval for standard input, - and a file alike', async () => {
  const file = path.join(folder, 'labelled.txt');
  await writeFile(file, LABELLED);
  const report = { status: 0, stdout: REPORT, stderr: '' };
  expect(await sparsetag(['score'], { input: LABELLED })).toEqual(report);
  expect(await sparsetag(['score', '-'], { input: LABELLED })).toEqual(report);
  expect(await sparsetag(['score', file])).toEqual(report);
});

test('score --json is for programs', async () => {
  const { stdout } = await sparsetag(['score', '--json'], { input: LABELLED });
  expect(JSON.parse(stdout)).toMatchObject({ schema: 1, tokens: 4, precision: 100, recall: 50, types: [{ type: 'LOC' }, { type: 'PER' }] });
});

test.each([
  ['ragged columns', 'a O O\nb O\n', /<stdin>:2:1: 2 columns/],
  ['bytes that are no UTF-8', Uint8Array.of(0x61, 0x20, 0xff, 0x20, 0x4f, 0x0a), /<stdin>:1:3: byte 0xff begins no valid UTF-8/],
])('score refuses %s with their place', async (_what, input, message) => {
  const { status, stdout, stderr } = await sparsetag(['score'], { input });
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toMatch(ERROR_LINE);
  expect(stderr).toMatch(message);
});

test.each([
  ['none.txt', 'there is no such file'],
  ['.', 'it is a folder'],
])('score refuses %s: %s', async (file, reason) => {
  const { status, stderr } = await sparsetag(['score', file], { cwd: folder });
  expect(status).toBe(3);
  expect(stderr).toMatch(ERROR_LINE);
  expect(stderr).toContain(reason);
});

test('a reader that goes away ends the program without a word', async () => {
  const types = Array.from({ length: 20_000 }, (_, i) => `a B-T${i} B-T${i}\n`).join('');
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const child = spawn(process.execPath, [cli, 'score'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  child.stdin.end(types);
  const [status] = await once(child, 'close');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
