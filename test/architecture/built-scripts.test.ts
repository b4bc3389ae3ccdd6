import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT } from './source-files.js';

const SCRIPTS = ['index.js', 'infer.js', 'tfjs.js', 'browser/index.js', 'browser/infer.js', 'browser/tfjs.js'];

/** What a script could begin something with. */
const MEANS = ['MessageChannel', 'BroadcastChannel', 'Worker', 'WebAssembly', 'URL', 'fetch', 'setTimeout', 'setImmediate', 'atob'];

/** Imports the script of its first argument where each of the others is a global that nobody may touch. */
const PROGRAM = `
const [script, ...means] = process.argv.slice(1);
const touched = [];
for (const name of means) {
  const value = globalThis[name];
  Object.defineProperty(globalThis, name, { get: () => { touched.push(name); return value; } });
}
await import(script);
console.log(JSON.stringify(touched));
`;

test.each(SCRIPTS)('importing dist/%s begins nothing', async (script) => {
  const args = ['--input-type=module', '--eval', PROGRAM, path.join(ROOT, 'dist', script), ...MEANS];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  expect(JSON.parse(stdout)).toEqual([]);
});

test.each(['infer.js', 'tfjs.js', 'worker.js', 'kernel-thread.js'])('dist/browser/%s asks for no package', (script) => {
  const text = readFileSync(path.join(ROOT, 'dist/browser', script), 'utf8');
  const specifiers = Array.from(text.matchAll(/(?:from|import)\s*\(?["']([^"']+)["']/g), ([, specifier]) => specifier!);
  expect(specifiers.filter((specifier) => !specifier.startsWith('./'))).toEqual([]);
});
