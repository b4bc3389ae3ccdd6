import { type KernelChoice, MAXIMUM_THREADS, type RuntimeOptions, runtimeInfo } from 'sparsetag';
import type { Arguments } from './arguments.js';
import type { Option } from './command.js';
import type { Host } from './host.js';
import { UsageError } from './usage-error.js';

/** Options of commands that compute: how it is done, which changes no bit of what comes out. */
export const RUNTIME_OPTIONS: Readonly<Record<string, Option>> = {
  threads: {
    value: 'N',
    help: `threads that compute, from 1 (default) to ${MAXIMUM_THREADS}, or auto: one a processor; the bits are the same`,
  },
  kernels: {
    value: 'NAME',
    help: 'how masked weights are multiplied: sparse, dense, or auto (default): by density; the bits are the same',
  },
};

/** What the options say; a person is told where this host cannot follow. */
export function runtimeOptionsOf(args: Arguments, host: Host): RuntimeOptions {
  const options = { threads: threadsOf(args), kernels: kernelsOf(args) };
  const { threads, reason } = runtimeInfo(options);
  if (reason !== null) host.note(`${threads} thread: ${reason}`);
  return options;
}

function threadsOf(args: Arguments): number | 'auto' {
  const text = args.value('threads') ?? '1';
  if (text === 'auto') return text;
  const threads = /^\d+$/.test(text) ? Number(text) : 0;
  if (threads >= 1 && threads <= MAXIMUM_THREADS) return threads;
  throw new UsageError(`--threads: expected a number from 1 to ${MAXIMUM_THREADS}, or auto; found ${text}`);
}

function kernelsOf(args: Arguments): KernelChoice {
  const name = args.value('kernels') ?? 'auto';
  if (name === 'auto' || name === 'sparse' || name === 'dense') return name;
  throw new UsageError(`--kernels: expected sparse, dense or auto; found ${name}`);
}
