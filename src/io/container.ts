// The safetensors container: a length, a JSON header, tensor bytes. FORMAT.md has it byte by byte.
import { ModelFileError } from '../errors.js';
import { compareCodeUnits, isJsonObject, isWellFormed, JsonError, type JsonValue, parseJson } from './canonical-json.js';
import { quote } from './quote.js';

/** Element types that SparseTag writes; all little-endian. */
export type ContainerDtype = 'F32' | 'U32' | 'I32' | 'I8' | 'U8';

export interface ContainerTensor {
  readonly name: string;
  readonly dtype: ContainerDtype;
  /** Row-major; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** The elements, little-endian: product of the shape × bytes of the type. */
  readonly bytes: Uint8Array;
}

export interface Container {
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order of their bytes; `bytes` are views into the file. */
  readonly tensors: ReadonlyMap<string, ContainerTensor>;
}

/** Metadata and tensors in any order. */
export interface WritableContainer {
  readonly metadata: ReadonlyMap<string, string> | readonly (readonly [string, string])[];
  readonly tensors: readonly ContainerTensor[];
}

/** What a reader accepts at most. */
export interface ContainerLimits {
  /** Bytes of the JSON header; default 16 MiB. */
  readonly headerBytes?: number;
  /** Number of tensors; default 65,536. */
  readonly tensors?: number;
}

const DTYPE_BYTES: Readonly<Record<ContainerDtype, number>> = { F32: 4, U32: 4, I32: 4, I8: 1, U8: 1 };
const LENGTH_BYTES = 8;
const ALIGN_BYTES = 8;
const MAXIMUM_RANK = 8;
const DEFAULT_HEADER_BYTES = 16 * 1024 * 1024;
const DEFAULT_TENSORS = 65_536;
/** Root object, tensor object, array. */
const HEADER_DEPTH = 3;
const METADATA_KEY = '__metadata__';

const isDtype = (text: JsonValue | undefined): text is ContainerDtype => typeof text === 'string' && Object.hasOwn(DTYPE_BYTES, text);
const isSize = (value: JsonValue | undefined): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);

/** Product of a shape; `null` when it or a size is no safe integer. */
function elementCount(shape: readonly number[]): number | null {
  let count = 1;
  for (const size of shape) {
    if (!isSize(size)) return null;
    count *= size;
    if (!Number.isSafeInteger(count)) return null;
  }
  return count;
}

/** Index of the first F32 element that is NaN or infinite, or -1. */
function firstNonFinite(bytes: Uint8Array): number {
  if (bytes.byteOffset % 4 === 0) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    for (let i = 0; i < words.length; i++) if ((words[i]! & 0x7f800000) === 0x7f800000) return i;
    return -1;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < bytes.length; i += 4) if ((view.getUint32(i, true) & 0x7f800000) === 0x7f800000) return i >> 2;
  return -1;
}

function checkFinite(name: string, bytes: Uint8Array, fileOffset: number): void {
  const index = firstNonFinite(bytes);
  if (index < 0) return;
  const where = fileOffset < 0 ? '' : ` (byte ${fileOffset + 4 * index})`;
  throw new ModelFileError(
    'MODEL_TENSOR_NOT_FINITE',
    `Tensor ${quote(name)} holds NaN or infinity at element ${index}${where}; weights must be finite.`,
  );
}

/** The order of tensors in a file: types of 4 bytes before those of one, so that all stay aligned; by name within each. */
function compareTensors(a: ContainerTensor, b: ContainerTensor): number {
  return DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype] || compareCodeUnits(a.name, b.name);
}

/**
 * Writes a safetensors file. Equal contents give equal bytes, whatever their order: metadata by key, tensors by
 * {@link compareTensors}, header without spaces and padded with spaces to a multiple of 8.
 *
 * @throws {ModelFileError} when the contents would not be read back: MODEL_TENSOR_NAME, MODEL_TENSOR_DTYPE,
 * MODEL_TENSOR_SHAPE, MODEL_TENSOR_SIZE, MODEL_TENSOR_NOT_FINITE, MODEL_METADATA_KEY, MODEL_HEADER_UTF8, MODEL_TENSOR_COUNT,
 * MODEL_HEADER_TOO_LARGE
 */
export function writeContainer(contents: WritableContainer): Uint8Array {
  return concatenate(containerParts(contents));
}

/** Pieces of a file, one after the other, as one array. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * The same file in pieces that take no memory: the header, then the bytes of each tensor where they lie, in the order of the file.
 *
 * @throws {ModelFileError} as {@link writeContainer}
 */
export function containerParts(contents: WritableContainer): Uint8Array[] {
  const metadata = [...contents.metadata].sort(([a], [b]) => compareCodeUnits(a, b));
  const tensors = [...contents.tensors].sort(compareTensors);
  const members: string[] = [];
  for (const text of [...metadata.flat(), ...tensors.map(({ name }) => name)]) {
    if (isWellFormed(text)) continue;
    throw new ModelFileError('MODEL_HEADER_UTF8', `Metadata or name ${quote(text)} holds a lone surrogate, which has no UTF-8 form.`);
  }
  for (const [i, [key]] of metadata.entries()) {
    if (key === '__proto__' || key === metadata[i - 1]?.[0]) {
      throw new ModelFileError('MODEL_METADATA_KEY', `Metadata key ${quote(key)} is given twice or not allowed.`);
    }
  }
  if (metadata.length > 0) {
    members.push(`"${METADATA_KEY}":{${metadata.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`);
  }
  if (tensors.length > DEFAULT_TENSORS) {
    throw new ModelFileError('MODEL_TENSOR_COUNT', `There are ${tensors.length} tensors; at most ${DEFAULT_TENSORS} would be read back.`);
  }
  let offset = 0;
  const names = new Set([METADATA_KEY, '__proto__']);
  for (const { name, dtype, shape, bytes } of tensors) {
    if (names.has(name)) throw new ModelFileError('MODEL_TENSOR_NAME', `Tensor name ${quote(name)} is given twice or reserved.`);
    names.add(name);
    checkTensor(name, dtype, shape, bytes.length);
    if (dtype === 'F32') checkFinite(name, bytes, -1);
    const range = [offset, offset + bytes.length];
    members.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: range })}`);
    offset += bytes.length;
  }
  const header = new TextEncoder().encode(`{${members.join(',')}}`);
  const headerBytes = Math.ceil(header.length / ALIGN_BYTES) * ALIGN_BYTES;
  if (headerBytes > DEFAULT_HEADER_BYTES) {
    throw new ModelFileError(
      'MODEL_HEADER_TOO_LARGE',
      `The header takes ${headerBytes} bytes; at most ${DEFAULT_HEADER_BYTES} would be read back.`,
    );
  }
  const start = new Uint8Array(LENGTH_BYTES + headerBytes).fill(0x20);
  start.set(header, LENGTH_BYTES);
  new DataView(start.buffer).setBigUint64(0, BigInt(headerBytes), true);
  return [start, ...tensors.map(({ bytes }) => bytes)];
}

/** Type, shape and number of bytes fit together. */
function checkTensor(name: string, dtype: JsonValue | undefined, shape: JsonValue | undefined, bytes: number): void {
  if (!isDtype(dtype)) {
    const found = typeof dtype === 'string' ? quote(dtype) : 'none';
    throw new ModelFileError(
      'MODEL_TENSOR_DTYPE',
      `Tensor ${quote(name)} has dtype ${found}; SparseTag files hold F32, U32, I32, I8 and U8 only.`,
    );
  }
  const count = Array.isArray(shape) && shape.length <= MAXIMUM_RANK ? elementCount(shape as number[]) : null;
  if (count === null) {
    const found = JSON.stringify(shape)?.slice(0, 80);
    throw new ModelFileError(
      'MODEL_TENSOR_SHAPE',
      `Tensor ${quote(name)} has shape ${found}; expected at most ${MAXIMUM_RANK} sizes, each an integer from 0, with a product below 2^53.`,
    );
  }
  const expected = count * DTYPE_BYTES[dtype];
  if (bytes !== expected) {
    throw new ModelFileError(
      'MODEL_TENSOR_SIZE',
      `Tensor ${quote(name)} has ${bytes} bytes; ${dtype} ${JSON.stringify(shape)} takes ${expected}.`,
    );
  }
}

/** Files that are often taken for a model, by their first bytes. */
const FOREIGN: readonly (readonly [readonly number[], string])[] = [
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG image'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive (PyTorch checkpoints are)'],
  [[0x1f, 0x8b], 'gzip-compressed; decompress it first'],
  [[0x80, 0x02], 'a Python pickle'],
  [[0x47, 0x47, 0x55, 0x46], 'a GGUF model'],
  [[0x00, 0x61, 0x73, 0x6d], 'a WebAssembly module'],
  [[0x7b], 'JSON text'],
  [[0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x20], 'a Git LFS pointer; fetch the file itself'],
];

function describeStart(bytes: Uint8Array): string {
  const found = FOREIGN.find(([start]) => start.every((byte, i) => bytes[i] === byte));
  return found ? `; it looks like ${found[1]}` : '';
}

/**
 * Reads a safetensors file, strictly and in a fixed order: bytes, length, cap, bounds, UTF-8, JSON, schema, ranges that tile the
 * data without hole or overlap, total length, finite values. Nothing is allocated for a tensor: its bytes are a view of the file.
 *
 * @throws {ModelFileError} with the code of the first check that fails; FORMAT.md lists them
 */
export function readContainer(source: Uint8Array, limits: ContainerLimits = {}): Container {
  if (!ArrayBuffer.isView(source)) {
    const found = Object.prototype.toString.call(source).slice(8, -1);
    throw new ModelFileError('MODEL_NOT_BYTES', `A model is given as the bytes of its file, a Uint8Array; found ${found}.`);
  }
  // A plain view: Node's Buffer is a Uint8Array whose slice() shares memory instead of copying it.
  const file = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (file.length < LENGTH_BYTES) {
    throw new ModelFileError(
      'MODEL_TOO_SHORT',
      `The file has ${file.length} bytes; a model file begins with ${LENGTH_BYTES} bytes of header length.`,
    );
  }
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const headerBytes = view.getUint32(4, true) * 0x1_0000_0000 + view.getUint32(0, true);
  const maximum = limits.headerBytes ?? DEFAULT_HEADER_BYTES;
  if (headerBytes > maximum) {
    throw new ModelFileError(
      'MODEL_HEADER_TOO_LARGE',
      `This is not a SparseTag model${describeStart(file)}: its header length at byte 0 would be ${view.getBigUint64(0, true)}, and at most ${maximum} is read.`,
    );
  }
  if (headerBytes > file.length - LENGTH_BYTES) {
    throw new ModelFileError(
      'MODEL_HEADER_TRUNCATED',
      `The header should end at byte ${LENGTH_BYTES + headerBytes}, but the file has ${file.length} bytes: it is cut short${describeStart(file)}.`,
    );
  }
  const dataStart = LENGTH_BYTES + headerBytes;
  const headerText = file.subarray(LENGTH_BYTES, dataStart);
  const maximumTensors = limits.tensors ?? DEFAULT_TENSORS;
  checkObjectCount(headerText, maximumTensors);
  const { metadata, entries } = readSchema(parseHeader(headerText), maximumTensors);
  const dataBytes = checkTiling(entries);
  if (dataBytes !== file.length - dataStart) {
    const [code, what] =
      dataBytes > file.length - dataStart
        ? ['MODEL_DATA_TRUNCATED', 'is cut short']
        : ['MODEL_DATA_TRAILING', 'goes on after the last tensor'];
    throw new ModelFileError(
      code,
      `The tensors should end at byte ${dataStart + dataBytes}, but the file has ${file.length} bytes: it ${what}.`,
    );
  }
  const tensors = new Map<string, ContainerTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const bytes = file.subarray(dataStart + begin, dataStart + end);
    if (dtype === 'F32') checkFinite(name, bytes, dataStart + begin);
    tensors.set(name, { name, dtype, shape, bytes });
  }
  return { metadata, tensors };
}

const HEADER_CODES: ReadonlyMap<string, string> = new Map([
  ['JSON_DUPLICATE_KEY', 'MODEL_HEADER_DUPLICATE_KEY'],
  ['JSON_FORBIDDEN_KEY', 'MODEL_HEADER_FORBIDDEN_KEY'],
  ['JSON_TOO_DEEP', 'MODEL_HEADER_TOO_DEEP'],
]);

function tooManyTensors(found: string, maximum: number): ModelFileError {
  return new ModelFileError('MODEL_TENSOR_COUNT', `The header describes ${found} tensors; at most ${maximum} are read.`);
}

/** Says that a header has not far too many tensors, at a glance: each is an object, so are their metadata and the header itself. */
function checkObjectCount(header: Uint8Array, maximum: number): void {
  const [quote, backslash, brace] = [0x22, 0x5c, 0x7b];
  let objects = 0;
  let isText = false;
  for (let at = 0; at < header.length; at++) {
    const byte = header[at]!;
    if (byte === quote) isText = !isText;
    else if (isText && byte === backslash) at++;
    else if (!isText && byte === brace) objects++;
  }
  if (objects > maximum + 2) throw tooManyTensors(`about ${objects}`, maximum);
}

function parseHeader(bytes: Uint8Array): JsonValue {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ModelFileError('MODEL_HEADER_UTF8', `The header (bytes ${LENGTH_BYTES} to ${LENGTH_BYTES + bytes.length}) is not UTF-8.`, {
      cause,
    });
  }
  try {
    return parseJson(text, { depth: HEADER_DEPTH, length: text.length });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    const at = LENGTH_BYTES + new TextEncoder().encode(text.slice(0, cause.offset)).length;
    throw new ModelFileError(
      HEADER_CODES.get(cause.code) ?? 'MODEL_HEADER_JSON',
      `The header is not what it must be at byte ${at}: ${cause.message}`,
      { cause },
    );
  }
}

interface Entry {
  readonly name: string;
  readonly dtype: ContainerDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function schemaError(message: string): ModelFileError {
  return new ModelFileError('MODEL_HEADER_SCHEMA', message);
}

function readSchema(header: JsonValue, maximumTensors: number): { metadata: Map<string, string>; entries: Entry[] } {
  if (!isJsonObject(header)) throw schemaError('The header must be a JSON object of tensors.');
  const { [METADATA_KEY]: declared = {}, ...described } = header;
  if (!isJsonObject(declared)) throw schemaError(`"${METADATA_KEY}" must be an object of strings.`);
  const metadata = new Map<string, string>();
  for (const [key, value] of Object.entries(declared)) {
    if (typeof value !== 'string') throw schemaError(`Metadata ${quote(key)} must be a string.`);
    metadata.set(key, value);
  }
  const tensors = Object.entries(described);
  if (tensors.length > maximumTensors) throw tooManyTensors(`${tensors.length}`, maximumTensors);
  const entries = tensors.map(([name, value]) => {
    if (!isJsonObject(value)) throw schemaError(`Tensor ${quote(name)} must be described by an object.`);
    const { dtype, shape, data_offsets: range, ...rest } = value;
    for (const key of Object.keys(rest)) throw schemaError(`Tensor ${quote(name)} has the unknown key ${quote(key)}.`);
    const [begin, end] = Array.isArray(range) && range.length === 2 ? range : [];
    if (!isSize(begin) || !isSize(end) || begin > end) {
      const found = JSON.stringify(range)?.slice(0, 80);
      throw new ModelFileError(
        'MODEL_TENSOR_RANGE',
        `Tensor ${quote(name)} has data_offsets ${found}; expected [begin, end], integers from 0 below 2^53.`,
      );
    }
    checkTensor(name, dtype, shape, end - begin);
    return { name, dtype: dtype as ContainerDtype, shape: shape as readonly number[], begin, end };
  });
  // Empty tensors first where several begin at one place, else by name: a total order.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end || compareCodeUnits(a.name, b.name));
  return { metadata, entries };
}

/** Each range must begin where the one before ends; returns the end of the last. */
function checkTiling(entries: readonly Entry[]): number {
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end) {
      const [code, what] =
        entry.begin < end ? ['MODEL_TENSOR_OVERLAP', 'overlaps the one before it'] : ['MODEL_TENSOR_HOLE', 'leaves a hole before it'];
      throw new ModelFileError(code, `Tensor ${quote(entry.name)} begins at data byte ${entry.begin}, but ${end} was next: it ${what}.`);
    }
    end = entry.end;
  }
  return end;
}
