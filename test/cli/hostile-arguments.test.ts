import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseArguments } from '../../cli/arguments.js';
import { COMMANDS } from '../../cli/commands.js';
import { exitCodeOf } from '../../cli/exit-codes.js';
import { explain } from '../../cli/explain.js';
import type { Host } from '../../cli/host.js';
import { writeModelFile } from '../../src/io/model-file.js';
import { tinyModel } from '../fuzz/tiny-model.js';

// What can be wrong with a file that a command is given: each has the exit status of its kind and one line that says what is wrong.
// Commands run in this process; behaviour.test.ts holds the program around them.

/** Files that cannot be what they should be, and what the line says of each. */
const WRONG = {
  missing: /no such file/,
  folder: /folder/,
  unreadable: /permission is denied/,
  pipe: /named pipe/,
  empty: /./,
  sparse: /./,
} as const;
type Wrong = keyof typeof WRONG;

const SPARSE_BYTES = 1 << 30;
const isRoot = process.getuid?.() === 0;

let folder = '';
const at = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sparsetag-hostile-'));
  await mkdir(at('folder'));
  execFileSync('mkfifo', [at('pipe')]);
  await writeFile(at('empty'), '');
  await writeFile(at('unreadable'), 'x');
  await chmod(at('unreadable'), 0);
  const sparse = await open(at('sparse'), 'w');
  await sparse.truncate(SPARSE_BYTES);
  await sparse.close();
  await writeFile(at('model'), writeModelFile(tinyModel(true)));
  await writeFile(at('good.txt'), 'Ada N B-PER\nruns V O\n\n');
  await writeFile(at('experiment.json'), JSON.stringify({ name: 'e', base: 'config.json', seeds: [1], cells: { a: {} } }));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Outcome {
  readonly status: number;
  /** The line that a person reads; empty where all went well. */
  readonly line: string;
}

async function run(name: string, ...args: string[]): Promise<Outcome> {
  const host: Host = {
    stdin: (async function* () {})(),
    stdinIsTerminal: false,
    write: async () => {},
    note: () => {},
    terminal: null,
    interruptible: () => new AbortController().signal,
  };
  const command = COMMANDS.find((each) => each.name === name)!;
  try {
    return { status: await command.run(parseArguments(command, args), host), line: '' };
  } catch (error) {
    return { status: exitCodeOf(error), line: explain(error, false).message };
  }
}

/** A config of good files, but for what `changes` says of its corpus and its other settings. */
async function configWith(corpus: object = {}, settings: object = {}): Promise<string> {
  const config = {
    corpora: [{ name: 'c', train: 'good.txt', dev: 'good.txt', ...corpus }],
    tasks: [{ name: 'pos', column: 1 }],
    ...settings,
  };
  await writeFile(at('config.json'), JSON.stringify(config));
  return at('config.json');
}

const [USAGE, DATA, MODEL] = [2, 3, 4];

/** A place where a command takes a file, and the status of a wrong one. An empty text is no fault where nothing must be in it. */
interface Place {
  readonly what: string;
  readonly status: number;
  readonly runWith: (file: string) => Promise<Outcome>;
  readonly takesEmpty?: boolean;
}

const PLACES: readonly Place[] = [
  { what: 'tag MODEL', status: MODEL, runWith: (file) => run('tag', file) },
  { what: 'tag model FILE', status: DATA, runWith: (file) => run('tag', at('model'), file), takesEmpty: true },
  {
    what: 'tag model FILE --input text',
    status: DATA,
    runWith: (file) => run('tag', at('model'), file, '--input', 'text'),
    takesEmpty: true,
  },
  { what: 'evaluate MODEL', status: MODEL, runWith: (file) => run('evaluate', file, at('good.txt')) },
  { what: 'evaluate model FILE', status: DATA, runWith: (file) => run('evaluate', at('model'), file), takesEmpty: true },
  { what: 'score FILE', status: DATA, runWith: (file) => run('score', file), takesEmpty: true },
  { what: 'inspect MODEL', status: MODEL, runWith: (file) => run('inspect', file) },
  { what: 'export MODEL', status: MODEL, runWith: (file) => run('export', file, '--onnx', at('onnx')) },
  { what: 'train --config FILE', status: USAGE, runWith: (file) => run('train', '--config', file, '--dry-run') },
  { what: 'debug-data --config FILE', status: USAGE, runWith: (file) => run('debug-data', '--config', file) },
  { what: 'experiment FILE', status: USAGE, runWith: (file) => run('experiment', file, '--out', at('out')) },
  {
    what: 'a config that names a corpus',
    status: DATA,
    runWith: async (file) => run('train', '--config', await configWith({ train: file }), '--dry-run'),
  },
  {
    what: 'a config that names vectors',
    status: DATA,
    runWith: async (file) => run('train', '--config', await configWith({}, { vectors: { file } }), '--dry-run'),
  },
  {
    what: 'a config that names subnets',
    status: MODEL,
    runWith: async (file) => run('train', '--config', await configWith({}, { subnets: { file } }), '--dry-run'),
  },
];

describe.each(PLACES)('$what', ({ status, runWith, takesEmpty = false }) => {
  test.each(Object.keys(WRONG) as Wrong[])('%s', async (wrong) => {
    // The superuser may read anything.
    if (wrong === 'unreadable' && isRoot) return;
    const outcome = await runWith(at(wrong));
    if (wrong === 'empty' && takesEmpty && outcome.status === 0) return;
    expect(outcome.status).toBe(status);
    expect(outcome.line).toMatch(WRONG[wrong]);
    expect(outcome.line).toContain(at(wrong));
    expect(outcome.line).toMatch(/^[^\n]{10,400}$/);
  });
});

describe('names with NUL in a config', () => {
  const name = 'a\0b';
  test.each<[string, number, object, object]>([
    ['a corpus', DATA, { train: name }, {}],
    ['vectors', DATA, {}, { vectors: { file: name } }],
    ['subnets', MODEL, {}, { subnets: { file: name } }],
  ])('%s', async (_, status, corpus, settings) => {
    const outcome = await run('train', '--config', await configWith(corpus, settings), '--dry-run');
    expect(outcome).toEqual({ status, line: expect.stringMatching(/a\\u0000b.*its name holds a NUL character/) });
  });
});

describe('a config of', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  const task = (i: number) => ({ name: `t${i}`, column: 1 });
  test.each<[string, string, RegExp]>([
    [
      'a hundred thousand tasks',
      JSON.stringify({ corpora: [{ name: 'c', train: 'a', dev: 'a' }], tasks: Array.from({ length: 100_000 }, (_, i) => task(i)) }),
      /tasks: expected at most 1024; found 100000/,
    ],
    ['deep nesting', nested(100_000), /config\.json:1:65: .*nested deeper/],
    ['a number that is too large', '{"seed":1e999}', /config\.json:1:9: .*1e999 is too large/],
    [
      'minus zero where it is too small',
      '{"corpora":[{"name":"c","train":"a","dev":"a"}],"tasks":[{"name":"p","column":1}],"model":{"hidden":-0}}',
      /model\.hidden: expected an integer from 1/,
    ],
    ['a key of a million letters', JSON.stringify({ ['x'.repeat(1_000_000)]: 1 }), /x+\.\.\. is no setting/],
    ['a key that moves the cursor', JSON.stringify({ '\u001b[2J\r': 1 }), /^\\u001b\[2J\\u000d is no setting/],
    ['a key twice', '{"seed":1,"seed":2}', /config\.json:1:11: .*twice/],
    ['__proto__', '{"__proto__":{"seed":1}}', /config\.json:1:2: .*__proto__/],
    ['a lone surrogate', '{"seed":"\\ud800"}', /config\.json:1:9: .*surrogate/],
  ])('%s', async (_, text, line) => {
    await writeFile(at('config.json'), text);
    for (const outcome of [
      await run('train', '--config', at('config.json'), '--dry-run'),
      await run('debug-data', '--config', at('config.json')),
    ]) {
      expect(outcome.status).toBe(USAGE);
      expect(outcome.line).toMatch(line);
      expect(outcome.line).toMatch(/^[^\n]{10,400}$/);
    }
  });
});

describe('settings on the command line', () => {
  test.each([
    ['--seed=1e999', /seed: expected an integer.*1e999|Infinity/],
    ['--seed=-1', /seed: expected an integer from 0/],
    ['--model.hidden=1.5', /model\.hidden/],
    [`--tasks=${'['.repeat(20_000)}${']'.repeat(20_000)}`, /tasks\.0: expected an object/],
    [`--tasks.${'x'.repeat(20_000)}=1`, /tasks has no item x+/],
    ['--tasks.__proto__.head=crf', /tasks has no item __proto__/],
    ['--__proto__.x=1', /__proto__/],
  ])('%s', async (setting, line) => {
    const outcome = await run('train', '--config', await configWith(), '--dry-run', setting);
    expect(outcome.status).toBe(USAGE);
    expect(outcome.line).toMatch(line);
    expect(outcome.line).toMatch(/^[^\n]{10,2100}$/);
  });
});

test.each<[string, object, RegExp]>([
  [
    'cells beyond count',
    { grid: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`s${i}`, [1, 2, 3, 4, 5, 6, 7, 8, 9]])) },
    /at most/,
  ],
  ['a hundred thousand cells', { cells: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`c${i}`, {}])) }, /at most/],
  ['a hundred thousand seeds', { cells: { a: {} }, seeds: Array.from({ length: 100_000 }, (_, i) => i) }, /at most/],
])('an experiment of %s is refused', async (_, fields, line) => {
  await writeFile(at('large.json'), JSON.stringify({ name: 'e', base: 'config.json', seeds: [1], ...fields }));
  const outcome = await run('experiment', at('large.json'), '--out', at('out'));
  expect(outcome).toEqual({ status: USAGE, line: expect.stringMatching(line) });
});
