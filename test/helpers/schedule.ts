// The layout of a batch's positions, from its definition (assembly/README.md) rather than from the code under test.

export interface Schedule {
  /** Sentence by rank: longest first, ties by order in the batch. */
  readonly order: readonly number[];
  /** Lengths by rank. */
  readonly lengths: readonly number[];
  /** First position of each time step, and the end. */
  readonly base: readonly number[];
  /** Sentences longer than t. */
  readonly valid: readonly number[];
  readonly positions: number;
}

export function scheduleOf(sentenceLengths: readonly number[]): Schedule {
  const order = sentenceLengths
    .map((length, sentence) => ({ length, sentence }))
    .sort((a, b) => b.length - a.length || a.sentence - b.sentence)
    .map(({ sentence }) => sentence);
  const lengths = order.map((sentence) => sentenceLengths[sentence]!);
  const valid = Array.from({ length: lengths[0] ?? 0 }, (_, t) => lengths.filter((length) => length > t).length);
  const base = [0];
  for (const count of valid) base.push(base.at(-1)! + 4 * Math.ceil(count / 4));
  return { order, lengths, base, valid, positions: base.at(-1)! };
}

/** Position of token `t` of the sentence of rank `b`. */
export function positionOf({ base }: Schedule, b: number, t: number): number {
  return base[t]! + b;
}

/** The positions where no sentence has a token. */
export function paddingOf(schedule: Schedule): number[] {
  const taken = new Set(schedule.lengths.flatMap((length, b) => Array.from({ length }, (_, t) => positionOf(schedule, b, t))));
  return Array.from({ length: schedule.positions }, (_, p) => p).filter((p) => !taken.has(p));
}
