import { RESERVED_ROWS } from '../data/vocabulary.js';
import { ModelFileError } from '../errors.js';
import type { ModelContents, TensorMask } from '../io/model-file.js';
import { allOnes } from '../model/mask-bits.js';
import { Network } from '../model/network.js';
import { type Parameter, writeTensor } from '../model/parameters.js';
import { WORD_TABLE_NAME } from '../model/word-table.js';
import { MASK_BITS } from '../runtime/layout.js';
import { createRuntime, type Runtime, type RuntimeOptions } from '../runtime/runtime.js';
import { headShapeOf, modelConfigOf, tensorOf } from './stored-network.js';

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

/** @throws {ModelFileError} MODEL_TENSOR_MISSING, MODEL_TENSOR_SHAPE, MODEL_MASK_TARGET when tensors or masks are not those the config asks for */
export async function loadNetwork(
  contents: ModelContents,
  stored: ModelContents['networks'][number],
  options: RuntimeOptions | undefined,
): Promise<LoadedNetwork> {
  const runtime = await createRuntime(options);
  try {
    return fillNetwork(runtime, contents, stored);
  } catch (error) {
    runtime.dispose();
    throw error;
  }
}

function fillNetwork(runtime: Runtime, contents: ModelContents, stored: ModelContents['networks'][number]): LoadedNetwork {
  const { arena } = runtime;
  const own = contents.tasks.flatMap((task, index) => (task.network === stored.name ? [{ ...task, index }] : []));
  const network = new Network(
    runtime,
    {
      model: modelConfigOf(contents),
      words: contents.vocabulary.words.length + RESERVED_ROWS,
      characters: contents.vocabulary.characters.length + RESERVED_ROWS,
      tasks: own.map((task) => headShapeOf(contents, task)),
    },
    false,
  );
  const plane = arena.f32(network.parameters, network.table.size);
  for (const parameter of network.table.parameters) writeTensor(plane, parameter, tensorOf(stored, parameter.name, parameter.shape));
  const { words } = network;
  arena.f32(words.values, words.rows * words.dimension).set(tensorOf(stored, WORD_TABLE_NAME, [words.rows, words.dimension]));

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
  return { runtime, network, subnets: groups };
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
