import { isAmountKept } from '../config/check-value.js';
import { ConfigError } from '../errors.js';
import type { ModelContents, ModelNetwork } from '../io/model-contents.js';
import { fingerprintOf } from '../io/model-file.js';
import { layOutParameters, readTensor, writeTensor } from '../model/parameters.js';
import { MASK_BITS } from '../runtime/layout.js';
import { createRuntime, type Runtime, type RuntimeOptions } from '../runtime/runtime.js';
import { keptCount } from '../train/phases.js';
import { masksOfModel } from '../train/subnet-masks.js';
import { tensorMasks } from '../train/tensor-masks.js';
import { networkShapeOf, storedConfig, tensorsOf } from './stored-network.js';

export interface PruneOptions {
  /** What the subnet of each task shall keep of its network's prunable weights: a number of weights (> 1) or a fraction, as in `prune.keep` of a config. */
  readonly keep: number;
  /** Names of the tasks whose subnets are cut; default: all. */
  readonly tasks?: readonly string[];
  readonly runtime?: RuntimeOptions;
  readonly signal?: AbortSignal;
}

/**
 * A trained model with smaller subnets: of the weights that a task keeps, `keep` of the largest magnitude, over all prunable tensors
 * together, ties to the lower index. Weights that no task keeps any more become +0; nothing is trained. It is a model of its own, with its own
 * fingerprint; `results` names its source, and has no scores, for nobody has measured them.
 *
 * @remarks One round of iterative magnitude pruning. Rounds with training between are this and `train` with the result as `subnets.file`
 * in turn; in sparse sharing `train` goes through all rounds by itself.
 * @throws {ConfigError} PRUNE_KEEP, PRUNE_TASK; {ModelFileError} when the model is none that can tag; {CapabilityError} {ResourceError}
 */
export async function prune(contents: ModelContents, { keep, tasks, runtime: options, signal }: PruneOptions): Promise<ModelContents> {
  signal?.throwIfAborted();
  if (!isAmountKept(keep))
    throw new ConfigError('PRUNE_KEEP', `keep: expected a fraction up to 1, or a whole number of weights; found ${keep}`);
  const names = contents.tasks.map(({ name }) => name);
  const unknown = tasks?.find((task) => !names.includes(task));
  if (unknown !== undefined)
    throw new ConfigError('PRUNE_TASK', `the model has no task ${JSON.stringify(unknown)}; it has ${names.join(', ')}`);
  const runtime = await createRuntime(options);
  try {
    signal?.throwIfAborted();
    return {
      ...contents,
      networks: contents.networks.map((network) => pruneNetwork(runtime, contents, network, keep, tasks ?? names)),
      results: { pruned: { source: fingerprintOf(contents) } },
    };
  } finally {
    runtime.dispose();
  }
}

function pruneNetwork(
  runtime: Runtime,
  contents: ModelContents,
  network: ModelNetwork,
  keep: number,
  cut: readonly string[],
): ModelNetwork {
  const own = contents.tasks.filter((task) => task.network === network.name);
  const shape = networkShapeOf(contents, storedConfig(contents), own);
  const stored = tensorsOf(network, shape);
  const table = layOutParameters(shape.model, shape.characters, shape.tasks);
  const { end } = table.prunable;
  const words = end / MASK_BITS;
  const prunable = table.parameters.filter(({ offset }) => offset < end);
  const { arena, kernels } = runtime;
  const mark = arena.mark();
  const plane = arena.allocateWords('weights', end);
  const mask = arena.allocateWords('mask', words);
  const union = arena.allocateWords('mask union', words);
  const scratch = arena.allocate('pruning scratch', kernels.pruneScratchBytes());
  for (const parameter of prunable) writeTensor(arena.f32(plane, end), parameter, stored.get(parameter.name)!.values);

  const count = keptCount(keep, table.prunableCount);
  const before = masksOfModel(
    contents,
    table,
    own.map(({ name }) => name),
  );
  const masks = own.flatMap(({ name }, task) => {
    arena.u32(mask, words).set(before[task]!);
    if (cut.includes(name)) {
      const have = kernels.maskCount(mask, words);
      if (count > have)
        throw new ConfigError('PRUNE_KEEP', `keep: expected at most the ${have} weights that task ${name} keeps; found ${count}`);
      kernels.pruneByMagnitude(mask, plane, mask, end, count, scratch);
    }
    kernels.maskUnite(union, union, mask, words);
    return cut.includes(name) ? tensorMasks(table, name, arena.u32(mask, words)) : network.masks.filter((each) => each.task === name);
  });
  kernels.maskApply(plane, union, end);
  const pruned = new Map(prunable.map((parameter) => [parameter.name, readTensor(arena.f32(plane, end), parameter)]));
  arena.release(mark);
  return { ...network, tensors: network.tensors.map((tensor) => ({ ...tensor, values: pruned.get(tensor.name) ?? tensor.values })), masks };
}
