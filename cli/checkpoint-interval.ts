import type { Arguments } from './arguments.js';
import type { Option } from './command.js';
import { UsageError } from './usage-error.js';

const DEFAULT_SECONDS = 60;

/** Options that say how often a training writes a checkpoint. */
export const CHECKPOINT_OPTIONS: Readonly<Record<string, Option>> = {
  'checkpoint-seconds': {
    value: 'N',
    help: `write a checkpoint every N seconds (default ${DEFAULT_SECONDS}); 0: only when a signal stops the run`,
  },
  'checkpoint-steps': { value: 'N', help: 'write a checkpoint every N steps too' },
};

/**
 * Whether a checkpoint shall follow a step.
 * @param now in milliseconds
 * @throws {UsageError} for a number that is none
 */
export function checkpointsOf(args: Arguments, now: () => number = () => performance.now()): (step: number) => boolean {
  const seconds = numberOf(args, 'checkpoint-seconds', DEFAULT_SECONDS);
  const steps = numberOf(args, 'checkpoint-steps', 0);
  let last = now();
  return (step) => {
    const isDue = (steps > 0 && step % steps === 0) || (seconds > 0 && now() - last >= 1000 * seconds);
    if (isDue) last = now();
    return isDue;
  };
}

function numberOf(args: Arguments, name: string, otherwise: number): number {
  const text = args.value(name);
  if (text === undefined) return otherwise;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${name}: expected a whole number from 0; found ${text}`);
}
