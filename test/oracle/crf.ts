// The linear-chain CRF in f64 over plain arrays: by the recursions, and by listing all tag sequences.
import { logSumExp } from './softmax.js';

/** The scores of one sentence: emissions [T][K], transitions [from][to], start and end [K] where there are any. */
export interface CrfScores {
  readonly emissions: readonly (readonly number[])[];
  readonly transitions: readonly (readonly number[])[];
  readonly start?: readonly number[] | undefined;
  readonly end?: readonly number[] | undefined;
}

/** log Z - score(gold) and its gradient. */
export interface CrfGradient {
  readonly loss: number;
  readonly dEmissions: number[][];
  readonly dTransitions: number[][];
  readonly dStart: number[];
  readonly dEnd: number[];
}

/** The score of one tag sequence, added up from the first token to the last. */
export function crfScore({ emissions, transitions, start, end }: CrfScores, tags: readonly number[]): number {
  let score = (start?.[tags[0]!] ?? 0) + emissions[0]![tags[0]!]!;
  for (let t = 1; t < tags.length; t++) {
    score += transitions[tags[t - 1]!]![tags[t]!]!;
    score += emissions[t]![tags[t]!]!;
  }
  return score + (end?.[tags.at(-1)!] ?? 0);
}

/** log Z by the forward recursion. */
export function crfLogPartition(scores: CrfScores): number {
  return logSumExp(
    forward(scores)
      .at(-1)!
      .map((a, j) => a + (scores.end?.[j] ?? 0)),
  );
}

/** p_t(j), [T][K], by forward-backward. */
export function crfMarginals(scores: CrfScores): number[][] {
  const b = backward(scores);
  const logZ = crfLogPartition(scores);
  return forward(scores).map((row, t) => row.map((a, j) => Math.exp(a + b[t]![j]! - logZ)));
}

/** Expected counts of neighbouring tags, [from][to], summed over the sentence. */
export function crfPairCounts(scores: CrfScores): number[][] {
  const { emissions, transitions } = scores;
  const a = forward(scores);
  const b = backward(scores);
  const logZ = crfLogPartition(scores);
  return transitions.map((row, i) =>
    row.map((score, j) => {
      let count = 0;
      for (let t = 1; t < a.length; t++) count += Math.exp(a[t - 1]![i]! + score + emissions[t]![j]! + b[t]![j]! - logZ);
      return count;
    }),
  );
}

/** The loss of a gold sequence and its gradient: expected minus observed counts. */
export function crfLoss(scores: CrfScores, gold: readonly number[]): CrfGradient {
  const dEmissions = crfMarginals(scores).map((row, t) => row.map((p, j) => p - (gold[t] === j ? 1 : 0)));
  const dTransitions = crfPairCounts(scores);
  for (let t = 1; t < gold.length; t++) {
    const row = dTransitions[gold[t - 1]!]!;
    row[gold[t]!] = row[gold[t]!]! - 1;
  }
  return {
    loss: crfLogPartition(scores) - crfScore(scores, gold),
    dEmissions,
    dTransitions,
    dStart: dEmissions[0]!,
    dEnd: dEmissions.at(-1)!,
  };
}

/** Everything about a small sentence from a list of all its tag sequences. */
export interface CrfEnumeration {
  readonly logZ: number;
  readonly tags: number[][];
  /** The best sequence; of equals the one whose last tag is lowest, then the one before it, and so on. */
  readonly path: number[];
  readonly score: number;
  /** How many sequences share the best score. */
  readonly ties: number;
}

/** Lists all K^T sequences. */
export function crfEnumerate(scores: CrfScores): CrfEnumeration {
  const T = scores.emissions.length;
  const K = scores.transitions.length;
  const tags = new Array<number>(T).fill(0);
  const sequences: { tags: number[]; score: number }[] = [];
  // The last tag turns slowest: sequences come in the order in which ties are settled.
  for (let more = true; more; ) {
    sequences.push({ tags: [...tags], score: crfScore(scores, tags) });
    let t = 0;
    while (t < T && tags[t] === K - 1) tags[t++] = 0;
    more = t < T;
    if (more) tags[t] = tags[t]! + 1;
  }
  let best = sequences[0]!;
  for (const sequence of sequences) if (sequence.score > best.score) best = sequence;
  const logZ = best.score + Math.log(sequences.reduce((sum, { score }) => sum + Math.exp(score - best.score), 0));
  const marginals = scores.emissions.map(() => new Array<number>(K).fill(0));
  for (const sequence of sequences) {
    const probability = Math.exp(sequence.score - logZ);
    sequence.tags.forEach((tag, t) => {
      marginals[t]![tag] = marginals[t]![tag]! + probability;
    });
  }
  const ties = sequences.filter(({ score }) => score === best.score).length;
  return { logZ, tags: marginals, path: best.tags, score: best.score, ties };
}

function forward({ emissions, transitions, start }: CrfScores): number[][] {
  const rows = [emissions[0]!.map((e, j) => (start?.[j] ?? 0) + e)];
  for (const emission of emissions.slice(1)) {
    const before = rows.at(-1)!;
    rows.push(emission.map((e, j) => e + logSumExp(before.map((a, i) => a + transitions[i]![j]!))));
  }
  return rows;
}

function backward({ emissions, transitions, end }: CrfScores): number[][] {
  const rows = [transitions.map((_, j) => end?.[j] ?? 0)];
  for (let t = emissions.length - 1; t > 0; t--) {
    const after = rows.at(-1)!;
    rows.push(transitions.map((row) => logSumExp(row.map((s, j) => s + emissions[t]![j]! + after[j]!))));
  }
  return rows.reverse();
}
