// The model file: what a trained model is, as a safetensors container. FORMAT.md is its specification.
import { RESERVED_ROWS } from '../data/vocabulary.js';
import { ModelFileError } from '../errors.js';
import { countBits } from '../evaluate/overlap.js';
import { canonicalJson, isWellFormed, type JsonValue } from './canonical-json.js';
import { type Container, type ContainerLimits, type ContainerTensor, readContainer, writeContainer } from './container.js';
import { type Manifest, readManifest } from './model-manifest.js';
import { Sha256, sha256Hex } from './sha256.js';
import { areRowsOfValues, decodeKept, decodeRows, encodeKept, encodeRows, type TensorEncoding, unionOf } from './tensor-encoding.js';

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

export interface ReadModelOptions {
  readonly limits?: ContainerLimits;
  /** Hash every tensor and compare with the manifest; default yes. Without, a damaged weight may pass. */
  readonly verify?: boolean;
}

const FORMAT = 'sparsetag';
const VERSION = '1';
const METADATA_KEYS = ['fingerprint', 'format', 'manifest', 'version'];
const FINGERPRINT_DOMAIN = 'sparsetag model 1\n';
const BITS = 32;
/** Corpora, tasks and networks of a model, each at most. */
const MOST_ITEMS = 1024;

const WORDS = 'vocabulary/words';
const CHARACTERS = 'vocabulary/characters';

/** Names may hold anything; in paths of tensors "/" divides, so it is escaped, injectively. */
const escapeName = (name: string): string => name.replaceAll('%', '%25').replaceAll('/', '%2F');
const weightsName = (network: string, tensor: string): string => `weights/${escapeName(network)}/${escapeName(tensor)}`;
const scalesName = (network: string, tensor: string): string => `scales/${escapeName(network)}/${escapeName(tensor)}`;
const maskName = (network: string, task: string, tensor: string): string =>
  `masks/${escapeName(network)}/${escapeName(task)}/${escapeName(tensor)}`;

const show = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
const bytesOf = (array: Float32Array | Uint32Array | Int8Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const digestOf = (bytes: Uint8Array): string => new Sha256().update(bytes).hex();

/**
 * Writes a model file. Equal models give equal bytes; what is read and written again is the same file.
 * @throws {ModelFileError} when the contents contradict themselves; FORMAT.md lists the codes
 */
export function writeModelFile(contents: ModelContents): Uint8Array {
  return sealModelFile(contents).file;
}

/**
 * Writes a model file and gives its fingerprint, which costs nothing more.
 * @throws {ModelFileError} as {@link writeModelFile}
 */
export function sealModelFile(contents: ModelContents): { file: Uint8Array; fingerprint: string } {
  checkContents(contents);
  const manifest = canonicalJson(manifestOf(contents));
  const fingerprint = fingerprintOfManifest(manifest);
  const file = writeContainer({
    metadata: [
      ['fingerprint', fingerprint],
      ['format', FORMAT],
      ['manifest', manifest],
      ['version', VERSION],
    ],
    tensors: tensorsOf(contents),
  });
  return { file, fingerprint };
}

/**
 * Reads a model file, strictly.
 * @throws {ModelFileError} when the bytes are not what {@link writeModelFile} writes; the code says which check failed
 */
export function readModelFile(file: Uint8Array, options: ReadModelOptions = {}): ModelContents {
  return openModelFile(file, options).contents;
}

/**
 * Reads a model file together with its fingerprint, which costs nothing more.
 * @throws {ModelFileError} as {@link readModelFile}
 */
export function openModelFile(file: Uint8Array, options: ReadModelOptions = {}): { contents: ModelContents; fingerprint: string } {
  const container = readContainer(file, options.limits);
  const metadata = readMetadata(container);
  const manifest = readManifest(metadata.manifest);
  const contents = contentsOf(manifest, new TensorSource(container, options.verify ?? true));
  checkContents(contents);
  // Whatever else could differ from what the writer writes (order of keys or masks, spelling of numbers) differs here.
  if (canonicalJson({ ...manifest, networks: sortMasks(manifest) }) !== metadata.manifest) {
    throw new ModelFileError(
      'MODEL_MANIFEST_CANONICAL',
      'The manifest is not in canonical form, so it has no fingerprint; write the model again.',
    );
  }
  const fingerprint = fingerprintOfManifest(metadata.manifest);
  if (fingerprint !== metadata.fingerprint) {
    throw new ModelFileError(
      'MODEL_FINGERPRINT',
      `The file says its fingerprint is ${show(metadata.fingerprint)}, but its contents have ${fingerprint}: the file is damaged or was edited.`,
    );
  }
  return { contents, fingerprint };
}

/**
 * Fingerprint of a model: SHA-256 over its semantic content, 64 hexadecimal digits; equal for equal models, wherever
 * their files lie and whatever wrote them.
 *
 * @remarks SHA-256 of the UTF-8 bytes of `sparsetag model 1`, a line feed and the manifest: the canonical JSON of
 * all but the tensors, with the SHA-256 of each tensor's bytes.
 * @param model contents, or the bytes of a model file, which is then read and verified
 */
export function fingerprintOf(model: ModelContents | Uint8Array): string {
  if (model instanceof Uint8Array) return openModelFile(model).fingerprint;
  checkContents(model);
  return fingerprintOfManifest(canonicalJson(manifestOf(model)));
}

const fingerprintOfManifest = (manifest: string): string => sha256Hex(FINGERPRINT_DOMAIN + manifest);

/** Masks by task, then tensor, in the model's orders of both. */
function sortMasks<
  M extends { readonly task: string; readonly tensor: string },
  N extends { readonly masks: readonly M[]; readonly tensors: readonly { readonly name: string }[] },
>({ tasks, networks }: { readonly tasks: readonly { readonly name: string }[]; readonly networks: readonly N[] }): N[] {
  const taskOrder = new Map(tasks.map(({ name }, i) => [name, i]));
  return networks.map((network) => {
    const tensorOrder = new Map(network.tensors.map(({ name }, i) => [name, i]));
    const masks = [...network.masks].sort(
      (a, b) => taskOrder.get(a.task)! - taskOrder.get(b.task)! || tensorOrder.get(a.tensor)! - tensorOrder.get(b.tensor)!,
    );
    return { ...network, masks };
  });
}

function manifestOf(contents: ModelContents): Manifest {
  const { words, characters } = contents.vocabulary;
  return {
    config: contents.config,
    corpora: contents.corpora.map(({ name, hashes: { train, dev, test } }) => ({ name, hashes: { train, dev, test } })),
    networks: sortMasks(contents).map(({ name, tensors, masks }) => ({
      name,
      tensors: tensors.map((tensor) => {
        const [values, scales] = encodeTensor(name, tensor, masks).map(({ bytes }) => digestOf(bytes));
        const { encoding } = tensor;
        return { name: tensor.name, shape: [...tensor.shape], sha256: values!, ...(encoding && { encoding }), ...(scales && { scales }) };
      }),
      masks: masks.map(({ task, tensor, kept, bits }) => ({ task, tensor, kept, sha256: digestOf(bytesOf(bits)) })),
    })),
    numerics: contents.numericsVersion,
    results: contents.results,
    tasks: contents.tasks.map(({ name, type, head, scheme, tags, network }) => ({ name, type, head, scheme, tags: [...tags], network })),
    vocabulary: {
      characters: { count: characters.length, sha256: digestOf(joinItems(characters)) },
      words: { count: words.length, sha256: digestOf(joinItems(words)) },
    },
  };
}

function tensorsOf(contents: ModelContents): ContainerTensor[] {
  const { words, characters } = contents.vocabulary;
  const text = (name: string, items: readonly string[]): ContainerTensor => {
    const bytes = joinItems(items);
    return { name, dtype: 'U8', shape: [bytes.length], bytes };
  };
  return [
    text(WORDS, words),
    text(CHARACTERS, characters),
    ...contents.networks.flatMap(({ name, tensors, masks }): ContainerTensor[] => [
      ...tensors.flatMap((tensor) => encodeTensor(name, tensor, masks)),
      ...masks.map(
        ({ task, tensor, bits }): ContainerTensor => ({
          name: maskName(name, task, tensor),
          dtype: 'U32',
          shape: [bits.length],
          bytes: bytesOf(bits),
        }),
      ),
    ]),
  ];
}

/** A tensor as the file has it: its values, and the scales where it has some. @throws {ModelFileError} MODEL_TENSOR_ENCODING */
function encodeTensor(network: string, { name, shape, values, encoding }: NetworkTensor, masks: readonly TensorMask[]): ContainerTensor[] {
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
        `The values of tensor ${show(name)} are no multiples of scales; round its rows first.`,
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

/** UTF-8, each item followed by a line feed. */
function joinItems(items: readonly string[]): Uint8Array {
  return new TextEncoder().encode(items.map((item) => `${item}\n`).join(''));
}

function splitItems(name: string, bytes: Uint8Array, count: number): string[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ModelFileError('MODEL_VOCABULARY', `Tensor ${name} is not UTF-8.`, { cause });
  }
  const items = text.split('\n');
  if (items.pop() !== '') throw new ModelFileError('MODEL_VOCABULARY', `Tensor ${name} does not end with a line feed after its last item.`);
  if (items.length !== count)
    throw new ModelFileError('MODEL_VOCABULARY', `Tensor ${name} has ${items.length} items; the manifest says ${count}.`);
  return items;
}

function readMetadata({ metadata }: Container): { fingerprint: string; manifest: string } {
  const format = metadata.get('format');
  if (format !== FORMAT) {
    const found = format === undefined ? 'it has no metadata "format"' : `its metadata "format" is ${show(format)}`;
    throw new ModelFileError('MODEL_FORMAT', `This is a safetensors file, but not a SparseTag model: ${found}, expected "${FORMAT}".`);
  }
  const version = metadata.get('version');
  if (version !== VERSION) {
    const found = version === undefined ? 'no version' : `version ${show(version)}`;
    throw new ModelFileError(
      'MODEL_VERSION',
      `The model file has ${found} of the format; this SparseTag reads version ${VERSION}. Use the SparseTag that wrote it.`,
    );
  }
  for (const key of metadata.keys()) {
    if (!METADATA_KEYS.includes(key))
      throw new ModelFileError('MODEL_METADATA', `The metadata has the unknown key ${show(key)}; expected ${METADATA_KEYS.join(', ')}.`);
  }
  const [fingerprint, manifest] = [metadata.get('fingerprint'), metadata.get('manifest')];
  if (fingerprint === undefined || manifest === undefined) {
    throw new ModelFileError('MODEL_METADATA', `The metadata lacks ${fingerprint === undefined ? '"fingerprint"' : '"manifest"'}.`);
  }
  return { fingerprint, manifest };
}

/** Hands out the tensors of a container, each checked against what the manifest says of it, and knows which were not asked for. */
class TensorSource {
  readonly #left: Map<string, ContainerTensor>;

  constructor(
    container: Container,
    private readonly verify: boolean,
  ) {
    this.#left = new Map(container.tensors);
  }

  take(name: string, dtype: ContainerTensor['dtype'], shape: readonly number[] | null, sha256: string): Uint8Array {
    const tensor = this.#left.get(name);
    if (!tensor) throw new ModelFileError('MODEL_TENSOR_MISSING', `Tensor ${show(name)} of the manifest is not in the file.`);
    this.#left.delete(name);
    if (tensor.dtype !== dtype)
      throw new ModelFileError('MODEL_TENSOR_DTYPE', `Tensor ${show(name)} has dtype ${tensor.dtype}; expected ${dtype}.`);
    const rank = shape?.length ?? 1;
    if (tensor.shape.length !== rank || shape?.some((size, i) => size !== tensor.shape[i])) {
      const expected = shape ? JSON.stringify(shape) : 'one axis';
      throw new ModelFileError(
        'MODEL_TENSOR_SHAPE',
        `Tensor ${show(name)} has shape ${JSON.stringify(tensor.shape)}; expected ${expected}.`,
      );
    }
    if (this.verify && digestOf(tensor.bytes) !== sha256) {
      throw new ModelFileError(
        'MODEL_TENSOR_DIGEST',
        `The bytes of tensor ${show(name)} do not have the SHA-256 of the manifest: the file is damaged or was edited.`,
      );
    }
    return tensor.bytes;
  }

  finish(): void {
    for (const name of this.#left.keys())
      throw new ModelFileError('MODEL_TENSOR_UNKNOWN', `Tensor ${show(name)} is in the file but not in its manifest.`);
  }
}

/** A view where the bytes are aligned, as in files that SparseTag wrote, else a copy. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
}

/** A tensor as the file has it; `scales` is empty where there are none. */
interface StoredTensor {
  readonly entry: Manifest['networks'][number]['tensors'][number];
  readonly bytes: Uint8Array;
  readonly scales: Float32Array;
}

const floatsOf = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

function takeTensor(source: TensorSource, network: string, entry: StoredTensor['entry']): StoredTensor {
  const { name, shape, sha256, encoding, scales } = entry;
  const dtype = encoding === 'rows8' ? 'I8' : 'F32';
  const bytes = aligned(source.take(weightsName(network, name), dtype, encoding === 'kept' ? null : shape, sha256));
  const taken = scales === undefined ? new Uint8Array() : source.take(scalesName(network, name), 'F32', [shape[0] ?? 0], scales);
  return { entry, bytes, scales: floatsOf(aligned(taken)) };
}

/** The values of a stored tensor: a view of the file where they are there as they are. @throws {ModelFileError} */
function decodeTensor(
  network: string,
  { entry: { name, shape, encoding }, bytes, scales }: StoredTensor,
  masks: readonly TensorMask[],
  tasks: readonly string[],
): NetworkTensor {
  if (encoding === undefined) return { name, shape, values: floatsOf(bytes) };
  const where = `${show(name)} of network ${show(network)}`;
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

/** Whether a tensor may be encoded so at all. */
function checkEncoding(
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

function contentsOf(manifest: Manifest, source: TensorSource): ModelContents {
  const items = (name: string, { count, sha256 }: { count: number; sha256: string }): string[] =>
    splitItems(name, source.take(name, 'U8', null, sha256), count);
  const vocabulary = { words: items(WORDS, manifest.vocabulary.words), characters: items(CHARACTERS, manifest.vocabulary.characters) };
  const networks = manifest.networks.map((network): ModelNetwork => {
    const sizes = new Map(network.tensors.map(({ name, shape }) => [name, sizeOf(shape)]));
    const stored = network.tensors.map((entry) => takeTensor(source, network.name, entry));
    const masks = network.masks.map(({ task, tensor, kept, sha256 }): TensorMask => {
      const size = sizes.get(tensor);
      const words = size === undefined ? null : [Math.ceil(size / BITS)];
      const bytes = aligned(source.take(maskName(network.name, task, tensor), 'U32', words, sha256));
      return { task, tensor, kept, bits: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) };
    });
    const tasks = manifest.tasks.filter((task) => task.network === network.name).map(({ name }) => name);
    return { name: network.name, tensors: stored.map((tensor) => decodeTensor(network.name, tensor, masks, tasks)), masks };
  });
  source.finish();
  return {
    numericsVersion: manifest.numerics,
    config: manifest.config,
    corpora: manifest.corpora,
    vocabulary,
    tasks: manifest.tasks,
    networks,
    results: manifest.results,
  };
}

/** All that must hold between the parts of a model, for the writer and the reader alike. */
function checkContents(contents: ModelContents): void {
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
          `The ${split} hash of corpus ${show(name)} is ${show(hash)}; expected 64 hexadecimal digits.`,
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
        `Task ${show(task.name)} of type ${task.type} has scheme ${task.scheme}; spans have one, tags have none.`,
      );
    }
    if (task.tags.length === 0) throw new ModelFileError('MODEL_TASK_TAGS', `Task ${show(task.name)} has no tags.`);
    checkItems(`tag of task ${show(task.name)}`, task.tags);
    if (!networks.some(({ name }) => name === task.network)) {
      throw new ModelFileError(
        'MODEL_TASK_NETWORK',
        `Task ${show(task.name)} belongs to network ${show(task.network)}, which is not in the model.`,
      );
    }
  }
  for (const network of networks) checkNetwork(network, contents);
}

function checkNames(what: string, named: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (name === '' || !isWellFormed(name))
      throw new ModelFileError('MODEL_NAME', `A ${what} has the name ${show(name)}; names are non-empty Unicode text.`);
    if (seen.has(name)) throw new ModelFileError('MODEL_NAME', `The ${what} ${show(name)} occurs twice.`);
    seen.add(name);
  }
}

function checkItems(what: string, items: readonly string[]): void {
  const seen = new Set<string>();
  for (const item of items) {
    if (item.includes('\n') || !isWellFormed(item)) {
      throw new ModelFileError(
        'MODEL_VOCABULARY',
        `The ${what} ${show(item)} has a line feed or a lone surrogate in it; neither can be stored.`,
      );
    }
    if (seen.has(item)) throw new ModelFileError('MODEL_VOCABULARY', `The ${what} ${show(item)} occurs twice.`);
    seen.add(item);
  }
}

function checkNetwork(network: ModelNetwork, { tasks, vocabulary }: ModelContents): void {
  const where = `of network ${show(network.name)}`;
  checkNames(`tensor ${where}`, network.tensors);
  const own = tasks.filter((task) => task.network === network.name);
  const tensors = new Map(network.tensors.map((tensor) => [tensor.name, tensor]));
  for (const { name, shape, values } of network.tensors) {
    if (sizeOf(shape) !== values.length) {
      throw new ModelFileError(
        'MODEL_TENSOR_SHAPE',
        `Tensor ${show(name)} ${where} has ${values.length} values; its shape ${JSON.stringify(shape)} takes ${sizeOf(shape)}.`,
      );
    }
  }
  const expectAxis = (name: string, axis: number, expected: number, unit: string): void => {
    const tensor = tensors.get(name);
    if (tensor && tensor.shape[axis] !== expected) {
      throw new ModelFileError(
        'MODEL_TENSOR_ROWS',
        `Tensor ${show(name)} ${where} has shape ${JSON.stringify(tensor.shape)}; expected ${expected} on axis ${axis}, the number of ${unit}.`,
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
      const what = tensor ? `task ${show(mask.task)}` : `tensor ${show(mask.tensor)}`;
      throw new ModelFileError('MODEL_MASK_TARGET', `A mask ${where} is for ${what}, which the network does not have.`);
    }
    const name = maskName(network.name, mask.task, mask.tensor);
    if (seen.has(name)) throw new ModelFileError('MODEL_MASK_DUPLICATE', `There are two masks ${show(name)}.`);
    seen.add(name);
    checkMask(name, mask, tensor.values.length);
    masksByTensor.set(mask.tensor, masksByTensor.get(mask.tensor) ?? []);
    masksByTensor.get(mask.tensor)!.push(mask);
  }
  for (const [name, masks] of masksByTensor) if (masks.length === own.length) checkPruned(tensors.get(name)!, masks, where);
  const names = own.map(({ name }) => name);
  for (const tensor of network.tensors) checkEncoding(tensor, network.masks, names, `${show(tensor.name)} ${where}`);
}

function checkMask(name: string, { kept, bits }: TensorMask, elements: number): void {
  const words = Math.ceil(elements / BITS);
  if (bits.length !== words) {
    throw new ModelFileError('MODEL_MASK_LENGTH', `Mask ${show(name)} has ${bits.length} words; ${elements} elements take ${words}.`);
  }
  const used = elements % BITS;
  if (used > 0 && bits[words - 1]! >>> used !== 0) {
    throw new ModelFileError(
      'MODEL_MASK_PADDING',
      `Mask ${show(name)} has bits set past its last element, ${elements - 1}; they must be 0.`,
    );
  }
  const count = countBits(bits);
  if (count !== kept)
    throw new ModelFileError('MODEL_MASK_COUNT', `Mask ${show(name)} keeps ${count} weights; the count beside it is ${kept}.`);
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
          `Element ${e} of tensor ${show(name)} ${where} is ${values[e]}, but no task keeps it; it must be +0.`,
        );
      }
    }
  }
}
