import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './source-files.js';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly resolved?: string;
  readonly version?: string;
}

const read = (name: string) => JSON.parse(readFileSync(path.join(ROOT, name), 'utf8'));
const manifest = read('package.json');
const locked = read('package-lock.json').packages as Readonly<Record<string, LockedPackage>>;

test('the lock file lists the builds of a tool for every platform, without which npm ci refuses', () => {
  const missing = Object.entries(locked).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !(`${place}/node_modules/${name}` in locked) && !(`node_modules/${name}` in locked)),
  );
  expect(missing).toEqual([]);
});

const LOCK_FILES = [
  'package-lock.json',
  ...['bench/peers', 'test/engines', 'test/engines/arm64', 'test/bundlers', 'test/web/browsers'].map(
    (folder) => `${folder}/package-lock.json`,
  ),
];

test.each(LOCK_FILES)('%s names no registry', (file) => {
  const packages = read(file).packages as Readonly<Record<string, LockedPackage>>;
  expect(Object.values(packages).flatMap(({ resolved = [] }) => resolved)).toEqual([]);
  expect(readFileSync(path.join(ROOT, file), 'utf8')).not.toMatch(/https?:\/\/[^"]*registry/);
});

test('the engines of benchmark and tests stay out of an installation', () => {
  const peers = Object.keys(read('bench/peers/package.json').dependencies).filter((name) => name.startsWith('onnxruntime'));
  expect(peers.length).toBeGreaterThan(0);
  const engines = Object.keys(read('test/engines/package.json').dependencies);
  for (const name of [...peers, ...engines]) expect(locked).not.toHaveProperty([`node_modules/${name}`]);
  expect(manifest).not.toHaveProperty('workspaces');
});

test('manifest and lock file agree', () => {
  const { name, version, license, bin, engines, dependencies, devDependencies, peerDependencies, peerDependenciesMeta } = manifest;
  expect(locked['']).toEqual({
    name,
    version,
    license,
    bin,
    engines,
    dependencies,
    devDependencies,
    peerDependencies,
    peerDependenciesMeta,
  });
});

test('the package installs comlink alone and runs no script at a user', () => {
  expect(Object.keys(manifest.dependencies)).toEqual(['comlink']);
  for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) expect(manifest.scripts).not.toHaveProperty(hook);
});

test('what help texts and docs name of examples/ is in the package', () => {
  const listed = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8' }));
  const packed = listed[0].files.map(({ path }: { path: string }) => path);
  const docs = readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`);
  const texts = [...docs, 'cli/help.ts', 'cli/commands/train.ts', 'cli/commands/experiment.ts', 'README.md'].map((name) =>
    readFileSync(path.join(ROOT, name), 'utf8'),
  );
  const named = new Set(texts.flatMap((text) => text.match(/\bexamples\/[\w/-]+(?:\.\w+)*\.json\b/g) ?? []));
  expect(named.size).toBeGreaterThan(3);
  expect([...named].filter((name) => !packed.includes(name))).toEqual([]);
});
