import { maskOverlap } from '../evaluate/overlap.js';
import type { ModelContents, ModelNetwork, TensorMask } from '../io/model-contents.js';

/** Order of the gates in the stacked rows of an LSTM matrix. */
export const GATES = ['i', 'f', 'g', 'o'] as const;

export interface TensorSummary {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** Kept weights by task; empty where nothing is pruned. */
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

/** What the masks of a network keep, tensor by tensor and all together. */
export function summarizeNetwork(contents: ModelContents, network: ModelNetwork): NetworkSummary {
  const tasks = tasksOfNetwork(contents, network);
  const masksOf = (task: string) => network.masks.filter((mask) => mask.task === task);
  const masked = tasks.filter((task) => masksOf(task).length > 0);
  const tensors = network.tensors.map(({ name, shape, values }): TensorSummary => {
    const masks = network.masks.filter((mask) => mask.tensor === name);
    const isLstm = /^lstm\..*\.(input|recurrent)$/.test(name);
    return {
      name,
      shape,
      size: values.length,
      kept: Object.fromEntries(masks.map(({ task, kept }) => [task, kept])),
      gates: isLstm ? Object.fromEntries(masks.map((mask) => [mask.task, keptByGate(mask, values.length)])) : {},
    };
  });
  const first = masked[0];
  if (first === undefined) return { name: network.name, tensors, masks: null };
  const order = masksOf(first).map(({ tensor }) => tensor);
  const prunable = tensors.filter(({ name }) => order.includes(name)).reduce((sum, { size }) => sum + size, 0);
  const overlap = maskOverlap(
    masked.map((task) => joinMasks(order.map((tensor) => masksOf(task).find((mask) => mask.tensor === tensor)!))),
    prunable,
  );
  return {
    name: network.name,
    tensors,
    masks: {
      prunable,
      kept: Object.fromEntries(masked.map((task, i) => [task, overlap.kept[i]!])),
      union: overlap.union,
      overlap: { raw: overlap.raw, chance: overlap.chance, corrected: overlap.corrected },
    },
  };
}

function joinMasks(masks: readonly TensorMask[]): Uint32Array {
  const joined = new Uint32Array(masks.reduce((sum, { bits }) => sum + bits.length, 0));
  let begin = 0;
  for (const { bits } of masks) {
    joined.set(bits, begin);
    begin += bits.length;
  }
  return joined;
}

function keptByGate({ bits }: TensorMask, size: number): number[] {
  const perGate = size / GATES.length;
  return GATES.map((_, gate) => {
    let kept = 0;
    for (let e = gate * perGate; e < (gate + 1) * perGate; e++) kept += (bits[e >> 5]! >>> (e & 31)) & 1;
    return kept / perGate;
  });
}
