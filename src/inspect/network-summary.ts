import { allOnes } from '../evaluate/mask-bits.js';
import { maskOverlap } from '../evaluate/overlap.js';
import type { ModelContents, ModelNetwork, NetworkTensor, TensorMask } from '../io/model-contents.js';

/** Order of the gates in the stacked rows of an LSTM matrix. */
export const GATES = ['i', 'f', 'g', 'o'] as const;

export interface TensorSummary {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** Kept weights by task; empty where no task has a mask. */
  readonly kept: Readonly<Record<string, number>>;
  /** Kept fraction of each gate by task, gates i f g o; only for LSTM matrices with masks. */
  readonly gates: Readonly<Record<string, readonly number[]>>;
}

export interface NetworkSummary {
  readonly name: string;
  readonly tensors: readonly TensorSummary[];
  readonly masks: {
    readonly prunable: number;
    readonly kept: Readonly<Record<string, number>>;
    readonly union: number;
    readonly overlap: { readonly raw: number; readonly chance: number; readonly corrected: number };
  } | null;
}

/** Names of the tasks that a network tags. */
export function tasksOfNetwork(contents: ModelContents, network: ModelNetwork): string[] {
  return contents.tasks.filter((task) => task.network === network.name).map((task) => task.name);
}

/** What the masks of a network keep, tensor by tensor and all together. A task without a mask for a tensor keeps all of it. */
export function summarizeNetwork(contents: ModelContents, network: ModelNetwork): NetworkSummary {
  const tasks = tasksOfNetwork(contents, network);
  const isMasked = ({ name }: { readonly name: string }): boolean => network.masks.some((mask) => mask.tensor === name);
  const masksOf = ({ name, values }: NetworkTensor): TaskMask[] =>
    tasks.map((task) => {
      const mask = network.masks.find((each) => each.task === task && each.tensor === name);
      return { task, kept: mask?.kept ?? values.length, bits: mask?.bits ?? allOnes(values.length) };
    });
  const tensors = network.tensors.map((tensor): TensorSummary => {
    const { name, shape, values } = tensor;
    const masks = isMasked(tensor) ? masksOf(tensor) : [];
    const isLstm = /^lstm\..*\.(input|recurrent)$/.test(name);
    return {
      name,
      shape,
      size: values.length,
      kept: Object.fromEntries(masks.map(({ task, kept }) => [task, kept])),
      gates: isLstm ? Object.fromEntries(masks.map(({ task, bits }) => [task, keptByGate(bits, values.length)])) : {},
    };
  });
  const masked = network.tensors.filter(isMasked);
  if (masked.length === 0) return { name: network.name, tensors, masks: null };
  const prunable = masked.reduce((sum, { values }) => sum + values.length, 0);
  const bits = masked.map((tensor) => masksOf(tensor).map((mask) => mask.bits));
  const overlap = maskOverlap(
    tasks.map((_, t) => join(bits.map((ofTensor) => ofTensor[t]!))),
    prunable,
  );
  return {
    name: network.name,
    tensors,
    masks: {
      prunable,
      kept: Object.fromEntries(tasks.map((task, t) => [task, overlap.kept[t]!])),
      union: overlap.union,
      overlap: { raw: overlap.raw, chance: overlap.chance, corrected: overlap.corrected },
    },
  };
}

/** What a task keeps of a tensor. */
type TaskMask = Pick<TensorMask, 'task' | 'kept' | 'bits'>;

function join(parts: readonly Uint32Array[]): Uint32Array {
  const joined = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let begin = 0;
  for (const part of parts) {
    joined.set(part, begin);
    begin += part.length;
  }
  return joined;
}

function keptByGate(bits: Uint32Array, size: number): number[] {
  const perGate = size / GATES.length;
  return GATES.map((_, gate) => {
    let kept = 0;
    for (let e = gate * perGate; e < (gate + 1) * perGate; e++) kept += (bits[e >> 5]! >>> (e & 31)) & 1;
    return kept / perGate;
  });
}
