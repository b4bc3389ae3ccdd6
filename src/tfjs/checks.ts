import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors.js';

/**
 * @param shape sizes, `null` where any will do
 * @throws {ConfigError} TFJS_SHAPE, TFJS_DTYPE naming the tensor
 */
export function requireTensor(name: string, tensor: Tensor, dtype: DataType, shape: readonly (number | null)[]): void {
  const found = tensor?.shape;
  if (!Array.isArray(found)) throw new ConfigError('TFJS_SHAPE', `${name}: expected a tensor; found ${typeof tensor}`);
  if (found.length !== shape.length || shape.some((size, i) => size !== null && size !== found[i])) {
    const wanted = shape.map((size) => size ?? 'any').join(', ');
    throw new ConfigError('TFJS_SHAPE', `${name}: expected shape [${wanted}]; found [${found.join(', ')}]`);
  }
  if (found.includes(0)) throw new ConfigError('TFJS_SHAPE', `${name}: expected no empty axis; found shape [${found.join(', ')}]`);
  if (tensor.dtype !== dtype) throw new ConfigError('TFJS_DTYPE', `${name}: expected dtype ${dtype}; found ${tensor.dtype}`);
}

/** @throws {ConfigError} `code` when the value at `place` of tensor `name` is none of `least` .. `most` */
export function requireRange(code: string, name: string, value: number, place: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new ConfigError(code, `${name}: expected ${least} to ${most}; found ${value} at place ${place}`);
}
