import { CapabilityError, ConfigError, CorpusError, ModelFileError, ResourceError } from 'sparsetag';
import { UsageError } from './usage-error.js';

/** What the exit status of `sparsetag` says. A signal that ended a run cleanly adds its number to 128. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  badData: 3,
  badModel: 4,
  mismatch: 5,
  resources: 6,
  resumable: 75,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The status that stands for an error; whatever is not foreseen is a failure. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError || error instanceof ConfigError) return EXIT.usage;
  if (error instanceof CorpusError) return EXIT.badData;
  if (error instanceof ModelFileError) return EXIT.badModel;
  if (error instanceof ResourceError || error instanceof CapabilityError || isSystemError(error)) return EXIT.resources;
  return EXIT.failed;
}

/** An error of the operating system: no space, no permission, no such folder. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
