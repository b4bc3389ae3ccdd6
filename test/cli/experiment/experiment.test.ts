import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syntheticCorpus } from '../../../src/conformance/synthetic-corpus.js';
import { sparsetag } from '../sparsetag.js';
import { TOY_CONFIG } from '../toy-config.js';

let folder: string;
const at = (name: string) => path.join(folder, name);
const text = (name: string) => readFile(at(name), 'utf8');
const run = (...args: string[]) => sparsetag(['experiment', at('toy.json'), '--out', at('out'), '--jobs', '2', ...args]);

const BASE = {
  ...TOY_CONFIG,
  train: { epochs: 1 },
  prune: { keep: [0.5], epochs: 1, select: 1 },
};
const TOY = {
  name: 'toy',
  about: 'A toy.',
  base: 'base.json',
  seeds: [1, 2],
  cells: {
    hard: { 'train.sharing': 'hard' },
    random: { 'subnets.file': 'cell:sparse', 'subnets.masks': 'random' },
    other: { 'subnets.file': 'cell:sparse@next' },
    sparse: {},
  },
  compare: [['sparse', 'hard']],
  curves: [{ title: 'Kept weights', cells: ['sparse', 'hard'] }],
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-experiment-'));
  for (const [i, name] of ['train', 'dev', 'test'].entries()) {
    await writeFile(at(`${name}.txt`), syntheticCorpus({ seed: i, sentences: 40 }));
  }
  await writeFile(at('base.json'), JSON.stringify(BASE));
  await writeFile(at('toy.json'), JSON.stringify(TOY));
});
afterAll(() => rm(folder, { recursive: true }));

describe('sparsetag experiment', () => {
  let results: string;

  test('trains every cell with every seed and compares them', async () => {
    const { status, stdout, stderr } = await run();
    expect(stderr).toContain('sparse, seed 2: dev pos');
    expect(status).toBe(0);
    expect(stdout).toContain('| sparse − hard | ner |');
    expect((await readdir(at('out'))).sort()).toEqual(['cells', 'curve-overlap.svg', 'curve.svg', 'results.json', 'results.md']);
    results = await text('out/results.json');
    const { cells, comparisons, runs } = JSON.parse(results);
    expect(cells.map(({ cell }: { cell: string }) => cell)).toEqual(['hard', 'sparse', 'random', 'other']);
    expect(runs).toHaveLength(8);
    const report = async (cell: string, seed: number) => JSON.parse(await text(`out/cells/${cell}/seed-${seed}/report.json`));
    const scores = await Promise.all([1, 2].map(async (seed) => (await report('sparse', seed)).tasks.pos.test));
    expect(cells[1].tasks[0].test.mean).toBeCloseTo((scores[0] + scores[1]) / 2, 9);
    const hard = await Promise.all([1, 2].map(async (seed) => (await report('hard', seed)).tasks.pos.test));
    expect(comparisons[0].difference.mean).toBeCloseTo((scores[0] + scores[1] - hard[0] - hard[1]) / 2, 9);
    // Masks of equal size in the control, and of another seed in the other.
    expect((await report('random', 1)).tasks.ner.kept).toBe((await report('sparse', 1)).tasks.ner.kept);
    const canonical = JSON.parse(await text('out/cells/other/seed-1/config.json'));
    expect(canonical.subnets.file).toBe((await report('sparse', 2)).fingerprint);
  });

  test('gives a command for each run that makes the same model', async () => {
    const { runs } = JSON.parse(results);
    const { command, fingerprint } = runs.find(({ cell, seed }: { cell: string; seed: number }) => cell === 'random' && seed === 2);
    const args = command.split(' ').slice(1);
    args[args.indexOf('--out') + 1] = at('again');
    const { status, stdout } = await sparsetag([...args, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).fingerprint).toBe(fingerprint);
  });

  test('uses finished runs again and writes the same results', async () => {
    const model = at('out/cells/sparse/seed-1/model.safetensors');
    const before = (await stat(model)).mtimeMs;
    const { status, stderr } = await run();
    expect(status).toBe(0);
    expect(stderr).not.toContain('dev pos');
    expect((await stat(model)).mtimeMs).toBe(before);
    expect(await text('out/results.json')).toBe(results);
  });

  test('trains what is not there yet, to the same results, with any number of threads', async () => {
    await rm(at('out/cells/hard/seed-2'), { recursive: true });
    await rm(at('out/cells/sparse/seed-2'), { recursive: true });
    expect((await run('--threads', '2')).status).toBe(0);
    expect(await text('out/results.json')).toBe(results);
  });

  describe.skipIf(process.platform !== 'linux')('stopped by a signal', () => {
    const LONG = {
      ...TOY,
      seeds: [1],
      compare: [],
      curves: [],
      cells: { a: { 'train.sharing': 'hard' }, b: { 'train.sharing': 'single' } },
    };
    const childrenOf = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    const isRunning = (pid: string) => existsSync(`/proc/${pid}`);
    /** The events of the trainings of an experiment that are of a type. */
    const eventsOf = (out: string, type: string): string[][] =>
      ['a', 'b'].map((cell) => {
        const events = at(`${out}/cells/${cell}/seed-1/events.jsonl`);
        const lines = existsSync(events) ? readFileSync(events, 'utf8').split('\n') : [];
        return lines.filter((line) => line.startsWith(`{"type":"${type}"`));
      });
    /** Steps at which they have left a checkpoint. */
    const checkpointsOf = (out: string): number[][] =>
      eventsOf(out, 'checkpoint').map((lines) => lines.map((line) => JSON.parse(line).step as number));

    test.each([
      ['SIGINT', 130, 'alone'],
      ['SIGTERM', 143, 'alone'],
      ['SIGINT', 130, 'with its trainings, as a terminal sends it'],
    ] as const)('%s ends with status %i, leaves no training behind and can be gone on with (%s)', async (signal, status, reach) => {
      await writeFile(at('long.json'), JSON.stringify(LONG));
      const out = `stopped by ${signal} ${reach}`;
      for (const round of [1, 2]) {
        const before = eventsOf(out, 'epoch');
        let trainings: string[] = [];
        const stopped = await sparsetag(['experiment', at('long.json'), '--out', at(out), '--jobs', '2', '--train.epochs=100000'], {
          detached: true,
          whileRunning: ({ pid }) => {
            const watch = setInterval(() => {
              if (eventsOf(out, 'epoch').some((epochs, i) => epochs.length === before[i]!.length)) return;
              clearInterval(watch);
              trainings = childrenOf(pid!);
              process.kill(reach === 'alone' ? pid! : -pid!, signal);
            }, 50);
          },
        });
        expect(stopped).toMatchObject({ status, stdout: '' });
        expect(stopped.stderr).toMatch(/^stopped; the same command goes on/m);
        expect(stopped.stderr).not.toContain('error');
        expect(trainings).toHaveLength(2);
        expect(trainings.filter(isRunning)).toEqual([]);
        if (round === 2) for (const steps of checkpointsOf(out)) expect(steps).toEqual([...new Set(steps)].sort((x, y) => x - y));
      }
    });
  });

  test('replaces runs of other settings, and says so', async () => {
    await writeFile(
      at('toy.json'),
      JSON.stringify({ ...TOY, cells: { ...TOY.cells, hard: { 'train.sharing': 'hard', 'train.epochs': 2 } } }),
    );
    const { status, stderr } = await run('--seeds', '1');
    expect(status).toBe(0);
    expect(stderr).toContain('hard, seed 1: the folder holds a run of other settings or data; it is made anew');
    await writeFile(at('toy.json'), JSON.stringify(TOY));
  });

  test('replaces runs of other settings that were interrupted, too', async () => {
    await rm(at('out/cells/hard/seed-1'), { recursive: true });
    const settings = ['--train.sharing=hard', '--train.epochs=100000', '--checkpoint-steps=1'];
    await sparsetag(['train', '--config', at('base.json'), '--out', at('out/cells/hard/seed-1'), '--jsonl', '-q', ...settings], {
      whileRunning: (child) =>
        child.stdout!.on('data', (text: string) => {
          if (text.includes('"checkpoint"')) child.kill('SIGTERM');
        }),
    });
    expect(existsSync(at('out/cells/hard/seed-1/checkpoint.safetensors'))).toBe(true);
    const { status, stderr } = await run();
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('hard, seed 1: the folder holds a run of other'),
    });
    expect(await text('out/results.json')).toBe(results);
  });

  test('--report trains nothing and reports on what is there', async () => {
    await rm(at('out/cells/hard/seed-2'), { recursive: true });
    const { status } = await run('--report');
    expect(status).toBe(0);
    const { cells } = JSON.parse(await text('out/results.json'));
    expect(cells.find(({ cell }: { cell: string }) => cell === 'sparse').seeds).toEqual([1, 2]);
  });

  test('says which run failed and why, and goes on with the others', async () => {
    await writeFile(
      at('toy.json'),
      JSON.stringify({
        ...TOY,
        seeds: [1],
        compare: [],
        curves: [],
        cells: { hard: TOY.cells.hard, wild: { 'train.optimizer.rate': 1e30 } },
      }),
    );
    const { status, stderr, stdout } = await run();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^failed: wild, seed 1: error: .*\[NOT_FINITE/m);
    expect(stdout).toContain('| hard | 1 |');
  });

  test.each(['', '1,', '1,1', '-1', '1e3', '4294967296'])('refuses %j as seeds', async (seeds) => {
    const { status, stderr } = await run(`--seeds=${seeds}`);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: --seeds/);
  });

  test('refuses a setting that is wrong before it trains anything', async () => {
    await writeFile(at('toy.json'), JSON.stringify({ ...TOY, cells: { ...TOY.cells, bad: { 'train.epoch': 3 } } }));
    const { status, stderr } = await run();
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: cell bad: train\.epoch .*did you mean train\.epochs\?/);
  });
});
