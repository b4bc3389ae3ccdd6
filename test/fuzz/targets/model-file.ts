import type { Dice } from '../../../src/conformance/dice.js';
import { ModelFileError } from '../../../src/errors.js';
import { countBits } from '../../../src/evaluate/overlap.js';
import { canonicalJson } from '../../../src/io/canonical-json.js';
import { type ContainerTensor, readContainer } from '../../../src/io/container.js';
import { openModelFile, sealModelFile } from '../../../src/io/model-file.js';
import { sha256Hex } from '../../../src/io/sha256.js';
import { unionOf } from '../../../src/io/tensor-encoding.js';
import { compactModel } from '../../../src/tagger/compact.js';
import { exportOnnx } from '../../../src/tagger/export-onnx.js';
import { Tagger } from '../../../src/tagger/tagger.js';
import { JSON_PIECES, type Json, joined, mutateBytes, mutateJson, mutateText, utf8 } from '../mutate.js';
import { require, type Target } from '../target.js';
import { tinyModel } from '../tiny-model.js';

/** Kernel memory that a model of a few hundred weights may take. */
const KERNEL_BYTES = 1 << 25;

const SENTENCES = [['the', 'runs'], [], ['Ada', '\u{1f600}\ud800', '', 'x'.repeat(300)], ['']];

/**
 * Model files, whole and compact: bytes changed anywhere; headers changed over data that stay; contents changed and sealed again with digests and
 * a fingerprint that are right, so that the checks behind those are reached. What is accepted must load, tag and be
 * written again as it is, or be refused with an error of ours.
 */
export function modelFileTarget(kernels: WebAssembly.Module): Target {
  const bases = [true, false].map(tinyModel);
  const models = [...bases, ...bases.map((contents) => compactModel(contents))].map((contents) => {
    const { file } = sealModelFile(contents);
    const { metadata, tensors } = readContainer(file);
    return { file, manifest: metadata.get('manifest')!, tensors: [...tensors.values()] };
  });
  return {
    name: 'model-file',
    refusals: [ModelFileError],
    make(dice) {
      const { file, manifest, tensors } = dice.pick(models);
      let made = file;
      const kind = dice.roll(10);
      if (kind < 3) made = withHeader(file, dice);
      else if (kind < 9) made = resealed(manifest, tensors, dice);
      if (kind === 9 || dice.chance(10)) for (let changes = 1 + dice.roll(3); changes > 0; changes--) made = mutateBytes(made, dice);
      return made;
    },
    async read(file) {
      const { contents, fingerprint } = openModelFile(file);
      require(sealModelFile(contents).fingerprint === fingerprint, 'its contents have another fingerprint');
      const tagger = await Tagger.load(file, { runtime: { wasmModule: kernels, maximumBytes: KERNEL_BYTES } });
      try {
        const tagged = tagger.scoreBatch(SENTENCES);
        for (const { name, tags } of tagger.tasks) {
          const known = new Set(tags);
          tagged.forEach((sentence, i) => {
            const { tags: own } = sentence[name]!;
            require(own.length === SENTENCES[i]!.length, 'tokens are left without a tag');
            require(own.every((tag) => known.has(tag)), 'tags are not those of the task');
          });
        }
      } finally {
        tagger.dispose();
      }
      for (const { name } of contents.tasks) exportOnnx(contents, name);
    },
  };
}

function withHeader(file: Uint8Array, dice: Dice): Uint8Array {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Json;
  for (let changes = 1 + dice.roll(2); changes > 0; changes--) mutateJson(header, dice);
  const text = JSON.stringify(header);
  return assemble(dice.chance(15) ? mutateText(text, JSON_PIECES, dice) : text, [file.subarray(8 + length)], dice);
}

/** A file around a header; seldom with a length that lies. */
function assemble(header: string, data: readonly Uint8Array[], dice: Dice): Uint8Array {
  const bytes = utf8(header);
  const prefix = new DataView(new ArrayBuffer(8));
  const lie = dice.pick([0n, 1n, BigInt(bytes.length + 1), 1n << 24n, 1n << 32n, 1n << 53n, 1n << 63n]);
  prefix.setBigUint64(0, dice.chance(2) ? lie : BigInt(bytes.length), true);
  return joined(new Uint8Array(prefix.buffer), bytes, ...data);
}

type Named = { [key: string]: Json } & { name: string };

/** A tensor of the file, to be changed; bytes are replaced, never written to. */
type Tensor = { -readonly [K in keyof ContainerTensor]: ContainerTensor[K] };

function resealed(text: string, given: readonly ContainerTensor[], dice: Dice): Uint8Array {
  const manifest = JSON.parse(text) as { [key: string]: Json };
  const tensors = given.map((tensor) => ({ ...tensor }));
  for (let changes = 1 + dice.roll(2); changes > 0; changes--) {
    const kind = dice.roll(20);
    if (kind < 6) mutateJson(manifest, dice);
    else if (kind < 11) mutateJson(isObject(manifest.config) ? (manifest.config.model ?? null) : null, dice);
    else if (kind < 12) reencode(manifest, dice);
    else if (kind < 14) reshape(manifest, tensors, dice);
    else changeTensor(tensors, dice);
  }
  if (dice.chance(80)) fitKept(manifest, tensors);
  fixDigests(manifest, tensors);
  const canonical = spell(manifest);
  let at = 0;
  const described = tensors.map(({ name, dtype, shape, bytes }) => {
    const data_offsets = [at, at + bytes.length];
    at += bytes.length;
    return [name, { dtype, shape, data_offsets }];
  });
  const fingerprint = sha256Hex(`sparsetag model 1\n${canonical}`);
  const metadata = { fingerprint, format: 'sparsetag', manifest: canonical, version: '1' };
  const header = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(described) });
  return assemble(
    header,
    tensors.map(({ bytes }) => bytes),
    dice,
  );
}

function spell(manifest: Json): string {
  try {
    return canonicalJson(manifest);
  } catch {
    return JSON.stringify(manifest);
  }
}

/** Other bytes in one tensor: any, or the bits of an unusual number. */
function changeTensor(tensors: readonly Tensor[], dice: Dice): void {
  const tensor = dice.pick(tensors);
  if (dice.chance(20)) {
    tensor.bytes = mutateBytes(tensor.bytes, dice);
    return;
  }
  const bytes = tensor.bytes.slice();
  const word = dice.pick([0, 0x80000000, 1, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0x7fc00001, 0xffffffff]);
  if (bytes.length >= 4) new DataView(bytes.buffer).setUint32(4 * dice.roll(bytes.length >> 2), word, true);
  tensor.bytes = bytes;
}

/** Another shape of one tensor, in manifest and container alike, with as many bytes as it takes; scales keep to their rows. */
function reshape(manifest: Json, tensors: readonly Tensor[], dice: Dice): void {
  const tensor = dice.pick(tensors);
  const shape = tensor.shape.map((size) => (dice.chance(50) ? size : dice.pick([0, 1, size + 1, size * 2])));
  if (dice.chance(20)) shape.push(1);
  resize(tensor, shape);
  for (const network of networksOf(manifest)) {
    for (const stored of listOf(network.tensors)) {
      if (tensor.name !== weightsName(network, stored)) continue;
      if (stored.encoding !== 'kept') stored.shape = [...shape];
      const scales = tensors.find(({ name }) => name === scalesName(network, stored));
      if (scales) resize(scales, shape.slice(0, 1));
    }
  }
}

function resize(tensor: Tensor, shape: readonly number[]): void {
  const width = tensor.dtype === 'U8' || tensor.dtype === 'I8' ? 1 : 4;
  tensor.shape = shape;
  tensor.bytes = joined(tensor.bytes, new Uint8Array(4096)).slice(0, width * shape.reduce((product, size) => product * size, 1));
}

/** Says another encoding of one tensor. */
function reencode(manifest: Json, dice: Dice): void {
  const stored = networksOf(manifest).flatMap((network) => listOf(network.tensors));
  if (stored.length > 0) dice.pick(stored).encoding = dice.pick(['kept', 'rows8', '', null]);
}

/** Gives tensors of kept values as many as their masks keep. */
function fitKept(manifest: Json, tensors: readonly Tensor[]): void {
  for (const network of networksOf(manifest)) {
    for (const stored of listOf(network.tensors)) {
      const tensor = tensors.find(({ name }) => name === weightsName(network, stored));
      if (stored.encoding !== 'kept' || tensor === undefined) continue;
      const masks = listOf(network.masks).filter((mask) => mask.tensor === stored.name);
      const bits = masks.map((mask) => wordsOf(tensors.find(({ name }) => name === maskName(network, mask))?.bytes));
      const { count } = unionOf(bits, 32 * Math.max(0, ...bits.map(({ length }) => length)));
      if (tensor.shape[0] !== count) resize(tensor, [count]);
    }
  }
}

const weightsName = (network: Named, tensor: Named): string => `weights/${network.name}/${tensor.name}`;
const scalesName = (network: Named, tensor: Named): string => `scales/${network.name}/${tensor.name}`;
const maskName = (network: Named, mask: Named): string => `masks/${network.name}/${mask.task}/${mask.tensor}`;

const isObject = (value: Json | undefined): value is Named => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: Json | undefined): Named[] => (Array.isArray(value) ? value.filter(isObject) : []);
const networksOf = (manifest: Json): Named[] => (isObject(manifest) ? listOf(manifest.networks) : []);

const wordsOf = (bytes: Uint8Array = new Uint8Array(0)): Uint32Array => new Uint32Array(bytes.slice(0, bytes.length & ~3).buffer);

/** Digests of bytes that most cases leave as they are. */
const digests = new WeakMap<Uint8Array, string>();

function digestOf(bytes: Uint8Array): string {
  const digest = digests.get(bytes) ?? sha256Hex(bytes);
  digests.set(bytes, digest);
  return digest;
}

/** Puts right the digests of tensors and the counts of masks. */
function fixDigests(manifest: Json, tensors: readonly Tensor[]): void {
  const bytesOf = (name: string): Uint8Array | undefined => tensors.find((tensor) => tensor.name === name)?.bytes;
  const fix = (item: Json | undefined, member: string, name: string): void => {
    const bytes = bytesOf(name);
    if (bytes && isObject(item)) item[member] = digestOf(bytes);
  };
  for (const network of networksOf(manifest)) {
    for (const tensor of listOf(network.tensors)) {
      fix(tensor, 'sha256', weightsName(network, tensor));
      fix(tensor, 'scales', scalesName(network, tensor));
    }
    for (const mask of listOf(network.masks)) {
      const name = maskName(network, mask);
      fix(mask, 'sha256', name);
      mask.kept = countBits(wordsOf(bytesOf(name)));
    }
  }
  const vocabulary = isObject(manifest) ? manifest.vocabulary : null;
  if (isObject(vocabulary)) for (const kind of ['words', 'characters']) fix(vocabulary[kind], 'sha256', `vocabulary/${kind}`);
}
