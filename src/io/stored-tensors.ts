// The tensors of a model in its container: what each is written as, and read from.
import { ModelFileError } from '../errors.js';
import type { Container, ContainerTensor } from './container.js';
import { checkEncoding, type NetworkTensor, sizeOf, type TensorMask } from './model-contents.js';
import type { Manifest } from './model-manifest.js';
import { quote } from './quote.js';
import { Sha256 } from './sha256.js';
import { areRowsOfValues, decodeKept, decodeRows, encodeKept, encodeRows, unionOf } from './tensor-encoding.js';
import { scalesName, weightsName } from './tensor-names.js';

export const bytesOf = (array: Float32Array | Uint32Array | Int8Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
export const digestOf = (bytes: Uint8Array): string => new Sha256().update(bytes).hex();

/** A tensor as the file has it: its values, and the scales where it has some. @throws {ModelFileError} MODEL_TENSOR_ENCODING */
export function encodeTensor(
  network: string,
  { name, shape, values, encoding }: NetworkTensor,
  masks: readonly TensorMask[],
): ContainerTensor[] {
  const stored = weightsName(network, name);
  if (encoding === 'kept') {
    const kept = encodeKept(values, unionOf(masksOf(name, masks), values.length).bits);
    return [{ name: stored, dtype: 'F32', shape: [kept.length], bytes: bytesOf(kept) }];
  }
  if (encoding === 'rows8') {
    const rows = encodeRows(values, shape[1]!);
    if (!areEqual(bytesOf(decodeRows(rows)), bytesOf(values)))
      throw new ModelFileError(
        'MODEL_TENSOR_ENCODING',
        `The values of tensor ${quote(name)} are no multiples of scales; round its rows first.`,
      );
    const { bytes, scales } = rows;
    return [
      { name: stored, dtype: 'I8', shape, bytes: bytesOf(bytes) },
      { name: scalesName(network, name), dtype: 'F32', shape: [scales.length], bytes: bytesOf(scales) },
    ];
  }
  return [{ name: stored, dtype: 'F32', shape, bytes: bytesOf(values) }];
}

const masksOf = (tensor: string, masks: readonly TensorMask[]): Uint32Array[] =>
  masks.filter((mask) => mask.tensor === tensor).map(({ bits }) => bits);

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i === a.length && i === b.length;
}

/** Hands out the tensors of a container, each checked against what the manifest says of it, and knows which were not asked for. */
export class TensorSource {
  readonly #left: Map<string, ContainerTensor>;

  constructor(
    container: Container,
    private readonly verify: boolean,
  ) {
    this.#left = new Map(container.tensors);
  }

  take(name: string, dtype: ContainerTensor['dtype'], shape: readonly number[] | null, sha256: string): Uint8Array {
    const tensor = this.#left.get(name);
    if (!tensor) throw new ModelFileError('MODEL_TENSOR_MISSING', `Tensor ${quote(name)} of the manifest is not in the file.`);
    this.#left.delete(name);
    if (tensor.dtype !== dtype)
      throw new ModelFileError('MODEL_TENSOR_DTYPE', `Tensor ${quote(name)} has dtype ${tensor.dtype}; expected ${dtype}.`);
    const rank = shape?.length ?? 1;
    if (tensor.shape.length !== rank || shape?.some((size, i) => size !== tensor.shape[i])) {
      const expected = shape ? JSON.stringify(shape) : 'one axis';
      throw new ModelFileError(
        'MODEL_TENSOR_SHAPE',
        `Tensor ${quote(name)} has shape ${JSON.stringify(tensor.shape)}; expected ${expected}.`,
      );
    }
    if (this.verify && digestOf(tensor.bytes) !== sha256) {
      throw new ModelFileError(
        'MODEL_TENSOR_DIGEST',
        `The bytes of tensor ${quote(name)} do not have the SHA-256 of the manifest: the file is damaged or was edited.`,
      );
    }
    return tensor.bytes;
  }

  finish(): void {
    for (const name of this.#left.keys())
      throw new ModelFileError('MODEL_TENSOR_UNKNOWN', `Tensor ${quote(name)} is in the file but not in its manifest.`);
  }
}

/** A view where the bytes are aligned, as in files that SparseTag wrote, else a copy. */
export function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
}

/** A tensor as the file has it; `scales` is empty where there are none. */
interface StoredTensor {
  readonly entry: Manifest['networks'][number]['tensors'][number];
  readonly bytes: Uint8Array;
  readonly scales: Float32Array;
}

const floatsOf = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

export function takeTensor(source: TensorSource, network: string, entry: StoredTensor['entry']): StoredTensor {
  const { name, shape, sha256, encoding, scales } = entry;
  const dtype = encoding === 'rows8' ? 'I8' : 'F32';
  const bytes = aligned(source.take(weightsName(network, name), dtype, encoding === 'kept' ? null : shape, sha256));
  const taken = scales === undefined ? new Uint8Array() : source.take(scalesName(network, name), 'F32', [shape[0] ?? 0], scales);
  return { entry, bytes, scales: floatsOf(aligned(taken)) };
}

/** The values of a stored tensor: a view of the file where they are there as they are. @throws {ModelFileError} */
export function decodeTensor(
  network: string,
  { entry: { name, shape, encoding }, bytes, scales }: StoredTensor,
  masks: readonly TensorMask[],
  tasks: readonly string[],
): NetworkTensor {
  if (encoding === undefined) return { name, shape, values: floatsOf(bytes) };
  const where = `${quote(name)} of network ${quote(network)}`;
  const tensor = { name, shape, encoding };
  checkEncoding(tensor, masks, tasks, where);
  if (encoding === 'kept') {
    const union = unionOf(masksOf(name, masks), sizeOf(shape));
    if (4 * union.count !== bytes.length) {
      throw new ModelFileError(
        'MODEL_TENSOR_SHAPE',
        `Tensor ${where} has ${bytes.length / 4} values in the file; its masks keep ${union.count}.`,
      );
    }
    return { ...tensor, values: decodeKept(floatsOf(bytes), union.bits, sizeOf(shape)) };
  }
  const rows = { bytes: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length), scales };
  if (!areRowsOfValues(rows)) {
    throw new ModelFileError(
      'MODEL_TENSOR_ENCODING',
      `The rows of tensor ${where} are not encoded with the smallest scales; write it again.`,
    );
  }
  return { ...tensor, values: decodeRows(rows) };
}
