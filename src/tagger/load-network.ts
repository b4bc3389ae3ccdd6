import { ModelFileError } from '../errors.js';
import type { ModelContents, ModelNetwork, NetworkTensor, TensorMask } from '../io/model-contents.js';
import { allOnes } from '../model/mask-bits.js';
import { Network } from '../model/network.js';
import { type Parameter, writeTensor } from '../model/parameters.js';
import { WORD_TABLE_NAME } from '../model/word-table.js';
import { MASK_BITS } from '../runtime/layout.js';
import { createRuntime, type Runtime, type RuntimeOptions } from '../runtime/runtime.js';
import { networkShapeOf, type StoredConfig, tensorsOf } from './stored-network.js';

/** A network of a model file with the subnets that its tasks use; tasks with the same mask share one. */
export interface LoadedNetwork {
  /** Each network has a memory of its own: its workspace is the end of the arena. */
  readonly runtime: Runtime;
  readonly network: Network;
  readonly subnets: readonly {
    /** Address of the mask, 0 = all kept. */
    readonly mask: number;
    /** `task`: index in the model's list of tasks; `head`: index of its head in the network. */
    readonly tasks: readonly { readonly task: number; readonly head: number }[];
  }[];
}

/**
 * @param training whether weights change and have gradients
 * @throws {ModelFileError} MODEL_TENSOR_MISSING, MODEL_TENSOR_SHAPE, MODEL_MASK_TARGET when tensors or masks are not those the config asks for
 */
export async function loadNetwork(
  contents: ModelContents,
  config: StoredConfig,
  stored: ModelNetwork,
  options: RuntimeOptions | undefined,
  training = false,
): Promise<LoadedNetwork> {
  const own = contents.tasks.flatMap((task, index) => (task.network === stored.name ? [{ ...task, index }] : []));
  const shape = networkShapeOf(contents, config, own);
  const tensors = tensorsOf(stored, shape);
  const runtime = await createRuntime(options);
  try {
    const network = new Network(runtime, shape, training);
    writeTensors(runtime, network, tensors);
    return { runtime, network, subnets: loadSubnets(runtime, network, stored, own) };
  } catch (error) {
    runtime.dispose();
    throw error;
  }
}

function writeTensors({ arena }: Runtime, { table, parameters, words }: Network, tensors: ReadonlyMap<string, NetworkTensor>): void {
  const plane = arena.f32(parameters, table.size);
  for (const parameter of table.parameters) writeTensor(plane, parameter, tensors.get(parameter.name)!.values);
  arena.f32(words.values, words.rows * words.dimension).set(tensors.get(WORD_TABLE_NAME)!.values);
}

function loadSubnets(
  runtime: Runtime,
  network: Network,
  stored: ModelNetwork,
  own: readonly { readonly name: string; readonly index: number }[],
): LoadedNetwork['subnets'] {
  const { arena } = runtime;
  const prunable = network.table.parameters.filter(({ offset }) => offset < network.table.prunable.end);
  const masks = own.map(({ name }) => stored.masks.filter(({ task }) => task === name));
  const groups: { mask: number; key: string; tasks: { task: number; head: number }[] }[] = [];
  masks.forEach((parts, head) => {
    const key = parts.length === 0 ? '' : own[head]!.name;
    let group = groups.find((candidate) => candidate.key === key);
    if (!group) {
      const mask = parts.length === 0 ? 0 : arena.allocateWords(`mask ${key}`, network.table.prunable.end / MASK_BITS);
      if (mask !== 0) {
        writeMask(runtime, mask, parts, prunable, key);
        network.reserveIndex(mask, `index ${key}`);
        network.indexMask(mask);
      }
      group = { mask, key, tasks: [] };
      groups.push(group);
    }
    group.tasks.push({ task: own[head]!.index, head });
  });
  return groups;
}

/** Puts a task's masks into the bits of the prunable plane at `address`. */
function writeMask(runtime: Runtime, address: number, parts: readonly TensorMask[], prunable: readonly Parameter[], task: string): void {
  for (const { tensor } of parts) {
    if (!prunable.some(({ name }) => name === tensor))
      throw new ModelFileError('MODEL_MASK_TARGET', `a mask of task ${task} is for tensor ${tensor}, which is none of the prunable ones`);
  }
  for (const { name, offset, size } of prunable) {
    const words = runtime.arena.u32(address + offset / 8, Math.ceil(size / MASK_BITS));
    const part = parts.find(({ tensor }) => tensor === name);
    words.set(part?.bits ?? allOnes(size)); // without a mask all is kept
  }
}
