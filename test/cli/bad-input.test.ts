import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesOf } from '../helpers/text.js';
import { ERROR_LINE, type Outcome, sparsetag } from './sparsetag.js';

// What a user can get wrong, end to end: one clear line, the exit status of its kind, no trace, no model left behind.

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sparsetag-bad-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const GOOD = 'Ada NNP B-PER\nruns VBZ O\n\nBob NNP B-PER\nsleeps VBZ O\n\n';

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

/** Trains on a config of good files, with what a case does otherwise. */
async function trainWith(files: Partial<Record<'train' | 'dev', string | Uint8Array>>, settings: readonly string[] = []): Promise<Outcome> {
  await write('train.txt', files.train ?? GOOD);
  await write('dev.txt', files.dev ?? GOOD);
  const config = await write(
    'config.json',
    JSON.stringify({
      corpora: [{ name: 'c', train: 'train.txt', dev: 'dev.txt' }],
      tasks: [
        { name: 'pos', column: 1 },
        { name: 'ner', column: 2, type: 'spans' },
      ],
      model: { hidden: 4, layers: 1 },
      train: { sharing: 'hard', epochs: 1 },
    }),
  );
  return sparsetag(['train', '--quiet', '--config', config, '--out', path.join(folder, 'run'), '--force', ...settings], { cwd: folder });
}

const latin1 = Uint8Array.of(...bytesOf('Ren'), 0xe9, ...bytesOf(' NNP B-PER\n'));

describe('training refuses', () => {
  test.each<[string, Partial<Record<'train' | 'dev', string | Uint8Array>>, string[], number, RegExp]>([
    ['ragged columns', { train: 'Ada NNP B-PER\nruns VBZ\n' }, [], 3, /train\.txt:2:\d+: .*columns.*CORPUS_COLUMN_COUNT/],
    ['labels that are of no scheme', { train: 'Ada NNP PER\nruns VBZ O\n' }, [], 3, /train\.txt:1:9: .*CORPUS_LABEL_NOT_IN_SCHEME/],
    ['a scheme that there is not', {}, ['--tasks.ner.scheme=bilou'], 2, /tasks\.ner\.scheme|tasks\.1\.scheme/],
    ['an empty split', { dev: '\n\n' }, [], 3, /dev\.txt:1:1: .*CORPUS_EMPTY_SPLIT/],
    ['a label that only dev has', { dev: 'Ada XYZ O\n' }, [], 3, /dev\.txt:1:5: .*"XYZ".*CORPUS_LABEL_NOT_IN_TRAIN/],
    ['a huge token', { train: `${'x'.repeat(5000)} NNP O\n` }, [], 3, /train\.txt:1:1: .*CORPUS_TOKEN_TOO_LONG/],
    ['broken UTF-8', { train: latin1 }, [], 3, /train\.txt:1:4: .*TEXT_NOT_UTF8/],
    ['a typing error in a setting', {}, ['--train.epohcs=3'], 2, /train\.epohcs.*train\.epochs/s],
    ['more memory than there can be', {}, ['--model.hidden=4096', '--model.layers=4'], 6, /MEMORY_EXHAUSTED/],
    ['vectors that are not there', {}, ['--vectors.file=none.txt'], 3, /none\.txt.*no such file/],
  ])('%s', async (_, files, settings, status, line) => {
    const outcome = await trainWith(files, settings);
    expect(outcome).toMatchObject({ status, stdout: '' });
    expect(outcome.stderr).toMatch(ERROR_LINE);
    expect(outcome.stderr).toMatch(line);
  });
});

describe('tagging, evaluating and inspecting refuse', () => {
  const COMMANDS: [string, string[]][] = [
    ['tag', ['-']],
    ['evaluate', ['train.txt']],
    ['inspect', []],
  ];

  test.each(COMMANDS)('%s: a model file that is cut short, foreign or missing', async (command, others) => {
    const trained = await trainWith({});
    expect(trained).toMatchObject({ status: 0 });
    const model = await readFile(path.join(folder, 'run', 'model.safetensors'));
    const cases: [string, number][] = [
      [await write('cut.safetensors', model.subarray(0, model.length - 7)), 4],
      [await write('picture.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13)), 4],
      [await write('empty.safetensors', ''), 4],
      [path.join(folder, 'none.safetensors'), 4],
    ];
    for (const [file, status] of cases) {
      const outcome = await sparsetag([command, file, ...others], { cwd: folder, input: 'a b\n' });
      expect({ file: path.basename(file), status: outcome.status, stdout: outcome.stdout }).toEqual({
        file: path.basename(file),
        status,
        stdout: '',
      });
      expect(outcome.stderr).toMatch(ERROR_LINE);
      expect(outcome.stderr).toContain(`error: ${path.basename(file)}`);
    }
  });
});

describe.skipIf(process.platform !== 'linux')('a folder that cannot be made is refused at once', () => {
  test.each(['/proc/here', '/proc/here/and/below', '/dev/null/here', '/sys/here'])('%s', async (place) => {
    expect(await trainWith({})).toMatchObject({ status: 0 });
    const model = path.join(folder, 'run', 'model.safetensors');
    const outcomes = {
      inspect: await sparsetag(['inspect', model, '--pictures', place]),
      export: await sparsetag(['export', model, '--onnx', place]),
      train: await sparsetag(['train', '-q', '--config', path.join(folder, 'config.json'), '--out', place]),
    };
    for (const [command, { status, stderr }] of Object.entries(outcomes)) {
      expect({ command, status }).toEqual({ command, status: command === 'export' ? 2 : 6 });
      expect(stderr).toMatch(ERROR_LINE);
      expect(stderr).toContain(place);
    }
  });
});
