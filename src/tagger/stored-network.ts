import type { Config } from '../config/config.js';
import { resolveSection } from '../config/validate.js';
import { RESERVED_ROWS } from '../data/vocabulary.js';
import { ConfigError, ModelFileError } from '../errors.js';
import type { ModelContents, ModelNetwork, ModelTask, NetworkTensor } from '../io/model-contents.js';
import type { NetworkShape } from '../model/network.js';
import { type HeadShape, layOutParameters } from '../model/parameters.js';
import { WORD_TABLE_NAME } from '../model/word-table.js';

/** What the config of a model file says of its networks and of the files that they were trained on. */
export type StoredConfig = Pick<Config, 'corpora' | 'vectors' | 'tasks' | 'model'>;

/**
 * The config of a model file, as far as it is needed to use the model. A file may hold anything there, whatever its fingerprint.
 * @throws {ModelFileError} MODEL_CONFIG
 */
export function storedConfig({ config }: ModelContents): StoredConfig {
  const { corpora, vectors, tasks, model } =
    typeof config === 'object' && config !== null ? (config as Readonly<Record<string, unknown>>) : {};
  try {
    const stored = {
      corpora: resolveSection('corpora', corpora),
      vectors: resolveSection('vectors', vectors),
      tasks: resolveSection('tasks', tasks),
      model: resolveSection('model', model),
    };
    requireShape(stored);
    return stored;
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new ModelFileError('MODEL_CONFIG', `The config in the model file cannot be used: ${cause.message}`, { cause });
  }
}

/** What the kernels take for granted. */
function requireShape({ tasks, model }: StoredConfig): void {
  const task = tasks.find(({ layer }) => layer !== 'top' && layer > model.layers);
  if (task) throw new ConfigError('CONFIG_CONFLICT', `tasks.${task.name}.layer is ${task.layer} of ${model.layers} layers`);
  if (model.charDimension > 0 && model.charWidth % 2 === 0)
    throw new ConfigError('CONFIG_CONFLICT', `model.charWidth: expected an odd number; found ${model.charWidth}`);
}

/** The head of a task, as its model's config describes it. */
function headShapeOf(config: StoredConfig, { name, head, tags }: ModelTask): HeadShape {
  const { startEnd = false, layer = 'top' } = config.tasks.find((task) => task.name === name) ?? {};
  return { name, head, tags: tags.length, startEnd, layer: layer === 'top' ? config.model.layers : layer };
}

/** The shape of a network with heads for `tasks`. */
export function networkShapeOf(contents: ModelContents, config: StoredConfig, tasks: readonly ModelTask[]): NetworkShape {
  const { words, characters } = contents.vocabulary;
  return {
    model: config.model,
    words: words.length + RESERVED_ROWS,
    characters: characters.length + RESERVED_ROWS,
    tasks: tasks.map((task) => headShapeOf(config, task)),
  };
}

/**
 * The tensors of a stored network, by name: all that a network of `shape` has. To be asked before memory is taken for it, so that a
 * file that claims a large network must have brought its weights.
 *
 * @throws {ModelFileError} MODEL_TENSOR_MISSING, MODEL_TENSOR_SHAPE when they are not what the config asks for
 */
export function tensorsOf(stored: ModelNetwork, { model, words, characters, tasks }: NetworkShape): ReadonlyMap<string, NetworkTensor> {
  const known = new Map(stored.tensors.map((tensor) => [tensor.name, tensor]));
  const { parameters } = layOutParameters(model, characters, tasks);
  const wanted = [...parameters, { name: WORD_TABLE_NAME, shape: [words, model.wordDimension] }];
  return new Map(wanted.map(({ name, shape }) => [name, requireTensor(known.get(name), name, shape, stored.name)]));
}

function requireTensor(tensor: NetworkTensor | undefined, name: string, shape: readonly number[], network: string): NetworkTensor {
  if (!tensor)
    throw new ModelFileError(
      'MODEL_TENSOR_MISSING',
      `network ${network} has no tensor ${name}; the file was not written by a version that fits its config`,
    );
  if (tensor.shape.length === shape.length && tensor.shape.every((n, i) => n === shape[i])) return tensor;
  throw new ModelFileError(
    'MODEL_TENSOR_SHAPE',
    `tensor ${name} has shape ${tensor.shape.join(' x ')}, its config asks for ${shape.join(' x ')}`,
  );
}
