import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { checkpointSteps, SparseTagError, type TrainEvent } from 'sparsetag';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { RunFolder, type RunReport } from '../../cli/run-folder.js';
import { isDigested } from '../../cli/trace.js';
import { train } from '../../src/train/train.js';
import type { FaultyDisk } from '../helpers/faulty-disk.js';
import { smallConfig, smallCorpus } from '../helpers/small-run.js';

const disk = await vi.hoisted(async () => {
  const { FaultyDisk } = await import('../helpers/faulty-disk.js');
  return new FaultyDisk() as FaultyDisk;
});
vi.mock('node:fs/promises', async (original) => disk.wrap(await original()));

let [root, folder]: [string, string] = ['', ''];
const notes: string[] = [];
/** Folders of runs that were killed: only the test closes them. */
const killed: RunFolder[] = [];
const at = (name: string) => path.join(folder, name);
const open = (options: { resume?: boolean; force?: boolean } = {}) =>
  RunFolder.open(folder, { resume: false, force: false, ...options, note: (line) => notes.push(line) });

/** The events of a small run with a few checkpoints, which may be read at any time. */
let events: TrainEvent[];
let model: Uint8Array;

beforeAll(async () => {
  // In memory where the host has that: these tests write and sync thousands of files.
  root = await mkdtemp(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'sparsetag-folder-'));
  events = [];
  const config = smallConfig({ train: { sharing: 'hard' } });
  const options = { checkpointAfter: (step: number) => step % 12 === 0, digestsAfter: isDigested };
  for await (const event of train(config, [smallCorpus(60)], options)) {
    if (event.type === 'done') model = event.model;
    else if (event.type !== 'checkpoint') events.push(event);
    else {
      const bytes = event.bytes();
      events.push({ ...event, bytes: () => bytes, parts: () => [bytes.subarray(0, 100), bytes.subarray(100)] });
    }
  }
});
beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(root, 'run-')), 'run');
});
afterEach(async () => {
  disk.reset();
  for (const opened of killed.splice(0)) await opened.close();
  notes.length = 0;
});
afterAll(() => rm(root, { recursive: true }));

const REPORT = { fingerprint: 'f' } as unknown as RunReport;
const stepsOf = async (name: string) => checkpointSteps(await readFile(at(name)));

/** What a run goes through in its folder, from where the folder says. */
async function run(options: { resume?: boolean } = {}, reach: (opened: RunFolder) => void = () => {}): Promise<void> {
  const opened = await open(options);
  reach(opened);
  try {
    const resume = opened.takeCheckpoint();
    const done = resume ? checkpointSteps(resume) : 0;
    let isNew = done === 0;
    for (const event of events) {
      if (isNew || event.type === 'start') await opened.record(event);
      if (event.type === 'checkpoint' && event.step === done) isNew = true;
    }
    await opened.finish(model, {}, REPORT);
  } catch (error) {
    await opened.close().catch(() => {});
    throw error;
  }
}

/** Records the first events up to a checkpoint, as a run that is killed then. */
async function stopAfter(step: number): Promise<void> {
  const opened = await open();
  killed.push(opened);
  for (const event of events) {
    await opened.record(event);
    if (event.type === 'checkpoint' && event.step === step) break;
  }
}

describe('a run folder', () => {
  test('has the last two checkpoints while the run goes on, and none when it is finished', async () => {
    await stopAfter(36);
    expect(await stepsOf('checkpoint.safetensors')).toBe(36);
    expect(await stepsOf('checkpoint.previous.safetensors')).toBe(24);
    expect((await readdir(folder)).sort()).toEqual([
      'checkpoint.previous.safetensors',
      'checkpoint.safetensors',
      'events.jsonl',
      'model.trace.jsonl',
    ]);
    await run({ resume: true });
    expect((await readdir(folder)).sort()).toEqual([
      'config.json',
      'events.jsonl',
      'model.safetensors',
      'model.trace.jsonl',
      'report.json',
    ]);
  });

  test.each([
    ['torn', () => truncate(at('checkpoint.safetensors'), 1000)],
    ['empty', () => writeFile(at('checkpoint.safetensors'), '')],
    ['missing', () => rm(at('checkpoint.safetensors'))],
    [
      'damaged',
      async () => {
        const bytes = await readFile(at('checkpoint.safetensors'));
        bytes[bytes.length - 500]! ^= 4;
        await writeFile(at('checkpoint.safetensors'), bytes);
      },
    ],
  ])(
    'whose newest checkpoint is %s goes on from the one before, says so, and keeps that one until there is a newer',
    async (what, spoil) => {
      await stopAfter(36);
      await spoil();
      const opened = await open({ resume: true });
      expect(opened.savedSteps).toBe(24);
      expect(checkpointSteps(opened.takeCheckpoint()!)).toBe(24);
      expect(opened.takeCheckpoint()).toBeNull();
      if (what !== 'missing')
        expect(notes).toEqual([
          expect.stringMatching(/checkpoint\.safetensors cannot be used: .*going on from the one before, of step 24/),
        ]);
      await opened.record(events.find((event) => event.type === 'checkpoint' && event.step === 36)!);
      expect(await stepsOf('checkpoint.previous.safetensors')).toBe(24);
      expect(await stepsOf('checkpoint.safetensors')).toBe(36);
      await opened.close();
    },
  );

  test('whose newest checkpoint was taken away while the run goes on gets its next one', async () => {
    const opened = await open();
    for (const event of events) {
      if (event.type !== 'checkpoint' || event.step > 24) continue;
      await opened.record(event);
      if (event.step === 12) await rm(at('checkpoint.safetensors'));
    }
    await opened.close();
    expect(notes).toEqual([]);
    expect(await stepsOf('checkpoint.safetensors')).toBe(24);
  });

  test('of which no checkpoint is whole is refused with the reasons', async () => {
    await stopAfter(24);
    for (const name of ['checkpoint.safetensors', 'checkpoint.previous.safetensors']) await truncate(at(name), 50);
    await expect(open({ resume: true })).rejects.toMatchObject({
      code: 'CHECKPOINT_UNUSABLE',
      message: expect.stringMatching(/^the checkpoint .*[^.]; the checkpoint .*[^.]; begin anew with --force$/),
    });
  });

  test('says once that the disk is full, and writes all of the logs when there is room again', async () => {
    const opened = await open();
    const write = async (from: number, to: number): Promise<void> => {
      for (const event of events.slice(from, to)) await opened.record(event);
    };
    const middle = events.findIndex((event) => event.type === 'checkpoint') + 1;
    await write(0, middle);
    disk.reset('ENOSPC', () => true);
    await write(middle, events.length - 1);
    disk.reset();
    expect(notes).toEqual([expect.stringMatching(/cannot be written: the disk is full; .* the checkpoint of step 12 stays as it is$/)]);
    expect(opened.savedSteps).toBe(12);
    await write(events.length - 1, events.length);
    await opened.finish(model, {}, REPORT);
    const logs = await Promise.all(['events.jsonl', 'model.trace.jsonl'].map((name) => readFile(at(name), 'utf8')));
    await rm(folder, { recursive: true });
    await run();
    const whole = await Promise.all(['events.jsonl', 'model.trace.jsonl'].map((name) => readFile(at(name), 'utf8')));
    expect(logs).toEqual(whole);
  });
});

describe.each(['ENOSPC', 'EIO'])('with %s at any file operation', (code) => {
  let operations: number;
  let trace: string;
  beforeAll(async () => {
    folder = path.join(root, `whole-${code}`);
    disk.reset();
    await run();
    operations = disk.done.length;
    trace = await readFile(at('model.trace.jsonl'), 'utf8');
    expect(new Set(disk.done)).toEqual(
      new Set(['access', 'mkdir', 'rm', 'open', 'readFile', 'truncate', 'write', 'writeFile', 'sync', 'close', 'rename']),
    );
  });

  test.each([
    ['once', (n: number) => (index: number) => index === n],
    ['and ever after', (n: number) => (index: number) => index >= n],
  ])('%s, a run loses nothing that it said it had, and ends the same when it goes on', async (_when, refusesFrom) => {
    for (let n = 0; n < operations; n++) {
      folder = path.join(root, `fault-${code}-${_when}-${n}`);
      disk.reset(code, refusesFrom(n));
      let opened: RunFolder | null = null;
      const failure = await run({}, (folder) => {
        opened = folder;
      }).catch((error: unknown) => error);
      const refused = disk.done[n];
      const saved = (opened as RunFolder | null)?.savedSteps ?? null;
      disk.reset();
      if (failure !== undefined) {
        expect(failure instanceof SparseTagError || (failure as NodeJS.ErrnoException).code === code, `${n}: ${failure}`).toBe(true);
        if (
          await readFile(at('model.safetensors')).then(
            () => false,
            () => true,
          )
        ) {
          let resumedAt: number | null = null;
          await run({ resume: true }, ({ savedSteps }) => {
            resumedAt = savedSteps;
          });
          expect(resumedAt ?? 0, `${n}: ${refused}`).toBeGreaterThanOrEqual(saved ?? 0);
        }
      }
      expect(Buffer.compare(await readFile(at('model.safetensors')), model), `${n}: ${refused}`).toBe(0);
      expect(await readFile(at('model.trace.jsonl'), 'utf8'), `${n}: ${refused}`).toBe(trace);
      await rm(folder, { recursive: true });
    }
  });
});
