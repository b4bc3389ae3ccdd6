import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syntheticCorpus } from '../helpers/synthetic-corpus.js';
import { sparsetag } from './sparsetag.js';

// `npm run soak:tag` sends a gigabyte.
const MEGABYTES = Number(process.env.SOAK_MEGABYTES ?? 6);
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-stream-'));
  for (const [i, name] of ['train', 'dev'].entries()) await writeFile(path.join(folder, name), syntheticCorpus({ seed: i, sentences: 30 }));
  const config = {
    corpora: [{ name: 'toy', train: 'train', dev: 'dev' }],
    tasks: [{ name: 'ner', column: 3, type: 'spans' }],
    model: { wordDimension: 4, charDimension: 0, layers: 1, hidden: 4 },
    train: { sharing: 'hard', epochs: 1 },
  };
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
  const { status } = await sparsetag(['train', '--config', path.join(folder, 'config.json'), '--out', path.join(folder, 'run')]);
  expect(status).toBe(0);
});
afterAll(() => rm(folder, { recursive: true }));

const hasProc = existsSync('/proc/self/status');
if (!hasProc) console.warn('skipped: without /proc the memory of a stream is not measured');

test.skipIf(!hasProc).each(['conll', 'jsonl'])(
  'a long stream is tagged within bounded memory (%s)',
  async (output) => {
    const child = spawn(process.execPath, [
      CLI,
      'tag',
      path.join(folder, 'run/model.safetensors'),
      '-',
      '--input',
      'conll',
      '--output',
      output,
      '-q',
    ]);
    const block = Buffer.from(syntheticCorpus({ seed: 5, sentences: 2000 }));
    const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
    let written = 0;
    let lines = 0;
    let peak = 0;
    const measure = async (): Promise<void> => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0));
    };
    child.stdout.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 10) lines++;
    });
    child.stderr.resume();
    let blocks = 0;
    for (; written < MEGABYTES * 1e6; written += block.length, blocks++) {
      if (!child.stdin.write(block)) await new Promise((resolve) => child.stdin.once('drain', resolve));
      await measure();
    }
    child.stdin.end();
    const watch = setInterval(() => void measure(), 200);
    expect(await exit).toBe(0);
    clearInterval(watch);
    const sentences = 2000 * blocks;
    const expected = block.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0) * blocks;
    expect(lines).toBe(output === 'jsonl' ? sentences : expected);
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(300_000);
  },
  4 * 3600_000,
);

test('who closes the pipe gets what was wanted, without a word', async () => {
  const input = syntheticCorpus({ seed: 5, sentences: 3000 });
  const { status, stderr } = await sparsetag(['tag', path.join(folder, 'run/model.safetensors'), '-', '--input', 'conll', '-q'], {
    input,
    whileRunning: (child) => {
      child.stdout!.once('data', () => child.stdout!.destroy());
    },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
