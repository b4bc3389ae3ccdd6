import type { CanonicalConfig } from '../config/canonical.js';
import { ConfigError, ModelFileError } from '../errors.js';
import { canonicalJson, type JsonValue, parseJson } from '../io/canonical-json.js';
import { type ContainerTensor, readContainer, writeContainer } from '../io/container.js';
import type { FinishedNetwork } from './finished-network.js';
import type { RunState } from './network-run.js';

/** All there is to continue a run from. */
export interface Checkpoint {
  readonly config: CanonicalConfig;
  readonly steps: number;
  readonly tokens: number;
  /** Networks that are trained already (`single` sharing). */
  readonly finished: readonly FinishedNetwork[];
  /** State of the network in training. */
  readonly current: RunState;
}

const KIND = 'sparsetag.checkpoint';
const STATE = 'sparsetag.state';
const VERSION = '1';

/**
 * A checkpoint is a container (FORMAT.md) of kind `sparsetag.checkpoint`: the state as canonical JSON in which every
 * array of numbers is replaced by the name of a tensor.
 */
export function writeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const tensors: ContainerTensor[] = [];
  const state = pack(checkpoint, tensors);
  return writeContainer({
    metadata: new Map([
      [KIND, VERSION],
      [STATE, canonicalJson(state)],
    ]),
    tensors,
  });
}

/**
 * @param config of the run that wants to continue
 * @throws {ModelFileError} CHECKPOINT_KIND, CHECKPOINT_TENSOR and those of readContainer; {ConfigError} CHECKPOINT_CONFIG
 */
export function readCheckpoint(bytes: Uint8Array, config: CanonicalConfig): Checkpoint {
  const { metadata, tensors } = readContainer(bytes);
  const state = metadata.get(STATE);
  if (metadata.get(KIND) !== VERSION || state === undefined) {
    throw new ModelFileError(
      'CHECKPOINT_KIND',
      `this is no checkpoint of version ${VERSION}; give the checkpoint file of an unfinished run`,
    );
  }
  const checkpoint = unpack(parseJson(state), tensors) as Checkpoint;
  if (canonicalJson(checkpoint.config) !== canonicalJson(config)) {
    throw new ConfigError(
      'CHECKPOINT_CONFIG',
      'the checkpoint is of a run with another config or other data; resume with the config and files it was begun with, or start anew',
    );
  }
  return checkpoint;
}

const ARRAYS = { F32: Float32Array, U32: Uint32Array } as const;
const TENSOR_KEY = '$tensor';

/** Replaces typed arrays by references into `tensors`, depth first in the order of keys. */
function pack(value: unknown, tensors: ContainerTensor[]): JsonValue {
  if (value instanceof Float32Array || value instanceof Uint32Array) {
    const name = `array.${tensors.length.toString().padStart(6, '0')}`;
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    tensors.push({ name, dtype: value instanceof Float32Array ? 'F32' : 'U32', shape: [value.length], bytes });
    return { [TENSOR_KEY]: name };
  }
  if (Array.isArray(value)) return value.map((item) => pack(item, tensors));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pack(item, tensors)]));
  }
  return value as JsonValue;
}

function unpack(value: JsonValue, tensors: ReadonlyMap<string, ContainerTensor>): unknown {
  if (Array.isArray(value)) return value.map((item) => unpack(item, tensors));
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, JsonValue>>;
  const name = fields[TENSOR_KEY];
  if (name === undefined) return Object.fromEntries(Object.entries(fields).map(([key, item]) => [key, unpack(item, tensors)]));
  const tensor = typeof name === 'string' ? tensors.get(name) : undefined;
  if (!tensor || (tensor.dtype !== 'F32' && tensor.dtype !== 'U32')) {
    throw new ModelFileError('CHECKPOINT_TENSOR', `the checkpoint names tensor ${JSON.stringify(name)}, which it has not`);
  }
  const { buffer } = tensor.bytes.slice();
  return new ARRAYS[tensor.dtype](buffer);
}
