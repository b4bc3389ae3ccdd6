// The manifest: all of a model but its tensors, as canonical JSON in the metadata of the file.
import { ModelFileError } from '../errors.js';
import { JsonError, type JsonObject, type JsonValue, parseJson } from './canonical-json.js';
import type { ModelCorpus, ModelTask } from './model-contents.js';
import type { TensorEncoding } from './tensor-encoding.js';

/** A tensor's part of a manifest: the SHA-256 of its bytes stands for them. */
interface Digest {
  readonly sha256: string;
}

/** A tensor of a network; without `encoding` the file has its values as they are. */
interface TensorEntry extends Digest {
  readonly name: string;
  readonly shape: readonly number[];
  readonly encoding?: TensorEncoding;
  /** `rows8`: the digest of the scales; `sha256` is that of the bytes. */
  readonly scales?: string;
}

export interface Manifest {
  readonly config: JsonValue;
  readonly corpora: readonly ModelCorpus[];
  readonly networks: readonly {
    readonly name: string;
    readonly tensors: readonly TensorEntry[];
    readonly masks: readonly ({ readonly task: string; readonly tensor: string; readonly kept: number } & Digest)[];
  }[];
  readonly numerics: string;
  readonly results: JsonValue;
  readonly tasks: readonly ModelTask[];
  readonly vocabulary: {
    readonly characters: { readonly count: number } & Digest;
    readonly words: { readonly count: number } & Digest;
  };
}

/** Reads one member of an object; `path` is for messages. */
type Reader<T> = (value: JsonValue, path: string) => T;

function refuse(path: string, expected: string): never {
  throw new ModelFileError('MODEL_MANIFEST_SCHEMA', `${path} of the manifest must be ${expected}.`);
}

const anything: Reader<JsonValue> = (value) => value;
const text: Reader<string> = (value, path) => (typeof value === 'string' ? value : refuse(path, 'a string'));
const size: Reader<number> = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : refuse(path, 'an integer from 0 below 2^53');
const nullable =
  <T>(reader: Reader<T>): Reader<T | null> =>
  (value, path) =>
    value === null ? null : reader(value, path);
const oneOf =
  <T extends string>(...choices: readonly T[]): Reader<T> =>
  (value, path) =>
    choices.find((choice) => choice === value) ?? refuse(path, `one of ${choices.join(', ')}`);
const list =
  <T>(reader: Reader<T>): Reader<T[]> =>
  (value, path) =>
    Array.isArray(value) ? value.map((item: JsonValue, i) => reader(item, `${path}[${i}]`)) : refuse(path, 'an array');

/** An object with exactly the keys of `readers`. */
const object =
  <T extends object>(readers: { readonly [K in keyof T]: Reader<T[K]> }): Reader<T> =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(path, 'an object');
    const members = value as JsonObject;
    for (const key of Object.keys(members))
      if (!Object.hasOwn(readers, key)) refuse(`${path}.${key.slice(0, 80)}`, 'absent: the key is unknown');
    const entries = Object.entries<Reader<unknown>>(readers).map(([key, reader]) => {
      if (!Object.hasOwn(members, key)) refuse(`${path}.${key}`, 'present');
      return [key, reader(members[key]!, `${path}.${key}`)];
    });
    return Object.fromEntries(entries) as T;
  };

const items = object<Manifest['vocabulary']['words']>({ count: size, sha256: text });

const plainTensor = { name: text, shape: list(size), sha256: text };
const keptTensor = { ...plainTensor, encoding: oneOf<TensorEncoding>('kept', 'rows8') };
const rowsTensor = { ...keptTensor, scales: text };

/** Which members an entry has follows from its encoding. */
const tensorEntry: Reader<TensorEntry> = (value, path) => {
  const { encoding } = (value ?? {}) as JsonObject;
  if (encoding === undefined) return object(plainTensor)(value, path);
  return encoding === 'rows8' ? object(rowsTensor)(value, path) : object(keptTensor)(value, path);
};

const manifest: Reader<Manifest> = object<Manifest>({
  config: anything,
  corpora: list(object({ name: text, hashes: object({ train: text, dev: text, test: nullable(text) }) })),
  networks: list(
    object({
      name: text,
      tensors: list(tensorEntry),
      masks: list(object({ task: text, tensor: text, kept: size, sha256: text })),
    }),
  ),
  numerics: text,
  results: anything,
  tasks: list(
    object({
      name: text,
      type: oneOf('tags', 'spans'),
      head: oneOf('softmax', 'crf'),
      scheme: nullable(oneOf('bio', 'bioes')),
      tags: list(text),
      network: text,
    }),
  ),
  vocabulary: object({ characters: items, words: items }),
});

/**
 * Parses the text of a manifest.
 * @throws {ModelFileError} MODEL_MANIFEST_JSON, MODEL_MANIFEST_SCHEMA
 */
export function readManifest(json: string): Manifest {
  let value: JsonValue;
  try {
    value = parseJson(json);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new ModelFileError(
      'MODEL_MANIFEST_JSON',
      `The manifest is not what it must be at its character ${cause.offset}: ${cause.message}`,
      { cause },
    );
  }
  return manifest(value, '$');
}
