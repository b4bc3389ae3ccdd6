import type { SubnetsConfig } from '../config/config.js';
import { ConfigError } from '../errors.js';
import type { ModelContents } from '../io/model-contents.js';
import { allOnes } from '../model/mask-bits.js';
import type { Parameter, ParameterTable } from '../model/parameters.js';
import { type RandomKey, WORD_STREAM } from '../model/random-streams.js';
import { MASK_BITS } from '../runtime/layout.js';
import type { RandomWords } from './random-words.js';

/**
 * The masks of a model file, by task, as bits over the prunable plane of `table`. A tensor without a mask is kept whole.
 * @throws {ConfigError} SUBNETS_TASK, SUBNETS_TENSOR when the file is of other tasks or of another shape
 */
export function masksOfModel(model: ModelContents, table: ParameterTable, tasks: readonly string[]): Uint32Array[] {
  return tasks.map((name) => {
    const task = model.tasks.find((candidate) => candidate.name === name);
    const network = model.networks.find((candidate) => candidate.name === task?.network);
    if (!network) {
      const names = model.tasks.map((candidate) => candidate.name).join(', ');
      throw new ConfigError(
        'SUBNETS_TASK',
        `subnets.file has no subnet for task ${name}, only for ${names}; give the model of a run with this task`,
      );
    }
    const bits = new Uint32Array(table.prunable.end / MASK_BITS);
    for (const { name: tensor, shape, offset, size } of prunableOf(table)) {
      const stored = network.tensors.find((candidate) => candidate.name === tensor);
      if (stored?.shape.join() !== shape.join()) {
        const found = stored ? `is ${stored.shape.join(' x ')}` : 'is missing';
        throw new ConfigError(
          'SUBNETS_TENSOR',
          `subnets.file: tensor ${tensor} ${found}, expected ${shape.join(' x ')}; give a model with the same encoder (model.*)`,
        );
      }
      const mask = network.masks.find((candidate) => candidate.task === name && candidate.tensor === tensor);
      bits.set(mask?.bits ?? allOnes(size), offset / MASK_BITS);
    }
    return bits;
  });
}

/** Random words that the controls need at once: one a weight of the largest prunable tensor. */
export function controlWords(table: ParameterTable, { masks }: SubnetsConfig): number {
  return masks.startsWith('random') ? Math.max(...prunableOf(table).map(({ size }) => size)) : 0;
}

/**
 * The masks that tasks train under, made from those that were found (or given) for them.
 *
 * - `next-task`: task t gets the mask of task t + 1, the last one that of the first;
 * - `random`: per task and tensor, as many weights as the mask keeps, drawn without replacement;
 * - `random-overlap`: the positions of each tensor are permuted at random, for all tasks alike: sizes and all overlaps stay.
 *
 * @param own masks of all tasks, in the order of the config
 */
export function controlMasks(
  own: readonly Uint32Array[],
  masks: SubnetsConfig['masks'],
  table: ParameterTable,
  random: RandomWords,
  key: RandomKey,
): Uint32Array[] {
  if (masks === 'own') return [...own];
  if (masks === 'next-task') return own.map((_, task) => own[(task + 1) % own.length]!);
  const made = own.map((bits) => new Uint32Array(bits.length));
  prunableOf(table).forEach(({ offset, size }, tensor) => {
    const order = (stream: number, task: number): Int32Array => random.permutation(key, stream, tensor, task, size);
    const common = masks === 'random-overlap' ? order(WORD_STREAM.maskOverlap, 0) : null;
    own.forEach((bits, task) => {
      const places = common ?? order(WORD_STREAM.mask, task);
      let drawn = 0;
      for (let e = 0; e < size; e++) if (isKept(bits, offset + e)) keep(made[task]!, offset + places[common ? e : drawn++]!);
    });
  });
  return made;
}

function isKept(bits: Uint32Array, element: number): boolean {
  return ((bits[Math.floor(element / MASK_BITS)]! >>> (element % MASK_BITS)) & 1) === 1;
}

function keep(bits: Uint32Array, element: number): void {
  bits[Math.floor(element / MASK_BITS)]! |= 1 << (element % MASK_BITS);
}

function prunableOf(table: ParameterTable): Parameter[] {
  return table.parameters.filter(({ offset }) => offset < table.prunable.end);
}
