import type { CanonicalConfig } from '../config/canonical.js';
import { ConfigError, ModelFileError } from '../errors.js';
import { canonicalJson, isJsonObject, JsonError, type JsonValue, parseJson } from '../io/canonical-json.js';
import { type Container, type ContainerTensor, containerParts, readContainer } from '../io/container.js';
import { Sha256 } from '../io/sha256.js';
import { hostSha256 } from '../runtime/host-sha256.js';
import type { FinishedNetwork } from './finished-network.js';
import type { RunState } from './run-state.js';
import { misfit, type Packed, type Shape } from './shape.js';

/** All there is to continue a run from. */
export interface Checkpoint {
  readonly config: CanonicalConfig;
  readonly steps: number;
  readonly tokens: number;
  /** Networks that are trained already (`single` and `subnet` sharing). */
  readonly finished: readonly FinishedNetwork[];
  /** State of the network in training. */
  readonly current: RunState;
}

const KIND = 'sparsetag.checkpoint';
const STATE = 'sparsetag.state';
const VERSION = '2';
/** The one tensor of bytes, so the last in the file: SHA-256 of all that comes before it. */
const DIGEST = 'sha256';
const DIGEST_BYTES = 32;

/**
 * A checkpoint as pieces of a file, which take no memory: arrays stay where they are. It is a container (FORMAT.md) of kind
 * `sparsetag.checkpoint`: the state as canonical JSON in which every array of numbers is replaced by the name of a tensor,
 * and at its end the SHA-256 of all bytes before, so that one that is torn or damaged is seen.
 *
 * @throws {ModelFileError} MODEL_TENSOR_NOT_FINITE
 */
export function checkpointParts(checkpoint: Checkpoint): Uint8Array[] {
  const tensors: ContainerTensor[] = [];
  const state = pack(checkpoint, tensors);
  const digest = new Uint8Array(DIGEST_BYTES);
  tensors.push({ name: DIGEST, dtype: 'U8', shape: [DIGEST_BYTES], bytes: digest });
  const parts = containerParts({
    metadata: [
      [KIND, VERSION],
      [STATE, canonicalJson(state)],
    ],
    tensors,
  });
  const hash = hostSha256() ?? new Sha256();
  for (const part of parts.slice(0, -1)) hash.update(part);
  digest.set(hash.digest());
  return parts;
}

/**
 * Steps of the run that a checkpoint goes on after.
 * @throws {ModelFileError} CHECKPOINT_KIND, CHECKPOINT_DIGEST, CHECKPOINT_STATE and those of readContainer, where it is not whole
 */
export function checkpointSteps(bytes: Uint8Array): number {
  return open(bytes).steps;
}

/**
 * @param config of the run that wants to continue
 * @returns arrays that are views of `bytes`
 * @throws {ModelFileError} as checkpointSteps; {ConfigError} CHECKPOINT_CONFIG
 */
export function readCheckpoint(bytes: Uint8Array, config: CanonicalConfig): Checkpoint {
  const checkpoint = open(bytes);
  if (canonicalJson(checkpoint.config) !== canonicalJson(config)) {
    throw new ConfigError(
      'CHECKPOINT_CONFIG',
      'the checkpoint is of a run with another config or other data; resume with the config and files it was begun with, or start anew',
    );
  }
  return checkpoint;
}

const FINISHED: Shape = {
  fields: {
    name: 'text',
    tensors: { listOf: { fields: { name: 'text', shape: { listOf: 'count' }, values: { array: 'F32' } } } },
    masks: { listOf: { fields: { task: 'text', tensor: 'text', kept: 'count', bits: { array: 'U32' } } } },
    prunable: 'count',
    epoch: 'count',
    tasks: {
      listOf: {
        fields: {
          index: 'count',
          dev: 'number',
          test: { orNull: 'number' },
          kept: 'count',
          round: { orNull: 'count' },
          mask: { array: 'U32' },
          isMasked: 'flag',
        },
      },
    },
  },
};

/** A whole checkpoint. Its config is for the caller to compare, its `current` for the network that it is of. */
function open(bytes: Uint8Array): Checkpoint {
  const { metadata, tensors } = readContainer(bytes);
  const text = metadata.get(STATE);
  if (metadata.get(KIND) !== VERSION || text === undefined) {
    throw new ModelFileError(
      'CHECKPOINT_KIND',
      `this is no checkpoint of version ${VERSION}; give the checkpoint file of an unfinished run`,
    );
  }
  checkDigest(bytes, tensors);
  const parsed = parseState(text);
  // The config has no arrays; what names one there is no config, and is compared as it is.
  const config = isJsonObject(parsed) ? (parsed.config ?? null) : null;
  const state = unpack(parsed, tensors) as { readonly [key: string]: Packed };
  const { config: _, current = null, ...rest } = state;
  const found = misfit(rest, { fields: { steps: 'count', tokens: 'count', finished: { listOf: FINISHED } } });
  if (found !== null) throw new ModelFileError('CHECKPOINT_STATE', `the checkpoint holds no state of a run: ${found}`);
  return { config, current, ...rest } as unknown as Checkpoint;
}

function checkDigest(bytes: Uint8Array, tensors: Container['tensors']): void {
  const digest = tensors.get(DIGEST);
  const end = bytes.length - DIGEST_BYTES;
  const isLast = digest?.bytes.length === DIGEST_BYTES && digest.bytes.byteOffset === bytes.byteOffset + end;
  const hash = hostSha256() ?? new Sha256();
  hash.update(bytes.subarray(0, Math.max(0, end)));
  const found = hash.digest();
  if (isLast && found.every((byte, i) => byte === digest.bytes[i])) return;
  throw new ModelFileError(
    'CHECKPOINT_DIGEST',
    'the bytes of the checkpoint do not have the SHA-256 at its end: it is damaged; go on from an earlier one, or begin anew',
  );
}

function parseState(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new ModelFileError('CHECKPOINT_STATE', `the checkpoint holds no state of a run: ${cause.message}`, { cause });
  }
}

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

function unpack(value: JsonValue, tensors: Container['tensors']): Packed {
  if (Array.isArray(value)) return value.map((item) => unpack(item, tensors));
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, JsonValue>>;
  const name = fields[TENSOR_KEY];
  if (name === undefined) return Object.fromEntries(Object.entries(fields).map(([key, item]) => [key, unpack(item, tensors)]));
  const tensor = typeof name === 'string' ? tensors.get(name) : undefined;
  if (tensor?.dtype !== 'F32' && tensor?.dtype !== 'U32') {
    throw new ModelFileError('CHECKPOINT_TENSOR', `the checkpoint names tensor ${JSON.stringify(name)}, which it has not`);
  }
  const { buffer, byteOffset, length } = tensor.bytes.byteOffset % 4 === 0 ? tensor.bytes : tensor.bytes.slice();
  return tensor.dtype === 'F32' ? new Float32Array(buffer, byteOffset, length / 4) : new Uint32Array(buffer, byteOffset, length / 4);
}
