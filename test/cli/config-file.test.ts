import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig, readConfig } from '../../cli/config-file.js';
import { ERROR_LINE, sparsetag } from './sparsetag.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

const config = {
  corpora: [{ name: 'gum', train: 'gum/train.txt', dev: 'data:gum/dev.txt', test: '/far/test.txt' }],
  tasks: [{ name: 'pos', column: 1 }],
  vectors: { file: '../vectors.txt' },
};

async function write(name: string, content: unknown): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('readConfig', () => {
  test('finds files beside the config, in the folder of data sets and where an override says', async () => {
    const file = await write('good.json', config);
    const read = await readConfig(file, [['corpora.gum.train', 'here.txt']], '/data');
    expect(read.corpora[0]).toMatchObject({ train: path.resolve('here.txt'), dev: '/data/gum/dev.txt', test: '/far/test.txt' });
    expect(read.vectors.file).toBe(path.join(path.dirname(folder), 'vectors.txt'));
    expect((await readConfig(file, [])).corpora[0]!.train).toBe(path.join(folder, 'gum/train.txt'));
  });

  test('says that there is no such file', async () => {
    await expect(readConfig(path.join(folder, 'none.json'), [])).rejects.toMatchObject({
      code: 'CONFIG_FILE_UNREADABLE',
      message: expect.stringContaining('there is no such file'),
    });
  });
});

describe('parseConfig', () => {
  test.each([
    ['{\n  "seed": 1,\n}', 'c.json:3:1', 'Expected a key in quotes, found "}"'],
    ['{"seed": 01}', 'c.json:1:11', 'found "1"'],
    ['{\n  // five\n  "seed": 5 }', 'c.json:2:3', 'found "/"'],
    ["{'seed': 5}", 'c.json:1:2', 'Expected a key in quotes'],
    ['{"seed": 1', 'c.json:1:11', 'found the end of the text'],
    ['', 'c.json:1:1', 'found the end of the text'],
    ['\uFEFF{"seed": x}', 'c.json:1:10', 'found "x"'],
    ['{"seed": 1, "seed": 2}', 'c.json:1:13', 'The key "seed" occurs twice'],
  ])('names line and column of the fault in %j', (text, position, message) => {
    expect(() => parseConfig(text, 'c.json')).toThrow(
      expect.objectContaining({
        code: 'CONFIG_FILE_SYNTAX',
        message: expect.stringMatching(new RegExp(`^${position}: .*${message}`)),
      }),
    );
  });

  test('skips a byte order mark', () => {
    expect(parseConfig('\uFEFF{"seed": 1}', 'c.json')).toEqual({ seed: 1 });
  });
});

describe('sparsetag train refuses', () => {
  const run = async (content: unknown, ...args: string[]) =>
    sparsetag(['train', '--config', await write('refused.json', content), '--out', path.join(folder, 'run'), ...args]);

  test('a typing error in the config, with the right name', async () => {
    const { status, stderr } = await run({ ...config, train: { epochz: 5 } });
    expect(status).toBe(2);
    expect(stderr).toMatch(ERROR_LINE);
    expect(stderr).toContain('train.epochz is no setting; did you mean train.epochs?');
  });

  test('a typing error in an override, with the right name', async () => {
    const { status, stderr } = await run(config, '--trian.epochs=5');
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('trian is no setting; did you mean train?') });
  });

  test('a value out of range', async () => {
    const { status, stderr } = await run(config, '--seed', '1.5');
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('seed: expected an integer from 0 to 4294967295') });
  });

  test('a corpus that is not there, with the place where data can be had', async () => {
    const { status, stderr } = await run(config);
    expect(status).toBe(3);
    expect(stderr).toMatch(ERROR_LINE);
    expect(stderr).toContain('gum/train.txt cannot be read: there is no such file');
    expect(stderr).toContain('sparsetag data get');
  });

  test('a config that is no JSON, with line and column', async () => {
    const { status, stderr } = await run('{"seed": 1,}');
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/refused\.json:1:12: Expected a key/) });
  });
});
