// Backpropagation through small networks against central differences of the same networks in f64.
import { expect } from 'vitest';
import type { ModelConfig } from '../../src/config/config.js';
import type { EncodedSentence, WordType } from '../../src/data/encode.js';
import type { Network, NetworkShape } from '../../src/model/network.js';
import { packBatch } from '../../src/model/pack-batch.js';
import type { HeadShape } from '../../src/model/parameters.js';
import {
  BOUNDED_CRF_HEAD,
  CRF_HEAD,
  openNetwork,
  readParameter,
  readWordGradients,
  readWords,
  type SmallNetwork,
  SOFTMAX_HEAD,
  smallSentences,
  smallShape,
  smallTypes,
} from '../helpers/small-network.js';
import { isKept, randomMask } from '../kernels/matrices.js';
import { centralDifferences } from '../oracle/differences.js';
import { networkLoss, type OracleDropout, type OracleNetwork } from '../oracle/network.js';

/** Not sorted, with ties, alone in its group, five in all: one group is full and one is partial. */
const LENGTHS = [2, 4, 1, 3, 2];
const TYPES = smallTypes(12, 3);

export interface Case {
  readonly network: SmallNetwork;
  readonly head: HeadShape;
  readonly sentences: readonly EncodedSentence[];
  readonly types: readonly WordType[];
  /** Kept bits of the prunable plane; null: all. */
  readonly mask: Uint32Array | null;
}

/** What keys the dropout of a training step. */
export type StepKey = NonNullable<Parameters<Network['encode']>[1]>;

/** The network's own parameters, as numbers that may be changed. */
function oracleOf({ network: { runtime, network }, types, mask }: Case, words: Float64Array[], dropout?: OracleDropout) {
  const parameters = new Map<string, Float64Array>();
  for (const parameter of network.table.parameters) {
    const values = readParameter(runtime, network.parameters, parameter);
    const masked = mask !== null && parameter.offset < network.table.prunable.end;
    parameters.set(
      parameter.name,
      Float64Array.from(values, (w, e) => (masked && !isKept(mask, parameter.offset + e) ? 0 : w)),
    );
  }
  return { model: network.shape.model, parameters, words, types, dropout } satisfies OracleNetwork;
}

export interface Comparison {
  readonly lossError: number;
  /** By parameter, and `words`: the greatest error over the greatest expected magnitude. */
  readonly errors: ReadonlyMap<string, number>;
}

/** Backpropagation against central differences of the f64 network, over every number that the loss depends on. */
export function compare(c: Case, random: StepKey | null = null, dropout?: OracleDropout): Comparison {
  const { runtime, network } = c.network;
  const task = network.shape.tasks.indexOf(c.head);
  const maskPointer = c.mask ? runtime.arena.allocateWords('mask', c.mask.length) : 0;
  if (c.mask) runtime.arena.u32(maskPointer, c.mask.length).set(c.mask);
  network.prepare(maskPointer, [task], true);
  const loss = network.backward(network.encode(packBatch(c.sentences, c.types), random), task);
  const words = readWords(c.network).map((row) => Float64Array.from(row));
  const oracle = oracleOf(c, words, dropout);
  const trueLoss = (): number => networkLoss(oracle, c.head, c.sentences);
  const errors = new Map<string, number>();
  const note = (name: string, found: readonly number[], expected: readonly number[]): void => {
    const size = Math.max(...expected.map(Math.abs));
    expect(size, `${name} has a gradient to compare`).toBeGreaterThan(1e-4);
    errors.set(name, Math.max(...found.map((value, i) => Math.abs(value - expected[i]!))) / size);
  };
  for (const parameter of network.table.parameters) {
    const { name, offset } = parameter;
    if (name.startsWith('head.') && !name.startsWith(`head.${c.head.name}.`)) continue;
    const found = readParameter(runtime, network.gradients, parameter);
    const kept = found.map((_, e) => c.mask === null || offset >= network.table.prunable.end || isKept(c.mask, offset + e));
    const expected = centralDifferences(oracle.parameters.get(name)!, trueLoss);
    note(
      name,
      found.filter((_, e) => kept[e]),
      expected.filter((_, e) => kept[e]),
    );
  }
  const rowGradients = words.map((row) => centralDifferences(row, trueLoss));
  note('words', readWordGradients(c.network).flat(), rowGradients.flat());
  return { lossError: Math.abs(loss - trueLoss()), errors };
}

/**
 * Relative to the greatest entry of each tensor. Each entry is a sum of some tens of f32 products of values that passed
 * through up to ten time steps and two layers of roundings of 6e-8; 1e-6 was measured at most.
 */
const TOLERANCE = 5e-6;

export function expectClose({ lossError, errors }: Comparison): void {
  expect(lossError).toBeLessThanOrEqual(1e-6);
  for (const [name, error] of errors) expect(error, name).toBeLessThanOrEqual(TOLERANCE);
}

export async function caseOf(
  model: Partial<ModelConfig>,
  head: HeadShape,
  options: { mask?: number; lengths?: readonly number[] } = {},
): Promise<Case> {
  const shape: NetworkShape = smallShape(model, [SOFTMAX_HEAD, CRF_HEAD, BOUNDED_CRF_HEAD]);
  const network = await openNetwork(shape, { seed: 11 });
  const { end } = network.network.table.prunable;
  return {
    network,
    head,
    types: TYPES,
    sentences: smallSentences(options.lengths ?? LENGTHS, TYPES.length, head.tags, 5),
    mask: options.mask === undefined ? null : randomMask(end, options.mask, 23),
  };
}
