import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** The folder of the built kernels and of the thread's script, for programs that were bundled out of it. */
export const BUILD_URL = new URL('../../dist/', import.meta.url).href;

export interface Program {
  /** Runs it in a Node process of its own and returns what it printed. */
  run(flags: readonly string[], ...values: string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Bundles a program of the tests so that Node can run it by itself, with flags of its own. */
export async function bundleProgram(entry: URL): Promise<Program> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-program-'));
  const outfile = path.join(folder, 'program.mjs');
  await build({ entryPoints: [entry.pathname], bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error' });
  return {
    async run(flags, ...values) {
      const { stdout } = await promisify(execFile)(process.execPath, [...flags, outfile, BUILD_URL, ...values], { timeout: 120_000 });
      return stdout;
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
