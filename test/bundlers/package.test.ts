import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, test } from 'vitest';
import { pack, run, WORK } from './package-under-test.js';

let tarball: string;
let bytes: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  tarball = await pack(path.join(WORK, 'first'));
  bytes = new Uint8Array(await readFile(tarball));
});

describe('the packed package', () => {
  test('is the same file when it is packed again', async () => {
    expect(Buffer.compare(await readFile(await pack(path.join(WORK, 'second'))), bytes)).toBe(0);
  });

  test('has no fault that publint knows', async () => {
    const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg!, { color: false }))).toEqual([]);
  });

  test('has types that every resolution of modules finds, but that of CommonJS', async () => {
    const { problems } = (await checkPackage(createPackageFromTarballData(bytes), {
      excludeEntrypoints: ['./package.json', './wasm/*.wasm'],
    })) as { problems: readonly { kind: string; resolutionKind?: string }[] };
    const ignored = (kind: string, resolution?: string) => resolution === 'node10' || kind === 'CJSResolvesToESM';
    expect(problems.filter(({ kind, resolutionKind }) => !ignored(kind, resolutionKind))).toEqual([]);
  });

  test('has what it needs and nothing of the tests or of the demo', async () => {
    const files = (await run('tar', ['-tzf', tarball], WORK)).trim().split('\n');
    for (const needed of ['LICENSE', 'README.md', 'dist/browser/kernels.threads.wasm', 'dist/kernel-thread.js', 'dist/types/infer.d.ts'])
      expect(files).toContain(`package/${needed}`);
    expect(files.filter((file) => /^package\/(test|web|examples\/hosts|bench|src)\//.test(file))).toEqual([]);
  });

  test('is installed by npm without a script of its own and runs from there', async () => {
    const folder = path.join(WORK, 'installed');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'package.json'), '{"name":"user","private":true,"type":"module"}');
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], folder);
    expect((await readdir(path.join(folder, 'node_modules'))).filter((name) => !name.startsWith('.')).sort()).toEqual([
      'comlink',
      'sparsetag',
    ]);
    expect(await run('npx', ['--no-install', 'sparsetag', '--help'], folder)).toContain('train');
    const program =
      "import { Tagger } from 'sparsetag/infer'; import * as all from 'sparsetag'; console.log(all.Tagger === Tagger, all.VERSION);";
    const { version } = JSON.parse(await readFile(path.join(folder, 'node_modules/sparsetag/package.json'), 'utf8'));
    expect(await run(process.execPath, ['--input-type=module', '--eval', program], folder)).toBe(`true ${version}\n`);
  });
});
