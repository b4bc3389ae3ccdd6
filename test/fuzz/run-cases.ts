import { performance } from 'node:perf_hooks';
import { Dice } from '../../src/conformance/dice.js';
import { SparseTagError } from '../../src/errors.js';
import type { Target } from './target.js';

/** A case that did what no file may make a reader do. */
export interface Failure {
  readonly number: number;
  readonly what: string;
}

export interface Report {
  readonly cases: number;
  /** How many were accepted, and how many were refused with each code. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
  /** Milliseconds that the longest case took. */
  readonly slowest: number;
}

export interface Limits {
  /** Milliseconds of processor time for a case. */
  readonly caseTime: number;
  /** Bytes of resident memory of the process. */
  readonly memory: number;
}

/** A reader must answer within a second, and a small file must not make it take much memory. */
export const LIMITS: Limits = { caseTime: 1000, memory: 1 << 30 };

const MOST_FAILURES = 10;

/** Cases between two looks at the memory of the process, which take long beside a case. */
const RSS_INTERVAL = 64;

/** The file of a case; seed and number are all it depends on. */
export function makeCase(target: Target, seed: number, number: number): Uint8Array {
  return target.make(new Dice(scatter(seed) ^ scatter(number + 0x51ed270b)));
}

/** Far apart for neighbours, so that no case is another one shifted. */
function scatter(value: number): number {
  let x = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * Runs cases one after the other, from `first` on, until `isOver` says so or ten have failed.
 * @param begin is told the number of each case before it runs
 */
export async function runCases(
  target: Target,
  { seed, first = 0 }: { readonly seed: number; readonly first?: number },
  isOver: (cases: number) => boolean,
  begin: (number: number) => void = () => {},
): Promise<Report> {
  const outcomes = new Map<string, number>();
  const failures: Failure[] = [];
  let slowest = 0;
  let cases = 0;
  for (; !isOver(cases) && failures.length < MOST_FAILURES; cases++) {
    const number = first + cases;
    begin(number);
    const file = makeCase(target, seed, number);
    const clock = performance.now();
    const fail = (what: string): unknown => failures.push({ number, what });
    const outcome = await outcomeOf(target, file, fail);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const elapsed = performance.now() - clock;
    if (elapsed > Math.min(slowest, LIMITS.caseTime)) {
      const time = Math.min(elapsed, await processorTime(target, file));
      slowest = Math.max(slowest, time);
      if (time > LIMITS.caseTime) fail(`took ${Math.round(time)} ms`);
    }
    if (cases % RSS_INTERVAL === 0 && process.memoryUsage.rss() > LIMITS.memory)
      fail(`the process takes ${process.memoryUsage.rss()} bytes`);
  }
  return { cases, outcomes, failures, slowest };
}

/** Milliseconds of the processor's time that a case takes: the clock also counts what other programs take and how long this one was stopped, but costs nothing to look at. */
async function processorTime(target: Target, file: Uint8Array): Promise<number> {
  const before = process.cpuUsage();
  await outcomeOf(target, file, () => {});
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function outcomeOf({ read, refusals }: Target, file: Uint8Array, fail: (what: string) => unknown): Promise<string> {
  try {
    await read(file);
    return 'accepted';
  } catch (error) {
    if (error instanceof SparseTagError && refusals.some((kind) => error instanceof kind)) return error.code;
    fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 'failed';
  }
}
