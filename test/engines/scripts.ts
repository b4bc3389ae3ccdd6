import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from '../architecture/source-files.js';
import type { Cell, Outcome } from './cells.js';

const MOST_MILLISECONDS = 600_000;

/** Runs the suite on a cell in a process of its own. */
export async function runScript(command: readonly string[], { build, threads, kernels }: Cell): Promise<Outcome> {
  const [file, ...flags] = command;
  const cell = ['--build', build, '--threads', `${threads}`, '--kernels', kernels];
  const values = [...flags, 'tools/conformance.mjs', '--json', ...cell];
  const { stdout, error } = await promisify(execFile)(file!, values, { cwd: ROOT, timeout: MOST_MILLISECONDS }).then(
    (output) => ({ ...output, error: null }),
    (failure: { stdout: string; message: string }) => ({ stdout: failure.stdout, error: failure.message }),
  );
  // Status 1 with a report means cases that differ.
  return stdout.startsWith('{') ? (JSON.parse(stdout) as Outcome) : { error: error ?? 'it printed nothing' };
}
