import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../architecture/source-files.js';
import { showPages } from './browser.js';
import { type Answer, prepare, run, WORK } from './package-under-test.js';

const SENTENCE = 'Ada Lovelace lived in London.';
const PAGES = {
  esbuild: 'esbuild/index.html',
  rollup: 'rollup/index.html',
  webpack: 'webpack/index.html',
  vite: 'vite/dist/index.html',
  'no-bundler': 'no-bundler/index.html',
  'service-worker': 'service-worker/index.html',
  'blob-worker': 'blob-worker/index.html',
};

const TENSORFLOW_PAGE = 'tfjs/index.html';

/** What the library says in this process, to the last bit of a score. */
let expected: Answer;
let expectedTags: readonly string[];

beforeAll(async () => {
  const { Tagger } = await import('../../src/infer.js');
  const tagger = await Tagger.load(await readFile(path.join(ROOT, 'web/demo/model.safetensors')));
  expected = { fingerprint: tagger.fingerprint, entities: tagger.entities(SENTENCE, { task: 'ner' }) };
  expectedTags = tagger.tag(['Ada', 'Lovelace', 'lived', 'in', 'London', '.']).ner!;
  tagger.dispose();
});

describe('the same scores come from', () => {
  test.each(['node', 'deno', 'bun'])('%s', async (host) => {
    const folder = await prepare(host);
    expect(JSON.parse(await run('npm', ['start', '--silent'], folder))).toEqual(expected);
  });

  describe('Chromium with', () => {
    let shown: ReadonlyMap<string, string>;
    beforeAll(async () => {
      for (const example of [...Object.keys(PAGES), 'tfjs']) await prepare(example);
      shown = await showPages(WORK, [...Object.values(PAGES), TENSORFLOW_PAGE]);
    });

    test.each(Object.entries(PAGES))('%s', (_example, page) => {
      const text = shown.get(page) ?? 'nothing was shown';
      expect(text).toMatch(/^\{/);
      expect(JSON.parse(text)).toEqual(expected);
    });

    test('TensorFlow.js, which trains the encoder further', () => {
      const text = shown.get(TENSORFLOW_PAGE) ?? 'nothing was shown';
      expect(text).toMatch(/^\{/);
      const { tags, losses } = JSON.parse(text);
      expect(tags).toEqual(expectedTags);
      expect(losses[2]).toBeLessThan(losses[0]);
    });
  });

  describe('workerd', () => {
    let server: ChildProcess | undefined;
    afterAll(() => void server?.kill());

    test('with kernels that were compiled before', async () => {
      const folder = await prepare('workerd');
      const workerd: string = createRequire(import.meta.url)('workerd').default;
      server = spawn(workerd, ['serve', 'config.capnp', '--socket-addr', 'http=127.0.0.1:18787'], { cwd: folder, stdio: 'inherit' });
      const response = await retried(() => fetch(`http://127.0.0.1:18787/?text=${encodeURIComponent(SENTENCE)}`));
      expect(await response.json()).toEqual(expected);
    });
  });
});

/** A server takes a moment until it listens. */
async function retried<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      return await action();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  return action();
}
