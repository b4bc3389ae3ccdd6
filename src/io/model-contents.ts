// What a model file holds, and what must hold between its parts; FORMAT.md lists the codes.
import { RESERVED_ROWS } from '../data/vocabulary.js';
import { ModelFileError } from '../errors.js';
import { countBits } from '../evaluate/overlap.js';
import { isWellFormed, type JsonValue } from './canonical-json.js';
import { quote } from './quote.js';
import { type TensorEncoding, unionOf } from './tensor-encoding.js';
import { maskName } from './tensor-names.js';

/** Everything that a model file holds. Plain data; typed arrays of a model that was read may be views of its file. */
export interface ModelContents {
  /** Version of the arithmetic that made the weights (NUMERICS.md). */
  readonly numericsVersion: string;
  /** Canonical config: content hashes in place of paths. */
  readonly config: JsonValue;
  readonly corpora: readonly ModelCorpus[];
  /** Items of the word and character tables, in the order of their rows, after the reserved rows. */
  readonly vocabulary: { readonly words: readonly string[]; readonly characters: readonly string[] };
  readonly tasks: readonly ModelTask[];
  readonly networks: readonly ModelNetwork[];
  /** Scores, rounds and the like; nothing that depends on the host or the time. */
  readonly results: JsonValue;
}

export interface ModelCorpus {
  readonly name: string;
  /** SHA-256 of the sentences and labels used, 64 hexadecimal digits. */
  readonly hashes: { readonly train: string; readonly dev: string; readonly test: string | null };
}

export interface ModelTask {
  readonly name: string;
  readonly type: 'tags' | 'spans';
  readonly head: 'softmax' | 'crf';
  /** Scheme of the tags of a `spans` task, `null` for `tags`. */
  readonly scheme: 'bio' | 'bioes' | null;
  readonly tags: readonly string[];
  /** Name of the network that tags it. */
  readonly network: string;
}

export interface ModelNetwork {
  readonly name: string;
  readonly tensors: readonly NetworkTensor[];
  /** In any order; files have them by task, then tensor. */
  readonly masks: readonly TensorMask[];
}

export interface NetworkTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major, finite. */
  readonly values: Float32Array;
  /** How the file has them; default: as they are. A model of encoded tensors has a fingerprint of its own. */
  readonly encoding?: TensorEncoding;
}

/** Which weights of one tensor a task's subnet keeps. */
export interface TensorMask {
  readonly task: string;
  readonly tensor: string;
  /** Number of 1 bits. */
  readonly kept: number;
  /** Element e is bit e & 31 (lowest first) of word e >> 5; 1 = kept; bits past the last element are 0. */
  readonly bits: Uint32Array;
}

const BITS = 32;
/** Corpora, tasks and networks of a model, each at most. */
const MOST_ITEMS = 1024;

/** Elements of a tensor. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/**
 * All that must hold between the parts of a model, for the writer and the reader alike.
 * @throws {ModelFileError}
 */
export function checkContents(contents: ModelContents): void {
  const { corpora, vocabulary, tasks, networks } = contents;
  for (const [what, named] of [
    ['corpora', corpora],
    ['tasks', tasks],
    ['networks', networks],
  ] as const) {
    if (named.length > MOST_ITEMS)
      throw new ModelFileError('MODEL_TOO_MANY', `The model has ${named.length} ${what}; at most ${MOST_ITEMS} are read.`);
  }
  checkNames('corpus', corpora);
  checkNames('task', tasks);
  checkNames('network', networks);
  for (const { name, hashes } of corpora) {
    for (const [split, hash] of [
      ['train', hashes.train],
      ['dev', hashes.dev],
      ['test', hashes.test],
    ] as const) {
      if (hash !== null && !/^[0-9a-f]{64}$/.test(hash)) {
        throw new ModelFileError(
          'MODEL_CORPUS_HASH',
          `The ${split} hash of corpus ${quote(name)} is ${quote(hash)}; expected 64 hexadecimal digits.`,
        );
      }
    }
  }
  checkItems('word', vocabulary.words);
  checkItems('character', vocabulary.characters);
  for (const task of tasks) {
    if ((task.type === 'tags') !== (task.scheme === null)) {
      throw new ModelFileError(
        'MODEL_TASK_SCHEME',
        `Task ${quote(task.name)} of type ${task.type} has scheme ${task.scheme}; spans have one, tags have none.`,
      );
    }
    if (task.tags.length === 0) throw new ModelFileError('MODEL_TASK_TAGS', `Task ${quote(task.name)} has no tags.`);
    checkItems(`tag of task ${quote(task.name)}`, task.tags);
    if (!networks.some(({ name }) => name === task.network)) {
      throw new ModelFileError(
        'MODEL_TASK_NETWORK',
        `Task ${quote(task.name)} belongs to network ${quote(task.network)}, which is not in the model.`,
      );
    }
  }
  for (const network of networks) checkNetwork(network, contents);
}

function checkNames(what: string, named: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (name === '' || !isWellFormed(name))
      throw new ModelFileError('MODEL_NAME', `A ${what} has the name ${quote(name)}; names are non-empty Unicode text.`);
    if (seen.has(name)) throw new ModelFileError('MODEL_NAME', `The ${what} ${quote(name)} occurs twice.`);
    seen.add(name);
  }
}

function checkItems(what: string, items: readonly string[]): void {
  const seen = new Set<string>();
  for (const item of items) {
    if (item.includes('\n') || !isWellFormed(item)) {
      throw new ModelFileError(
        'MODEL_VOCABULARY',
        `The ${what} ${quote(item)} has a line feed or a lone surrogate in it; neither can be stored.`,
      );
    }
    if (seen.has(item)) throw new ModelFileError('MODEL_VOCABULARY', `The ${what} ${quote(item)} occurs twice.`);
    seen.add(item);
  }
}

function checkNetwork(network: ModelNetwork, { tasks, vocabulary }: ModelContents): void {
  const where = `of network ${quote(network.name)}`;
  checkNames(`tensor ${where}`, network.tensors);
  const own = tasks.filter((task) => task.network === network.name);
  const tensors = new Map(network.tensors.map((tensor) => [tensor.name, tensor]));
  for (const { name, shape, values } of network.tensors) {
    if (sizeOf(shape) !== values.length) {
      throw new ModelFileError(
        'MODEL_TENSOR_SHAPE',
        `Tensor ${quote(name)} ${where} has ${values.length} values; its shape ${JSON.stringify(shape)} takes ${sizeOf(shape)}.`,
      );
    }
  }
  const expectAxis = (name: string, axis: number, expected: number, unit: string): void => {
    const tensor = tensors.get(name);
    if (tensor && tensor.shape[axis] !== expected) {
      throw new ModelFileError(
        'MODEL_TENSOR_ROWS',
        `Tensor ${quote(name)} ${where} has shape ${JSON.stringify(tensor.shape)}; expected ${expected} on axis ${axis}, the number of ${unit}.`,
      );
    }
  };
  expectAxis('word.table', 0, vocabulary.words.length + RESERVED_ROWS, `words and ${RESERVED_ROWS} reserved rows`);
  expectAxis('char.table', 0, vocabulary.characters.length + RESERVED_ROWS, `characters and ${RESERVED_ROWS} reserved rows`);
  for (const { name, tags } of own) {
    for (const part of ['weight', 'bias', 'transitions', 'start', 'end'])
      expectAxis(`head.${name}.${part}`, 0, tags.length, `tags of ${name}`);
    expectAxis(`head.${name}.transitions`, 1, tags.length, `tags of ${name}`);
  }
  const ownNames = new Set(own.map(({ name }) => name));
  const masksByTensor = new Map<string, TensorMask[]>();
  const seen = new Set<string>();
  for (const mask of network.masks) {
    const tensor = tensors.get(mask.tensor);
    if (!tensor || !ownNames.has(mask.task)) {
      const what = tensor ? `task ${quote(mask.task)}` : `tensor ${quote(mask.tensor)}`;
      throw new ModelFileError('MODEL_MASK_TARGET', `A mask ${where} is for ${what}, which the network does not have.`);
    }
    const name = maskName(network.name, mask.task, mask.tensor);
    if (seen.has(name)) throw new ModelFileError('MODEL_MASK_DUPLICATE', `There are two masks ${quote(name)}.`);
    seen.add(name);
    checkMask(name, mask, tensor.values.length);
    masksByTensor.set(mask.tensor, masksByTensor.get(mask.tensor) ?? []);
    masksByTensor.get(mask.tensor)!.push(mask);
  }
  for (const [name, masks] of masksByTensor) if (masks.length === own.length) checkPruned(tensors.get(name)!, masks, where);
  const names = own.map(({ name }) => name);
  for (const tensor of network.tensors) checkEncoding(tensor, network.masks, names, `${quote(tensor.name)} ${where}`);
}

function checkMask(name: string, { kept, bits }: TensorMask, elements: number): void {
  const words = Math.ceil(elements / BITS);
  if (bits.length !== words) {
    throw new ModelFileError('MODEL_MASK_LENGTH', `Mask ${quote(name)} has ${bits.length} words; ${elements} elements take ${words}.`);
  }
  const used = elements % BITS;
  if (used > 0 && bits[words - 1]! >>> used !== 0) {
    throw new ModelFileError(
      'MODEL_MASK_PADDING',
      `Mask ${quote(name)} has bits set past its last element, ${elements - 1}; they must be 0.`,
    );
  }
  const count = countBits(bits);
  if (count !== kept)
    throw new ModelFileError('MODEL_MASK_COUNT', `Mask ${quote(name)} keeps ${count} weights; the count beside it is ${kept}.`);
}

/** A weight that no task keeps is exactly +0: nothing reads it, and equal models must be equal files. */
function checkPruned({ name, values }: NetworkTensor, masks: readonly TensorMask[], where: string): void {
  const patterns = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const kept = unionOf(
    masks.map(({ bits }) => bits),
    values.length,
  ).bits;
  for (let first = 0, word = 0; first < patterns.length; first += BITS, word++) {
    const union = kept[word]!;
    if (union === 0xffffffff) continue;
    const end = Math.min(first + BITS, patterns.length);
    for (let e = first; e < end; e++) {
      if (patterns[e] !== 0 && (union & (1 << (e & 31))) === 0) {
        throw new ModelFileError(
          'MODEL_PRUNED_NOT_ZERO',
          `Element ${e} of tensor ${quote(name)} ${where} is ${values[e]}, but no task keeps it; it must be +0.`,
        );
      }
    }
  }
}

/** Whether a tensor may be encoded so at all. */
export function checkEncoding(
  { name, shape, encoding }: Pick<NetworkTensor, 'name' | 'shape' | 'encoding'>,
  masks: readonly TensorMask[],
  tasks: readonly string[],
  where: string,
): void {
  const isMasked = (task: string): boolean => masks.some((mask) => mask.task === task && mask.tensor === name);
  if (encoding === 'kept' && (tasks.length === 0 || !tasks.every(isMasked)))
    throw new ModelFileError('MODEL_TENSOR_ENCODING', `Tensor ${where} has kept values only, but not every task has a mask for it.`);
  if (encoding === 'rows8' && shape.length !== 2)
    throw new ModelFileError(
      'MODEL_TENSOR_ENCODING',
      `Tensor ${where} has rows of bytes, but its shape is ${JSON.stringify(shape)}; expected two axes.`,
    );
}
