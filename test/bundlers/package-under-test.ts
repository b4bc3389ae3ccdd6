import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../architecture/source-files.js';

export const FOLDER = import.meta.dirname;
/** Copies of the examples, which find the packed package and the tools in `node_modules` of this folder. */
export const WORK = path.join(FOLDER, 'work');
const MODEL = path.join(ROOT, 'web/demo/model.safetensors');

/** Runs a command and returns what it printed. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd, timeout: 120_000, maxBuffer: 1 << 24 });
  return stdout;
}

/** Packs the package into `folder` and returns the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const [{ filename }] = JSON.parse(await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT));
  return path.join(folder, filename);
}

/** What a program of the examples says. */
export interface Answer {
  readonly fingerprint: string;
  readonly entities: readonly object[];
}

/** Copies an example and a model to where its tools are found. */
export async function prepare(example: string): Promise<string> {
  const folder = path.join(WORK, example);
  await cp(path.join(ROOT, 'examples/hosts', example), folder, { recursive: true });
  await mkdir(path.join(folder, 'public'), { recursive: true });
  for (const place of ['model.safetensors', 'public/model.safetensors']) await cp(MODEL, path.join(folder, place));
  const { scripts } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  if (scripts.build) await run('npm', ['run', '--silent', 'build'], folder);
  return folder;
}

/** Once after all tests. */
export function teardown(): Promise<void> {
  return rm(WORK, { recursive: true, force: true, maxRetries: 5 });
}

/** Once before all tests: the package, packed and unpacked as an installation would have it. */
export async function setup(): Promise<void> {
  await rm(WORK, { recursive: true, force: true });
  // Nothing that is installed runs scripts, but Bun's package is without its program until its script has run.
  await run(process.execPath, ['install.js'], path.join(FOLDER, 'node_modules/bun'));
  const tarball = await pack(WORK);
  // Bundlers look for the nearest tsconfig.json, and that of the repository would lead them to the source.
  await writeFile(path.join(WORK, 'tsconfig.json'), '{}');
  const installed = path.join(FOLDER, 'node_modules/sparsetag');
  await rm(installed, { recursive: true, force: true });
  await mkdir(installed);
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed], FOLDER);
}
