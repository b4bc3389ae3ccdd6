import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dataDirectory } from '../../cli/data/cache.js';
import { CATALOG, type CorpusSource, type DataSource, type PackagePin, type VectorSource } from '../../cli/data/catalog.js';
import { type CorpusDataSet, type GetDataOptions, getData, getFromSource, type VectorDataSet } from '../../cli/data/get.js';
import type { FetchPackage } from '../../cli/data/npm-package.js';
import type { DataProgress } from '../../cli/data/progress.js';
import { packageOf } from './archives.js';

const HELLO = ['1\tHello\thello\tINTJ\tUH\t_\t0\troot\t_\t_', '2\tAda\tAda\tPROPN\tNNP\t_\t1\tvocative\t_\tEntity=(1-person-Ada)', '', ''];
const DOCUMENT = ['# newdoc id = GUM_bio_ada', '# global.Entity = GRP-etype-identity', '# meta::title = Ada', ...HELLO].join('\n');
const COLUMNS = 'Hello UH B-INTJ O\nAda NNP B-NP B-PER\n\n';
const TREEBANK = packageOf({ 'README.md': 'x', 'train.conllu': DOCUMENT + DOCUMENT, 'dev.conllu': DOCUMENT, 'test.conllu': DOCUMENT });
const VECTORS = packageOf({
  'v.json': '{"words":["a","b","c"],"vectors":{"a":[1,2,5,0],"b":[3,4,5,1],"c":[5,6,5,2]},"unkVector":[0,0,0,-1]}',
});

function pinOf(tarball: Uint8Array): PackagePin {
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  return { name: 'made-up', version: '1.2.3', integrity, bytes: tarball.length };
}

const members = { train: 'train.conllu', dev: 'dev.conllu', test: 'test.conllu' };
const CORPUS: CorpusSource = { ...(CATALOG.find((source) => source.id === 'gum') as CorpusSource), package: pinOf(TREEBANK), members };
const TABLE: VectorSource = {
  ...(CATALOG.find((source) => source.id === 'glove') as VectorSource),
  ...{ package: pinOf(VECTORS), dimension: 2, member: 'v.json', nWords: 3, defaultLimit: 2 },
};

let directory: string;
let nFetches: number;

/** Serves a tarball as npm would, and counts. */
function serving(tarball: Uint8Array): FetchPackage {
  return async (_pin, folder) => {
    nFetches++;
    await writeFile(path.join(folder, 'made-up-1.2.3.tgz'), tarball);
    return path.join(folder, 'made-up-1.2.3.tgz');
  };
}

const unreachable: FetchPackage = () => Promise.reject(new Error('nothing should be fetched'));

function get(source: DataSource, options: Partial<GetDataOptions> = {}) {
  return getFromSource(source, { directory, fetchPackage: serving(source.kind === 'corpus' ? TREEBANK : VECTORS), ...options });
}

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-data-'));
  nFetches = 0;
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe('getting a corpus', () => {
  test('writes its splits, its terms and a manifest, and nothing else', async () => {
    const data = (await get(CORPUS)) as CorpusDataSet;
    expect(data).toMatchObject({ id: 'gum', kind: 'corpus', origin: 'fetched', columns: ['token', 'pos', 'chunk', 'ner'] });
    expect(await readFile(data.files.train.path, 'utf8')).toBe(COLUMNS + COLUMNS);
    expect(await readFile(data.files.dev.path, 'utf8')).toBe(COLUMNS);
    expect(data.files.train.made).toEqual({
      bytes: 2 * COLUMNS.length,
      sha256: createHash('sha256')
        .update(COLUMNS + COLUMNS)
        .digest('hex'),
      counts: { sentences: 2, tokens: 4 },
    });
    const terms = await readFile(data.terms!.file, 'utf8');
    expect(terms).toContain(CORPUS.attribution);
    expect(terms).toContain('GUM_bio_ada\nAda\n');
    expect(await readdir(directory)).toEqual(['gum']);
    expect((await readdir(data.directory)).sort()).toEqual([
      'LICENSE-AND-ATTRIBUTION.txt',
      'dev.txt',
      'manifest.json',
      'test.txt',
      'train.txt',
    ]);
  });

  test('fetches once; later calls find the same files', async () => {
    const first = (await get(CORPUS)) as CorpusDataSet;
    const second = await get(CORPUS, { fetchPackage: unreachable });
    expect(second).toEqual({ ...first, origin: 'cached' });
    expect(nFetches).toBe(1);
  });

  test('makes it anew when told to, when a file is gone, and when the package is another', async () => {
    const { files } = (await get(CORPUS)) as CorpusDataSet;
    expect((await get(CORPUS, { force: true })).origin).toBe('fetched');
    await rm(files.dev.path);
    expect((await get(CORPUS)).origin).toBe('fetched');
    const other = packageOf({ 'train.conllu': DOCUMENT, 'dev.conllu': DOCUMENT, 'test.conllu': DOCUMENT });
    const renewed = await get({ ...CORPUS, package: pinOf(other) }, { fetchPackage: serving(other) });
    expect((renewed as CorpusDataSet).files.train.made?.counts).toEqual({ sentences: 1, tokens: 2 });
    expect(await readdir(directory)).toEqual(['gum']);
  });

  test('makes it anew when the manifest is broken', async () => {
    const { directory: folder } = await get(CORPUS);
    await writeFile(path.join(folder, 'manifest.json'), '{"schema":');
    expect((await get(CORPUS)).origin).toBe('fetched');
  });

  test('refuses a file that was changed since, and keeps the change', async () => {
    const { files } = (await get(CORPUS)) as CorpusDataSet;
    await writeFile(files.test.path, 'mine\n');
    await expect(get(CORPUS)).rejects.toMatchObject({ code: 'DATA_INTEGRITY', message: expect.stringContaining('--force') });
    expect(await readFile(files.test.path, 'utf8')).toBe('mine\n');
  });

  test("takes the user's own files as they are", async () => {
    await mkdir(path.join(directory, 'gum'));
    for (const split of ['train', 'dev', 'test']) await writeFile(path.join(directory, 'gum', `${split}.txt`), 'Mine NN B-NP O\n');
    const data = (await get(CORPUS, { fetchPackage: unreachable })) as CorpusDataSet;
    expect(data).toMatchObject({ origin: 'own', terms: null });
    expect(data.files.dev).toEqual({ path: path.join(directory, 'gum', 'dev.txt'), made: null });
  });

  test("refuses the user's own files when one is missing", async () => {
    await mkdir(path.join(directory, 'gum'));
    for (const split of ['train', 'dev']) await writeFile(path.join(directory, 'gum', `${split}.txt`), 'Mine NN B-NP O\n');
    await expect(get(CORPUS)).rejects.toMatchObject({ code: 'DATA_LAYOUT', message: expect.stringContaining('no test.txt') });
  });

  test('reports each phase from its beginning', async () => {
    const reports: DataProgress[] = [];
    await get(CORPUS, { onProgress: (progress) => reports.push(progress) });
    expect([...new Set(reports.map((report) => report.phase))]).toEqual(['verify', 'convert']);
    expect(reports[0]).toEqual({ phase: 'verify', bytes: 0, totalBytes: TREEBANK.length });
    expect(reports).toContainEqual({ phase: 'verify', bytes: TREEBANK.length, totalBytes: TREEBANK.length });
  });
});

describe('getting vectors', () => {
  test('writes the most frequent words', async () => {
    const data = (await get(TABLE)) as VectorDataSet;
    expect(data).toMatchObject({ id: 'glove', kind: 'vectors', dimension: 2, file: { made: { counts: { words: 2 } } } });
    expect(await readFile(data.file.path, 'utf8')).toBe('a 1 2\nb 3 4\n');
  });

  test('writes as many as asked for, and keeps that number until another is asked for', async () => {
    const words = async (limit?: number) => ((await get(TABLE, { limit })) as VectorDataSet).file.made?.counts.words;
    expect([await words(3), await words(), await words(3), nFetches]).toEqual([3, 3, 3, 1]);
    expect([await words(1), nFetches]).toEqual([1, 2]);
  });

  test.each([0, 1.5, 4, Number.NaN])('refuses a limit of %d', async (limit) => {
    await expect(get(TABLE, { limit })).rejects.toMatchObject({ code: 'DATA_LIMIT' });
  });
});

describe('a fetch that fails', () => {
  test('for other bytes than the pinned ones leaves nothing behind', async () => {
    const damaged = Buffer.from(TREEBANK);
    damaged[damaged.length - 1]! ^= 1;
    await expect(get(CORPUS, { fetchPackage: serving(damaged) })).rejects.toMatchObject({
      code: 'DATA_INTEGRITY',
      message: expect.stringContaining(CORPUS.package.integrity),
    });
    expect(await readdir(directory)).toEqual([]);
  });

  test('leaves the data that were there', async () => {
    const { files } = (await get(CORPUS)) as CorpusDataSet;
    await expect(get(CORPUS, { force: true, fetchPackage: serving(VECTORS) })).rejects.toMatchObject({ code: 'DATA_INTEGRITY' });
    expect(await readFile(files.dev.path, 'utf8')).toBe(COLUMNS);
    expect((await get(CORPUS, { fetchPackage: unreachable })).origin).toBe('cached');
  });

  test('for a package that is no archive, or lacks a file, says so', async () => {
    const noise = Buffer.from('no gzip');
    await expect(get({ ...CORPUS, package: pinOf(noise) }, { fetchPackage: serving(noise) })).rejects.toMatchObject({
      code: 'DATA_ARCHIVE',
    });
    const partial = packageOf({ 'train.conllu': DOCUMENT, 'dev.conllu': DOCUMENT });
    await expect(get({ ...CORPUS, package: pinOf(partial) }, { fetchPackage: serving(partial) })).rejects.toMatchObject({
      code: 'DATA_FETCH',
      message: expect.stringContaining('no file test.conllu'),
    });
    expect(await readdir(directory)).toEqual([]);
  });

  test('because it is aborted throws the reason of the abort', async () => {
    const controller = new AbortController();
    const fetchPackage: FetchPackage = async (pin, folder, options) => {
      controller.abort(new Error('enough'));
      return serving(TREEBANK)(pin, folder, options);
    };
    await expect(get(CORPUS, { fetchPackage, signal: controller.signal })).rejects.toThrow('enough');
    expect(await readdir(directory)).toEqual([]);
  });

  test('because a file stands where the folder should be names the folder', async () => {
    const file = path.join(directory, 'file');
    await writeFile(file, '');
    await expect(get(CORPUS, { directory: file })).rejects.toMatchObject({
      code: 'DATA_WRITE',
      message: expect.stringContaining('--data DIR'),
    });
  });

  test('leaves folders of other processes alone, unless they are a day old', async () => {
    const [young, old] = ['.staging-young', '.staging-old'].map((name) => path.join(directory, name)) as [string, string];
    for (const folder of [young, old]) await mkdir(folder);
    const twoDaysAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
    await utimes(old, twoDaysAgo, twoDaysAgo);
    await get(CORPUS);
    expect((await readdir(directory)).sort()).toEqual(['.staging-young', 'gum']);
  });
});

describe('the catalogue', () => {
  test('refuses names that it does not have, with those that it has', async () => {
    await expect(getData('gume' as 'gum', { directory })).rejects.toMatchObject({
      code: 'DATA_UNKNOWN',
      message: expect.stringContaining('gum, ewt, glove'),
    });
    await expect(getData('gum', { directory, limit: 5 })).rejects.toMatchObject({ code: 'DATA_LIMIT' });
  });

  test.each(CATALOG.map((source) => [source.id, source] as const))(
    'pins %s to a version and a SHA-512, and states its terms',
    (_id, source) => {
      expect(source.package.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(Buffer.from(source.package.integrity.replace(/^sha512-/, ''), 'base64')).toHaveLength(64);
      expect(source.attribution).toContain('Please cite');
      expect(source.attribution).toMatch(/https:\/\//);
    },
  );
});

describe('the data folder', () => {
  const host = (platform: NodeJS.Platform, environment: NodeJS.ProcessEnv = {}) => ({
    platform,
    environment,
    home: path.resolve('/home/ada'),
  });
  const home = (...parts: readonly string[]) => path.join(path.resolve('/home/ada'), ...parts, 'sparsetag', 'data');

  test.each([
    ['the one named', 'here', host('linux', { SPARSETAG_DATA: '/there' }), path.resolve('here')],
    ['the one in the environment', undefined, host('linux', { SPARSETAG_DATA: '/there' }), path.resolve('/there')],
    ['below ~/.cache', undefined, host('linux'), home('.cache')],
    ['below ~/.cache when XDG_CACHE_HOME is relative', undefined, host('linux', { XDG_CACHE_HOME: 'x' }), home('.cache')],
    [
      'below XDG_CACHE_HOME',
      undefined,
      host('linux', { XDG_CACHE_HOME: path.resolve('/x') }),
      path.join(path.resolve('/x'), 'sparsetag', 'data'),
    ],
    ['below ~/Library/Caches', undefined, host('darwin', { XDG_CACHE_HOME: '/x' }), home('Library', 'Caches')],
    [
      'below %LOCALAPPDATA%',
      undefined,
      host('win32', { LOCALAPPDATA: path.resolve('/l') }),
      path.join(path.resolve('/l'), 'sparsetag', 'data'),
    ],
    ['below ~/AppData/Local', undefined, host('win32'), home('AppData', 'Local')],
  ])('is %s', (_where, explicit, where, expected) => {
    expect(dataDirectory(explicit, where)).toBe(expected);
  });
});
