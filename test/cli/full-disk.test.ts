import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syntheticCorpus } from '../../src/conformance/synthetic-corpus.js';
import { sparsetag } from './sparsetag.js';

// A real disk that is really full, beside the single operations that run-folder.test.ts refuses.
const folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-full-'));
const at = (name: string) => path.join(folder, name);
const disk = at('disk');
await mkdir(disk);
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status === 0;
if (!isMounted) console.warn('skipped: this user may not mount a disk, so none is filled');

beforeAll(async () => {
  for (const [i, name] of ['train', 'dev'].entries()) await writeFile(at(name), syntheticCorpus({ seed: i, sentences: 60 }));
  const config = {
    corpora: [{ name: 'toy', train: 'train', dev: 'dev' }],
    tasks: [{ name: 'pos', column: 1 }],
    model: { wordDimension: 8, charDimension: 4, charFilters: 4, charOutput: 4, layers: 1, hidden: 8 },
    train: { sharing: 'hard', epochs: 40 },
  };
  await writeFile(at('config.json'), JSON.stringify(config));
});
afterAll(async () => {
  if (isMounted) execFileSync('umount', [disk]);
  await rm(folder, { recursive: true });
});

/** Writes a file that takes all the room there is. */
function fill(file: string): void {
  const handle = openSync(file, 'w');
  const zeros = Buffer.alloc(4096);
  try {
    for (;;) writeSync(handle, zeros);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(handle);
  }
}

test.skipIf(!isMounted)('a disk that fills up leaves a checkpoint, from which the run goes on to the same model', async () => {
  const train = (out: string, ...args: string[]) => [
    'train',
    '--config',
    at('config.json'),
    '--out',
    out,
    '--checkpoint-steps',
    '5',
    ...args,
  ];
  let isFull = false;
  const full = await sparsetag(train(at('disk/run'), '--jsonl'), {
    whileRunning: (child) =>
      child.stdout!.on('data', (text: string) => {
        if (isFull || !/"type":"checkpoint"/.test(text)) return;
        isFull = true;
        fill(at('disk/filler'));
      }),
  });
  expect(full.status).toBe(6);
  expect(full.stderr).toMatch(/cannot be written: the disk is full; the training goes on, and the checkpoint of step \d+ stays as it is/);
  expect(full.stderr).toMatch(
    /error: the finished run cannot be written to .*: the disk is full; make room and go on with --resume \[RUN_FOLDER\]/,
  );
  await rm(at('disk/filler'));
  expect((await sparsetag(train(at('disk/run'), '--resume', '-q'))).status).toBe(0);
  expect((await sparsetag(train(at('whole'), '-q'))).status).toBe(0);
  for (const name of ['model.safetensors', 'model.trace.jsonl'])
    expect(await readFile(at(`disk/run/${name}`))).toEqual(await readFile(at(`whole/${name}`)));
});
