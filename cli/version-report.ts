import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type KernelBuild, NUMERICS_VERSION, VERSION } from 'sparsetag';

const BUILDS: readonly KernelBuild[] = ['scalar', 'simd', 'threads'];

/** SHA-256 of a kernel build, in hexadecimal. */
export async function kernelHash(build: KernelBuild): Promise<string> {
  // The build puts the kernels beside the command line.
  const bytes = await readFile(new URL(`./kernels.${build}.wasm`, import.meta.url));
  return createHash('sha256').update(bytes).digest('hex');
}

/** What decides bits here, as a line of JSON: the versions of package and numerics and the SHA-256 of each kernel build. */
export async function versionReport(): Promise<string> {
  const hashes = BUILDS.map(async (build) => [build, await kernelHash(build)] as const);
  const kernels = Object.fromEntries(await Promise.all(hashes));
  return `${JSON.stringify({ schema: 1, version: VERSION, numerics: NUMERICS_VERSION, kernels })}\n`;
}
