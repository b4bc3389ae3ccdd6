import type { ModelConfig, TaskConfig } from '../config/config.js';
import { ModelFileError } from '../errors.js';
import type { ModelContents, ModelNetwork, ModelTask } from '../io/model-file.js';
import type { HeadShape } from '../model/parameters.js';

/** The model section of a model's config. */
export function modelConfigOf({ config }: ModelContents): ModelConfig {
  return (config as unknown as { model: ModelConfig }).model;
}

/** The head of a task, as its model's config describes it. */
export function headShapeOf(contents: ModelContents, { name, head, tags }: ModelTask): HeadShape {
  const configured = (contents.config as unknown as { tasks: readonly TaskConfig[] }).tasks;
  const { startEnd = false, layer = 'top' } = configured.find((task) => task.name === name) ?? {};
  return { name, head, tags: tags.length, startEnd, layer: layer === 'top' ? modelConfigOf(contents).layers : layer };
}

/**
 * A tensor of a network of a model file, row after row.
 * @throws {ModelFileError} MODEL_TENSOR_MISSING, MODEL_TENSOR_SHAPE when it is not what the config asks for
 */
export function tensorOf(stored: ModelNetwork, name: string, shape: readonly number[]): Float32Array {
  const tensor = stored.tensors.find((candidate) => candidate.name === name);
  if (!tensor)
    throw new ModelFileError(
      'MODEL_TENSOR_MISSING',
      `network ${stored.name} has no tensor ${name}; the file was not written by a version that fits its config`,
    );
  if (tensor.shape.length !== shape.length || tensor.shape.some((n, i) => n !== shape[i])) {
    throw new ModelFileError(
      'MODEL_TENSOR_SHAPE',
      `tensor ${name} has shape ${tensor.shape.join(' x ')}, its config asks for ${shape.join(' x ')}`,
    );
  }
  return tensor.values;
}
