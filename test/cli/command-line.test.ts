import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NUMERICS_VERSION, SETTINGS, VERSION } from 'sparsetag';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../cli/commands.js';
import { sha256Hex } from '../../src/io/sha256.js';
import { ERROR_LINE, sparsetag } from './sparsetag.js';

test('--version is the version of the package', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(manifest.version);
  expect(await sparsetag(['--version'])).toEqual({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
});

test('--version --json adds the version of the numerics and the hash of each kernel build', async () => {
  const { status, stdout } = await sparsetag(['--version', '--json']);
  const hashOf = (build: string) => sha256Hex(readFileSync(new URL(`../../dist/kernels.${build}.wasm`, import.meta.url)));
  const kernels = { scalar: hashOf('scalar'), simd: hashOf('simd'), threads: hashOf('threads') };
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ schema: 1, version: VERSION, numerics: NUMERICS_VERSION, kernels });
});

test('--help lists every command on standard output', async () => {
  const { status, stdout, stderr } = await sparsetag(['--help']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const { name, summary } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
});

test('without a command the help goes to standard error and the status is that of wrong usage', async () => {
  const { status, stdout, stderr } = await sparsetag([]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('usage: sparsetag COMMAND');
});

test.each(COMMANDS.map((command) => command.name))('%s --help shows usage, options and examples, and reads nothing', async (name) => {
  const { status, stdout, stderr } = await sparsetag([name, '--help']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(`usage: sparsetag ${name} `);
  expect(stdout).toContain('--quiet');
  expect(stdout).toContain('examples:\n  ');
});

test.each([[['--help']], [['train', '--help']], [['experiment', '--help']], [['verify', '--help']]])(
  'examples of the package are named so that they are found from any folder: %s',
  async (args) => {
    for (const cwd of [process.cwd(), tmpdir()]) {
      const { stdout } = await sparsetag(args, { cwd });
      const named = [...stdout.matchAll(/\S+\/[\w.]+\.json/g)].map(([file]) => file).filter((file) => file.includes('examples/'));
      expect(named).not.toEqual([]);
      for (const file of named) expect(existsSync(path.resolve(cwd, file)), file).toBe(true);
    }
  },
);

test('train --help lists every setting with its default', async () => {
  const { stdout } = await sparsetag(['help', 'train']);
  for (const { path } of SETTINGS) expect(stdout).toContain(`  ${path.replace('[]', '.NAME')} `);
  expect(stdout).toMatch(/train\.batchSize +10 +sentences in a batch/);
  expect(stdout).toMatch(/prune\.rounds +20, or as many as prune\.keep +pruning rounds/);
});

test.each([
  [['trian'], 'sparsetag has no command trian', 'did you mean sparsetag train?'],
  [['frobnicate'], 'sparsetag has no command frobnicate', 'sparsetag --help lists the commands'],
  [['train', '--confgi', 'x'], 'sparsetag train has no option --confgi', 'did you mean --config?'],
  [['score', '-x'], 'sparsetag score has no option -x', 'sparsetag score --help lists the options'],
  [['score', '--train.epochs=3'], 'sparsetag score has no option --train.epochs', 'sparsetag score --help'],
  [['train', '--train.epochs', '3'], '--train.epochs has no value', 'write --train.epochs=VALUE'],
  [['train', '--hidden', '0'], 'sparsetag train has no option --hidden', 'did you mean --model.hidden=VALUE?'],
  [['train', '--epochs=3'], 'sparsetag train has no option --epochs', 'did you mean --train.epochs=VALUE?'],
  [['score', '--hidden=3'], 'sparsetag score has no option --hidden', 'hint: sparsetag score --help lists the options'],
  [['train', '--config', ''], '--config needs a value', 'write --config FILE'],
  [['serve', '--host='], '--host needs a value', 'write --host ADDRESS'],
  [['train', '-c', 'x.json', '--checkpoint-steps', 'x', '--dry-run'], '--checkpoint-steps: expected a whole number from 0; found x', ''],
  [['train', '--config'], '--config needs a value', 'write --config FILE'],
  [['train', '--config', '--json'], '--config needs a value, but --json follows', 'write --config=--json'],
  [['score', '--json=yes'], '--json is a switch and takes no value; found "yes"', ''],
  [['train', '--out', 'x'], 'sparsetag train needs --config', 'usage: sparsetag train'],
  [['tag'], 'sparsetag tag needs MODEL', 'usage: sparsetag tag MODEL'],
  [['inspect', 'a', 'b'], 'sparsetag inspect does not take "b"', 'usage: sparsetag inspect MODEL'],
  [['data', 'fetch'], 'sparsetag data has no fetch', 'sparsetag data get NAME'],
  [['data', 'get', 'gun'], 'sparsetag data get gun: name one of gum, ewt, glove', ''],
  [['tag', 'model', '--input', 'xml'], '--input: expected text, tokens, conll, conllu, jsonl or auto; found xml', ''],
  [['tag', 'model', '--threads', '0'], '--threads: expected a number from 1 to 64, or auto; found 0', ''],
  [['train', '--config', 'x.json', '--threads', '2.5'], '--threads: expected a number from 1 to 64, or auto; found 2.5', ''],
  [['tag', 'model', '--token-column', 'x'], '--token-column: expected the number of a column', ''],
])('%j is refused as wrong usage, with the right way', async (args, message, hint) => {
  const { status, stdout, stderr } = await sparsetag(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(ERROR_LINE);
  expect(stderr).toContain(`error: ${message}`);
  expect(stderr).toContain(hint);
});

test('the trace of an error is shown on demand only', async () => {
  const quiet = await sparsetag(['inspect', 'none.safetensors']);
  expect(quiet.stderr).toMatch(ERROR_LINE);
  const loud = await sparsetag(['inspect', 'none.safetensors'], { environment: { SPARSETAG_DEBUG: '1' } });
  expect(loud).toMatchObject({ status: 4, stderr: expect.stringContaining('    at ') });
});

test('data list says what can be had, also to programs', async () => {
  const text = await sparsetag(['data', 'list']);
  expect(text).toMatchObject({ status: 0, stderr: '' });
  expect(text.stdout).toMatch(/^gum +\d+\.\d MB +GUM/m);
  const json = await sparsetag(['data', 'list', '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ schema: 1, sets: [{ id: 'gum' }, { id: 'ewt' }, { id: 'glove' }] });
});
