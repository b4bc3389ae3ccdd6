import { readKernelBytes } from '#platform';
import { CapabilityError } from '../errors.js';
import { builtFile } from './built-file.js';
import { inlineKernels } from './inline-kernels.js';
import type { KernelExports } from './kernel-exports.js';
import type { KernelBuild, RuntimeOptions } from './runtime.js';

/** Where kernels come from, the first that is given; by default the SIMD kernels are inside the script, the others in files beside it. */
export type KernelSource = Pick<RuntimeOptions, 'wasmModule' | 'wasmBytes' | 'wasmUrl'>;

/**
 * Compiles a build of the kernels and instantiates it on `memory`. Nothing is fetched that need not be; no bytes are known of a compiled module.
 * @throws {CapabilityError} KERNELS_UNREADABLE when the binary cannot be read or compiled here, or does not fit this version
 */
export async function loadKernels(
  build: KernelBuild,
  source: KernelSource,
  memory: WebAssembly.Memory,
): Promise<{ readonly bytes: Uint8Array | null; readonly module: WebAssembly.Module; readonly kernels: KernelExports }> {
  try {
    const bytes = source.wasmModule ? null : await bytesOf(build, source);
    const module = bytes === null ? source.wasmModule! : await WebAssembly.compile(bytes);
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
    return { bytes, module, kernels: exports as unknown as KernelExports };
  } catch (cause) {
    throw new CapabilityError(
      'KERNELS_UNREADABLE',
      `the ${build} kernels cannot be loaded (${cause instanceof Error ? cause.message : cause}); put kernels.${build}.wasm of the package beside the script, or pass wasmModule, wasmBytes or wasmUrl`,
      { cause },
    );
  }
}

async function bytesOf(build: KernelBuild, { wasmBytes, wasmUrl }: KernelSource): Promise<Uint8Array<ArrayBuffer>> {
  if (wasmBytes) return wasmBytes;
  if (wasmUrl) return readKernelBytes(wasmUrl);
  if (build === 'simd' && inlineKernels !== null) return Uint8Array.from(inlineKernels, (byte) => byte.charCodeAt(0));
  return readKernelBytes(builtFile(`kernels.${build}.wasm`));
}
