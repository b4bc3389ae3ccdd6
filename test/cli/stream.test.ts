import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { splitText } from 'sparsetag';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syntheticCorpus } from '../../src/conformance/synthetic-corpus.js';
import { sparsetag } from './sparsetag.js';

// `npm run soak:tag` sends a gigabyte of each format and reports ten times on the way.
const MEGABYTES = Number(process.env.SOAK_MEGABYTES ?? 6);
const REPORTS = process.env.SOAK_MEGABYTES ? 10 : 0;
const LIMIT_KB = 300_000;
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

/** About half a megabyte of sentences, and the lines that tagging them gives. */
function blockOf(input: string): readonly [block: Buffer, lines: number] {
  const columns = syntheticCorpus({ seed: 5, sentences: 2000 });
  if (input === 'conll') return [Buffer.from(columns), columns.split('\n').length - 1];
  const tokens = columns.split('\n').map((line) => line.split(' ')[0]!);
  const text = `${tokens.join(' ').replaceAll('  ', '\n\n').trimEnd()}\n\n`;
  return [Buffer.from(text), splitText(text).length];
}

test.skipIf(!hasProc).each([
  ['conll', 'conll'],
  ['text', 'jsonl'],
])(
  'a long stream is tagged within bounded memory (%s to %s)',
  async (input, output) => {
    const model = path.join(folder, 'run/model.safetensors');
    const child = spawn(process.execPath, [CLI, 'tag', model, '-', '--input', input, '--output', output, '-q']);
    const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
    const [block, linesOfBlock] = blockOf(input);
    const blocks = Math.ceil((MEGABYTES * 1e6) / block.length);
    let [lines, resident, peak] = [0, 0, 0];
    const measure = async (): Promise<void> => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      resident = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0);
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0));
    };
    child.stdout.on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
    });
    child.stderr.resume();
    const startedAt = performance.now();
    for (let sent = 1; sent <= blocks; sent++) {
      if (!child.stdin.write(block)) await new Promise((resolve) => child.stdin.once('drain', resolve));
      await measure();
      if (Math.floor((sent * REPORTS) / blocks) === Math.floor(((sent - 1) * REPORTS) / blocks)) continue;
      const seconds = (performance.now() - startedAt) / 1000;
      console.info(
        `${input}: ${Math.round((sent * block.length) / 1e6)} MB in ${seconds.toFixed(0)} s, ${Math.round(resident / 1000)} MB resident, at most ${Math.round(peak / 1000)}`,
      );
    }
    child.stdin.end();
    const watch = setInterval(() => void measure(), 200);
    expect(await exit).toBe(0);
    clearInterval(watch);
    expect(lines).toBe(linesOfBlock * blocks);
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(LIMIT_KB);
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
