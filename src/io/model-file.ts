// The model file: what a trained model is, as a safetensors container. FORMAT.md is its specification.
import { ModelFileError } from '../errors.js';
import { canonicalJson } from './canonical-json.js';
import { type Container, type ContainerLimits, type ContainerTensor, readContainer, writeContainer } from './container.js';
import { checkContents, type ModelContents, type ModelNetwork, sizeOf, type TensorMask } from './model-contents.js';
import { type Manifest, readManifest } from './model-manifest.js';
import { quote } from './quote.js';
import { sha256Hex } from './sha256.js';
import { aligned, bytesOf, decodeTensor, digestOf, encodeTensor, TensorSource, takeTensor } from './stored-tensors.js';
import { CHARACTERS, maskName, WORDS } from './tensor-names.js';

export interface ReadModelOptions {
  readonly limits?: ContainerLimits;
  /** Hash every tensor and compare with the manifest; default yes. Without, a damaged weight may pass. */
  readonly verify?: boolean;
}

const FORMAT = 'sparsetag';
const VERSION = '1';
const METADATA_KEYS = ['fingerprint', 'format', 'manifest', 'version'];
const FINGERPRINT_DOMAIN = 'sparsetag model 1\n';

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
      `The file says its fingerprint is ${quote(metadata.fingerprint)}, but its contents have ${fingerprint}: the file is damaged or was edited.`,
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
    const found = format === undefined ? 'it has no metadata "format"' : `its metadata "format" is ${quote(format)}`;
    throw new ModelFileError('MODEL_FORMAT', `This is a safetensors file, but not a SparseTag model: ${found}, expected "${FORMAT}".`);
  }
  const version = metadata.get('version');
  if (version !== VERSION) {
    const found = version === undefined ? 'no version' : `version ${quote(version)}`;
    throw new ModelFileError(
      'MODEL_VERSION',
      `The model file has ${found} of the format; this SparseTag reads version ${VERSION}. Use the SparseTag that wrote it.`,
    );
  }
  for (const key of metadata.keys()) {
    if (!METADATA_KEYS.includes(key))
      throw new ModelFileError('MODEL_METADATA', `The metadata has the unknown key ${quote(key)}; expected ${METADATA_KEYS.join(', ')}.`);
  }
  const [fingerprint, manifest] = [metadata.get('fingerprint'), metadata.get('manifest')];
  if (fingerprint === undefined || manifest === undefined) {
    throw new ModelFileError('MODEL_METADATA', `The metadata lacks ${fingerprint === undefined ? '"fingerprint"' : '"manifest"'}.`);
  }
  return { fingerprint, manifest };
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
      const words = size === undefined ? null : [Math.ceil(size / 32)];
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
