import { roundUp } from '../runtime/layout.js';
import type { Work } from '../runtime/work.js';

/** A run of rows, positions or elements, `end` exclusive. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/**
 * Cuts 0 .. count into at most `parts` ranges of nearly equal size, all but the last of a whole number of `unit`s.
 * Ranges are of outputs, so how many there are leaves no trace in the bits.
 */
export function cut(count: number, unit: number, parts: number): Range[] {
  const size = Math.max(unit, roundUp(Math.ceil(count / parts), unit));
  const ranges: Range[] = [];
  for (let begin = 0; begin < count; begin += size) ranges.push({ begin, end: Math.min(count, begin + size) });
  return ranges;
}

/** Parts that work is cut into: two a thread, so that one that is late does not hold the others up for long. */
export function partsFor(threads: number): number {
  return threads === 1 ? 1 : 2 * threads;
}

/** Adds a call for each range of 0 .. count and waits for all of them. */
export function spread(work: Work, count: number, unit: number, add: (begin: number, count: number) => void): void {
  for (const { begin, end } of cut(count, unit, partsFor(work.threads))) add(begin, end - begin);
  work.join();
}
