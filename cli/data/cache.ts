import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ResourceError } from 'sparsetag';
import { makeFolder } from '../files.js';

/** What the place of the data depends on; the running process unless a test says otherwise. */
export interface Host {
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/** One file of a data set, as the manifest lists it. */
export interface ManifestFile {
  readonly name: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** What is in it: `sentences` and `tokens`, or `words`. */
  readonly counts: Readonly<Record<string, number>>;
}

/** `manifest.json` of a data set: from what, by what and with which settings it was made, and what came out. */
export interface Manifest {
  readonly schema: 1;
  readonly id: string;
  /** Version of the conversion; another one makes the files anew. */
  readonly recipe: number;
  readonly package: { readonly name: string; readonly version: string; readonly integrity: string };
  /** Number of words written, for vectors. */
  readonly limit?: number;
  readonly files: readonly ManifestFile[];
}

const MANIFEST = 'manifest.json';
const STAGING = '.staging-';
const STALE_STAGING_MS = 24 * 60 * 60 * 1000;

/**
 * The folder that holds the data sets, one folder each: `--data DIR`, else `SPARSETAG_DATA`, else `sparsetag/data` in the
 * user's cache folder (`XDG_CACHE_HOME` or `~/.cache`; `~/Library/Caches`; `%LOCALAPPDATA%`).
 *
 * @param explicit the value of `--data`
 */
export function dataDirectory(
  explicit?: string,
  { environment, platform, home }: Host = { environment: process.env, platform: process.platform, home: os.homedir() },
): string {
  const chosen = explicit || environment.SPARSETAG_DATA;
  if (chosen) return path.resolve(chosen);
  return path.join(userCacheFolder({ environment, platform, home }), 'sparsetag', 'data');
}

function userCacheFolder({ environment, platform, home }: Host): string {
  if (platform === 'win32') return environment.LOCALAPPDATA || path.join(home, 'AppData', 'Local');
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches');
  const xdg = environment.XDG_CACHE_HOME;
  // The XDG rules have relative paths ignored.
  return xdg && path.isAbsolute(xdg) ? xdg : path.join(home, '.cache');
}

/** What lies in the folder of a data set. */
export type Holding =
  /** Files made here earlier, complete and unchanged. */
  | { readonly origin: 'cached'; readonly manifest: Manifest }
  /** Files that the user laid out: all the names are there, and no manifest. */
  | { readonly origin: 'own' };

/**
 * Looks for a data set; null when it has to be made (again).
 *
 * @param files names that make it complete
 * @param isCurrent whether a manifest describes what would be made now
 * @throws {ResourceError} DATA_LAYOUT when the user's own files are not all there, DATA_INTEGRITY when a file was changed
 * since it was made
 */
export async function findHolding(
  folder: string,
  files: readonly string[],
  isCurrent: (manifest: Manifest) => boolean,
): Promise<Holding | null> {
  const missing = await namesMissing(folder, files);
  const manifest = await readManifest(folder);
  if (manifest === 'absent') {
    if (missing.length === files.length) return null;
    if (missing.length === 0) return { origin: 'own' };
    throw new ResourceError(
      'DATA_LAYOUT',
      `The folder ${folder} has no ${missing.join(' and no ')}: expected ${files.join(', ')}. Add what is missing, or remove the folder to have it made.`,
    );
  }
  if (manifest === 'unreadable' || missing.length > 0 || !isCurrent(manifest)) return null;
  for (const file of manifest.files) await checkFile(path.join(folder, file.name), file);
  return { origin: 'cached', manifest };
}

async function namesMissing(folder: string, files: readonly string[]): Promise<string[]> {
  const isThere = await Promise.all(
    files.map((name) =>
      access(path.join(folder, name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, i) => !isThere[i]);
}

/** A manifest of another schema, or half of one, is `unreadable`: the data are ours all the same, and are made anew. */
async function readManifest(folder: string): Promise<Manifest | 'absent' | 'unreadable'> {
  try {
    const manifest = JSON.parse(await readFile(path.join(folder, MANIFEST), 'utf8')) as Partial<Manifest> | null;
    return manifest?.schema === 1 && Array.isArray(manifest.files) && manifest.package ? (manifest as Manifest) : 'unreadable';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
    if (error instanceof SyntaxError) return 'unreadable';
    throw error;
  }
}

async function checkFile(file: string, expected: ManifestFile): Promise<void> {
  const found = await digestFile(file);
  if (found.bytes === expected.bytes && found.sha256 === expected.sha256) return;
  throw new ResourceError(
    'DATA_INTEGRITY',
    `${file} was changed since it was made: expected ${expected.bytes} bytes with SHA-256 ${expected.sha256}, ` +
      `found ${found.bytes} bytes with ${found.sha256}. Use --force to make it anew, or copy it elsewhere and name that folder with --data.`,
  );
}

/** Size and SHA-256 of a file, read as a stream. */
export async function digestFile(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(file)) {
    hash.update(piece as Uint8Array);
    bytes += (piece as Uint8Array).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** A private folder beside the data sets in which one is made; whatever is left in it goes away on disposal. */
export interface Staging extends AsyncDisposable {
  readonly folder: string;
}

/** Opens a staging folder below `root`, on the same file system, and clears those that killed processes left. */
export async function openStaging(root: string): Promise<Staging> {
  await makeFolder(root);
  await removeStale(root);
  const folder = path.join(root, `${STAGING}${randomUUID()}`);
  await mkdir(folder);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function removeStale(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(STAGING)) continue;
    const folder = path.join(root, name);
    const isStale = await stat(folder).then(
      ({ mtimeMs }) => Date.now() - mtimeMs > STALE_STAGING_MS,
      () => false,
    );
    if (isStale) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Puts a finished data set in its place in one step, manifest included: whoever looks sees the old set or the new one.
 *
 * @param made folder inside the staging folder, with its files written
 */
export async function publish(staging: Staging, made: string, target: string, manifest: Manifest): Promise<void> {
  await writeFile(path.join(made, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  const replaced = path.join(staging.folder, 'replaced');
  const hadOld = await rename(target, replaced).then(() => true, ignoreMissing);
  try {
    await rename(made, target);
  } catch (error) {
    if (hadOld) await rename(replaced, target);
    throw error;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): false {
  if (error.code !== 'ENOENT') throw error;
  return false;
}
