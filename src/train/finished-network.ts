import type { NetworkTensor, TensorMask } from '../io/model-contents.js';
import { readTensor } from '../model/parameters.js';
import { WORD_TABLE_NAME } from '../model/word-table.js';
import type { NetworkRun } from './network-run.js';
import type { Pauses } from './pauses.js';
import { tensorMasks } from './tensor-masks.js';

/** A trained network as the model file and the report need it. */
export interface FinishedNetwork {
  readonly name: string;
  readonly tensors: readonly NetworkTensor[];
  /** Masks by task and prunable tensor; none for a task that keeps all. */
  readonly masks: readonly TensorMask[];
  readonly prunable: number;
  /** Chosen epoch of the final training. */
  readonly epoch: number;
  readonly tasks: readonly {
    readonly index: number;
    readonly dev: number;
    readonly test: number | null;
    readonly kept: number;
    readonly round: number | null;
    /** Mask over the whole prunable plane. */
    readonly mask: Uint32Array;
    /** Whether the mask leaves anything out. */
    readonly isMasked: boolean;
  }[];
}

/** Reads a trained network out of its run and scores it on test, once. */
export async function finishNetwork(
  run: NetworkRun,
  taskIndices: readonly number[],
  name: string,
  pauses: Pauses,
): Promise<FinishedNetwork> {
  const { network, masks } = run;
  const { table } = network;
  const { epoch, scores } = run.result;
  const test = await run.test(taskIndices, pauses);
  const weights = run.weights();
  // Heads of tasks that only took part in the warm-up are left out.
  const heads = taskIndices.map((index) => table.heads[run.local(index)]!);
  const isOwn = (offset: number): boolean =>
    offset < table.heads[0]!.begin || heads.some(({ begin, end }) => offset >= begin && offset < end);
  const own = table.parameters.filter(({ offset }) => isOwn(offset));
  const tensors: NetworkTensor[] = own.map((parameter) => ({
    name: parameter.name,
    shape: parameter.shape,
    values: readTensor(weights.parameters, parameter),
  }));
  tensors.push({ name: WORD_TABLE_NAME, shape: [network.words.rows, network.words.dimension], values: weights.words });

  const tasks = taskIndices.map((index) => {
    const local = run.local(index);
    const task = network.shape.tasks[local]!.name;
    return {
      index,
      dev: scores.find((score) => score.task === task)!.score,
      test: test.find((score) => score.task === task)?.score ?? null,
      kept: masks.kept(local),
      round: run.chosen(index)?.round ?? null,
      mask: masks.get(local) ?? masks.allKept(),
      isMasked: masks.get(local) !== null,
    };
  });
  const cut = tasks.flatMap(({ mask, isMasked, index }) =>
    isMasked ? tensorMasks(table, network.shape.tasks[run.local(index)]!.name, mask) : [],
  );
  return { name, tensors, masks: cut, prunable: table.prunableCount, epoch, tasks };
}
