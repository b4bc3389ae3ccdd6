import { execFile, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syntheticCorpus } from '../../src/conformance/synthetic-corpus.js';
import { sparsetag } from './sparsetag.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
let folder: string;
const at = (name: string) => path.join(folder, name);
const train = (...args: string[]) => sparsetag(['train', '--config', at('config.json'), ...args]);

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-behaviour-'));
  for (const [i, name] of ['train.txt', 'dev.txt'].entries()) await writeFile(at(name), syntheticCorpus({ seed: i, sentences: 40 }));
  const config = {
    $schema: 'schema.json',
    corpora: [{ name: 'toy', train: 'train.txt', dev: 'dev.txt' }],
    tasks: [{ name: 'pos', column: 1 }],
    model: { wordDimension: 8, charDimension: 0, layers: 1, hidden: 8 },
    train: { epochs: 2 },
    prune: { keep: [0.5], select: 1, epochs: 1 },
  };
  await writeFile(at('config.json'), JSON.stringify(config));
});
afterAll(() => rm(folder, { recursive: true }));

describe('train', () => {
  test('--print-config prints what the run then holds, and trains nothing', async () => {
    const printed = await train('--print-config', '--seed', '4');
    expect(printed.status).toBe(0);
    expect(printed.stderr).toMatch(/^sha256 [0-9a-f]{64} /);
    const { status } = await train('--out', at('run'), '--seed', '4', '-q');
    expect(status).toBe(0);
    expect(JSON.parse(printed.stdout)).toEqual(JSON.parse(await readFile(at('run/config.json'), 'utf8')));
  });

  test('--dry-run says what would be trained and leaves no folder', async () => {
    const { status, stdout } = await train('--dry-run', '--out', at('dry'));
    expect(status).toBe(0);
    expect(stdout).toMatch(/toy train +40 /);
    expect(stdout).toMatch(/training \(sparse\) +2 epochs/);
    expect(existsSync(at('dry'))).toBe(false);
    const refused = await train('--dry-run', '--tasks.pos.column=9');
    expect(refused).toMatchObject({ status: 3, stdout: '' });
  });

  test('--jsonl writes every event as a line with the number of its schema', async () => {
    const { status, stdout } = await train('--jsonl', '-q', '--out', at('lines'));
    expect(status).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.every(({ schema }) => schema === 1)).toBe(true);
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(events[0].totalSteps);
    expect(events.at(-1)).toMatchObject({ type: 'done', report: { fingerprint: expect.any(String) } });
    expect(stdout).not.toContain('"model":{"0"');
  });

  test('is finished also where its pictures cannot be written, and says so', async () => {
    const { status, stderr } = await sparsetag(['train', '--config', at('config.json'), '--out', at('undrawn'), '--jsonl'], {
      whileRunning: (child) => child.stdout!.once('data', () => writeFileSync(at('undrawn/pictures'), '')),
    });
    expect(status).toBe(0);
    expect(stderr).toMatch(/undrawn.pictures cannot be written: .*; sparsetag inspect \S+undrawn --pictures DIR draws them elsewhere\n/);
    expect(existsSync(at('undrawn/model.safetensors'))).toBe(true);
  });

  test('--schema prints a JSON Schema', async () => {
    const { status, stdout } = await sparsetag(['train', '--schema']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', required: ['corpora', 'tasks'] });
  });

  test('--quiet writes nothing to standard error, and without a terminal nothing is drawn or coloured', async () => {
    expect((await train('--out', at('quiet'), '-q')).stderr).toBe('');
    const { stderr, stdout } = await train('--out', at('plain'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    expect(stderr + stdout).not.toMatch(/\u001b|\r/);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends a run with status %i, resumable; a second one ends it at once', async (signal, status) => {
    const long = ['--out', at(signal), '--train.epochs=100000', '--jsonl', '-q'];
    let sent = false;
    const once = await sparsetag(['train', '--config', at('config.json'), ...long], {
      whileRunning: (child) =>
        child.stdout!.on('data', (text: string) => {
          if (!sent && text.includes('"step"')) sent = child.kill(signal);
        }),
    });
    expect(once.status).toBe(status);
    const resumed = await train('--out', at(signal), '--train.epochs=100000', '--dry-run');
    expect(resumed.status).toBe(0);
    expect(existsSync(path.join(at(signal), 'checkpoint.safetensors'))).toBe(true);
    const twice = await sparsetag(['train', '--config', at('config.json'), ...long, '--resume'], {
      whileRunning: (child) =>
        child.stdout!.once('data', () => {
          child.kill(signal);
          child.kill(signal);
        }),
    });
    expect(twice.status).toBe(status);
  });
});

const hasScript = spawnSync('script', ['--version']).status === 0;
if (!hasScript) console.warn('skipped: there is no script(1), so colours on a terminal are not tested');
describe.skipIf(!hasScript)('on a terminal', () => {
  const onTerminal = async (environment: Record<string, string>) => {
    const command = `${process.execPath} ${CLI} nothing`;
    const { stdout } = await promisify(execFile)('script', ['-qec', `${command}; true`, '/dev/null'], {
      env: { PATH: process.env.PATH, TERM: 'xterm', ...environment },
    });
    return stdout;
  };

  test('errors are coloured, unless NO_COLOR says no', async () => {
    expect(await onTerminal({})).toContain('\u001b[31merror:');
    expect(await onTerminal({ NO_COLOR: '1' })).not.toContain('\u001b');
    expect(await onTerminal({ NO_COLOR: '' })).toContain('\u001b[31merror:');
    expect(await onTerminal({ TERM: 'dumb' })).not.toContain('\u001b');
  });
});

describe('completion', () => {
  test('in bash offers commands, options and settings', async () => {
    const { stdout } = await sparsetag(['completion', 'bash']);
    await writeFile(at('completion.bash'), stdout);
    const complete = async (...words: string[]) => {
      const script = `source ${at('completion.bash')}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _sparsetag 2>/dev/null; echo "\${COMPREPLY[@]}"`;
      return (await promisify(execFile)('bash', ['-c', script])).stdout.trim().split(' ');
    };
    expect(await complete('sparsetag', 'ex')).toEqual(['export', 'experiment']);
    expect(await complete('sparsetag', 'train', '--re')).toEqual(['--resume']);
    expect(await complete('sparsetag', 'train', '--warmup')).toEqual(['--warmup.epochs=', '--warmup.steps=']);
    expect(await complete('sparsetag', 'tag', '--warmup')).toEqual(['']);
  });

  test.each(['zsh', 'fish'])('in %s is a script that the shell accepts', async (shell) => {
    const { status, stdout } = await sparsetag(['completion', shell]);
    expect(status).toBe(0);
    expect(stdout).toContain('experiment');
    if (spawnSync(shell, ['--version']).error) {
      console.warn(`skipped: there is no ${shell}, so its completion script is not read`);
      return;
    }
    await writeFile(at(`completion.${shell}`), stdout);
    expect(spawnSync(shell, ['-n', at(`completion.${shell}`)]).status).toBe(0);
  });

  test('of another shell is refused', async () => {
    expect(await sparsetag(['completion', 'tcsh'])).toMatchObject({ status: 2, stdout: '' });
  });
});

test('a reader who leaves early ends every command quietly', async () => {
  for (const args of [
    ['train', '--help'],
    ['train', '--schema'],
    ['completion', 'fish'],
    ['train', '--config', at('config.json'), '--print-config'],
  ]) {
    const { status, stderr } = await sparsetag(args, { whileRunning: (child) => child.stdout!.destroy() });
    expect({ args, status }).toEqual({ args, status: 0 });
    expect(stderr).not.toMatch(/EPIPE|at /);
  }
});

test('a reader who leaves a training early ends it with a checkpoint and status 75', async () => {
  for (const stream of ['stdout', 'stderr'] as const) {
    const long = ['--out', at(`unread-${stream}`), '--train.epochs=100000', '--jsonl'];
    const { status, stderr } = await sparsetag(['train', '--config', at('config.json'), ...long], {
      whileRunning: (child) => child.stdout!.once('data', () => child[stream]!.destroy()),
    });
    expect({ stream, status }).toEqual({ stream, status: 75 });
    if (stream === 'stdout') expect(stderr).toMatch(/^stopped; the same command with --resume goes on after step \d+$/m);
    expect(existsSync(at(`unread-${stream}/checkpoint.safetensors`))).toBe(true);
  }
});

test.skipIf(!existsSync('/dev/full'))('output that cannot be written is an error with a reason', () => {
  const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${CLI}" train --schema > /dev/full`], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 6, stderr: 'error: standard output cannot be written: the disk is full\n' });
});
