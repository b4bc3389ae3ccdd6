import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ResourceError } from 'sparsetag';
import type { PackagePin } from './catalog.js';
import { npmFailure, runNpm } from './npm-command.js';
import { type OnProgress, ProgressMeter } from './progress.js';
import { damaged, readTar, type TarEntry } from './tar.js';

/** What a fetch may be told and asked. */
export interface FetchOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** Puts the tarball of a package into a folder and returns its path. The caller verifies it. */
export type FetchPackage = (pin: PackagePin, folder: string, options: FetchOptions) => Promise<string>;

/** One retry soon: npm's own patience keeps an offline user waiting for more than a minute. */
const PACK_OPTIONS: readonly string[] = ['--json', '--ignore-scripts', '--fetch-retries=1', '--fetch-retry-mintimeout=2000'];

/**
 * A fetch by the user's own npm, so that the user's registry, proxy, credentials and cache apply. Nothing is installed
 * and no script of the package runs.
 *
 * @param environment where npm is looked for: the npm that runs this process, else the one on the path
 * @returns a function that throws {ResourceError} DATA_NPM_MISSING when npm cannot be started, DATA_OFFLINE when it cannot
 * reach the registry, DATA_FETCH when it fails otherwise
 */
export function npmFetcher(environment: NodeJS.ProcessEnv = process.env): FetchPackage {
  return async (pin, folder, { signal, onProgress }) => {
    const meter = new ProgressMeter('download', pin.bytes, onProgress);
    const spec = `${pin.name}@${pin.version}`;
    const pack = (...more: string[]) => runNpm(['pack', spec, ...PACK_OPTIONS, ...more], { folder, environment, signal });

    const outcome = await pack();
    // Without a network the package may still lie in npm's own cache.
    const isPacked = outcome.ok || (outcome.isOffline && (await pack('--offline')).ok);
    if (!outcome.ok && !isPacked) throw npmFailure(spec, outcome);

    const [tarball] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    if (!tarball) throw new ResourceError('DATA_FETCH', `npm reported success but left no tarball of ${spec}; try again.`);
    const file = path.join(folder, tarball);
    meter.reach((await stat(file)).size);
    return file;
  };
}

/**
 * Compares a tarball with the digest that the catalogue pins.
 *
 * @throws {ResourceError} DATA_INTEGRITY when it differs
 */
export async function verifyPackage(tarball: string, pin: PackagePin, { signal, onProgress }: FetchOptions): Promise<void> {
  const meter = new ProgressMeter('verify', pin.bytes, onProgress);
  const hash = createHash('sha512');
  const file = createReadStream(tarball, { signal });
  for await (const piece of file) {
    hash.update(piece as Uint8Array);
    meter.reach(file.bytesRead);
  }
  const found = `sha512-${hash.digest('base64')}`;
  if (found === pin.integrity) return;
  throw new ResourceError(
    'DATA_INTEGRITY',
    `The package ${pin.name}@${pin.version} that npm delivered is not the one sparsetag knows: expected ${pin.integrity}, ` +
      `found ${found}. Nothing was kept. Clear npm's cache ("npm cache clean --force") and try again; if it happens again, ` +
      'the registry serves other bytes than it once did.',
  );
}

/** The files of a package, without the `package/` that npm puts before their paths. The tarball is read as a stream. */
export async function* readPackage(tarball: string, pin: PackagePin, { signal, onProgress }: FetchOptions): AsyncGenerator<TarEntry> {
  const meter = new ProgressMeter('convert', pin.bytes, onProgress);
  const file = createReadStream(tarball, { signal });
  const archive = path.basename(tarball);
  // A failure of either stream reaches the reader through the last one.
  const unpacked = pipeline(file, createGunzip(), () => {});
  const metered = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of unpacked) {
        yield piece as Uint8Array;
        meter.reach(file.bytesRead);
      }
    } catch (error) {
      const isNoGzip = (error as NodeJS.ErrnoException).code?.startsWith('Z_');
      throw isNoGzip ? damaged(archive, (error as Error).message) : error;
    }
  };
  for await (const entry of readTar(metered(), archive)) yield { ...entry, path: entry.path.replace(/^[^/]+\//, '') };
}
