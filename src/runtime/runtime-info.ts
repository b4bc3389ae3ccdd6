import { availableProcessors, obstacleToThreads } from '#platform';
import { ConfigError } from '../errors.js';
import type { KernelBuild, KernelChoice, RuntimeOptions } from './runtime.js';

/** What runs the kernels here. Nothing of it changes a bit of a result. */
export interface RuntimeInfo {
  readonly build: KernelBuild;
  /** Which kernels multiply masked matrices. */
  readonly kernels: KernelChoice;
  readonly threads: number;
  /** The threads that were asked for. */
  readonly threadsWanted: number;
  /** Why there are fewer threads than wanted, in one line; `null` if there are not. */
  readonly reason: string | null;
}

/** Most threads that a runtime has. */
export const MAXIMUM_THREADS = 64;

// A module with one SIMD instruction (i8x16.splat of a constant): valid exactly where SIMD is.
const SIMD_PROBE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11);

function hasSimd(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}

/**
 * What a runtime of these options is here.
 * @throws {ConfigError} THREADS_OUT_OF_RANGE
 */
export function runtimeInfo(options: RuntimeOptions = {}): RuntimeInfo {
  const threadsWanted = threadsOf(options.threads ?? 1);
  const reason = threadsWanted > 1 ? obstacleOf(options.build) : null;
  const threads = reason === null ? threadsWanted : 1;
  const fastest = threads > 1 ? 'threads' : 'simd';
  return {
    build: options.build ?? (hasSimd() ? fastest : 'scalar'),
    kernels: options.kernels ?? 'auto',
    threads,
    threadsWanted,
    reason,
  };
}

function threadsOf(threads: number | 'auto'): number {
  if (threads === 'auto') return Math.min(availableProcessors(), MAXIMUM_THREADS);
  if (Number.isInteger(threads) && threads >= 1 && threads <= MAXIMUM_THREADS) return threads;
  throw new ConfigError('THREADS_OUT_OF_RANGE', `threads: expected an integer from 1 to ${MAXIMUM_THREADS}, or auto; found ${threads}`);
}

function obstacleOf(build: KernelBuild | undefined): string | null {
  if (build !== undefined && build !== 'threads') return `the ${build} build of the kernels has no shared memory; the threads build has`;
  return hasSimd() ? obstacleToThreads() : 'this host has no WebAssembly SIMD, which the threads build of the kernels needs';
}
