import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError, CorpusError, ModelFileError, SparseTagError } from 'sparsetag';
import type { Host } from './host.js';

/** The short way to write an absolute path, for messages. */
export function displayName(file: string): string {
  const relative = path.relative(process.cwd(), file);
  // Dots alone name no place to a person.
  return !/^[./\\]*$/.test(relative) && relative.length < file.length ? relative : file;
}

/** Bytes of a file that is read whole, at most. */
const MOST_TEXT_BYTES = 1 << 30;
const MOST_MODEL_BYTES = 2 ** 31 - 1;
const MOST_CONFIG_BYTES = 1 << 24;
const MOST_INPUT_BYTES = 1 << 28;

/** The bytes of a text file. @throws {CorpusError} CORPUS_FILE_UNREADABLE */
export function readTextFile(file: string): Promise<Uint8Array> {
  return readFileWhole(file, MOST_TEXT_BYTES).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
}

/**
 * The bytes of a model file.
 * @param check throws where they are none
 * @throws {ModelFileError} as `readModel`
 */
export function readModelBytes(file: string, check: (bytes: Uint8Array) => unknown): Promise<Uint8Array> {
  return readModel(file, (bytes) => {
    check(bytes);
    return bytes;
  });
}

/**
 * What `read` makes of the bytes of a model file.
 * @throws {ModelFileError} that names the file: MODEL_FILE_UNREADABLE, and what `read` throws
 */
export async function readModel<T>(file: string, read: (bytes: Uint8Array) => T | Promise<T>): Promise<T> {
  const bytes = await readFileWhole(file, MOST_MODEL_BYTES).catch((cause: unknown) => {
    const advice = (cause as NodeJS.ErrnoException).code === 'EISDIR' ? '; the model of a run is model.safetensors in its folder' : '';
    throw new ModelFileError('MODEL_FILE_UNREADABLE', `${displayName(file)} cannot be read: ${reasonOf(cause)}${advice}`, { cause });
  });
  try {
    return await read(bytes);
  } catch (cause) {
    if (!(cause instanceof ModelFileError)) throw cause;
    throw new ModelFileError(cause.code, `${displayName(file)}: ${cause.message}`, { cause });
  }
}

/** The bytes of a config or an experiment. @throws {ConfigError} CONFIG_FILE_UNREADABLE */
export function readConfigBytes(file: string): Promise<Uint8Array> {
  return readFileWhole(file, MOST_CONFIG_BYTES).catch((cause: unknown) => {
    throw new ConfigError('CONFIG_FILE_UNREADABLE', `the config file ${file} cannot be read: ${reasonOf(cause)}`, { cause });
  });
}

/** A file that is not there to be read, in words. */
class Unreadable extends Error {}

export function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'a part of the path is no folder';
  if (code === 'EACCES') return 'permission is denied';
  if (code === 'ENOSPC') return 'the disk is full';
  if (code === 'ERR_INVALID_ARG_VALUE') return 'its name holds a NUL character';
  return message;
}

export function isFolder(place: string): Promise<boolean> {
  return stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * Makes a folder, and those above it, where it is not there. Node's own `mkdir` with `recursive` never ends where a folder takes
 * none and says that there is no such file, as those of /proc do.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const above = path.dirname(folder);
  if (above !== folder) await makeFolder(above);
  // Another process may have made it meanwhile.
  await mkdir(folder).catch(async (cause: unknown) => {
    if (!(await isFolder(folder))) throw cause;
  });
}

async function openFile(file: string): Promise<FileHandle> {
  // Whether anyone will ever write into a named pipe cannot be known; those that a shell makes (/dev/fd/63) have a writer.
  if ((await stat(file)).isFIFO() && !/^\/(dev|proc)\//.test(path.resolve(file)))
    throw new Unreadable('it is a named pipe; give a file, or redirect standard input');
  return open(file);
}

async function readFileWhole(file: string, maximum: number): Promise<Uint8Array> {
  const handle = await openFile(file);
  try {
    const { size } = await handle.stat();
    if (size > maximum) throw tooLarge(maximum);
    // Pipes and devices have no size, and may have no end.
    return size > 0 ? await handle.readFile() : await readWhole(handle.createReadStream({ autoClose: false }), maximum);
  } finally {
    await handle.close();
  }
}

function tooLarge(maximum: number): Unreadable {
  return new Unreadable(`it has more than ${maximum} bytes`);
}

async function readWhole(chunks: AsyncIterable<Uint8Array>, maximum: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maximum) throw tooLarge(maximum);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** Bytes of a file that are read at a time. */
const CHUNK_BYTES = 1 << 18;

/** A file as it is read. @throws {CorpusError} CORPUS_FILE_UNREADABLE */
export async function* streamFile(file: string): AsyncGenerator<Uint8Array> {
  try {
    const handle = await openFile(file);
    yield* handle.createReadStream({ highWaterMark: CHUNK_BYTES }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw cause instanceof SparseTagError ? cause : unreadable(file, cause);
  }
}

/** A stream of bytes: a file, or standard input for `-` and nothing. @throws {CorpusError} CORPUS_FILE_UNREADABLE */
export async function* openInput(file: string | undefined, host: Host): AsyncGenerator<Uint8Array> {
  if (file !== undefined && file !== '-') {
    yield* streamFile(file);
    return;
  }
  try {
    yield* host.stdin;
  } catch (cause) {
    throw unreadable(inputName(file), cause);
  }
}

/** {@link openInput}, whole. @throws {CorpusError} CORPUS_FILE_UNREADABLE */
export async function readInputWhole(file: string | undefined, host: Host): Promise<Uint8Array> {
  return readWhole(openInput(file, host), MOST_INPUT_BYTES).catch((cause: unknown) => {
    throw cause instanceof SparseTagError ? cause : unreadable(inputName(file), cause);
  });
}

function unreadable(file: string, cause: unknown): CorpusError {
  return new CorpusError('CORPUS_FILE_UNREADABLE', `${displayName(file)} cannot be read: ${reasonOf(cause)}`, undefined, { cause });
}

/** What the input is called in messages. */
export function inputName(file: string | undefined): string {
  return file === undefined || file === '-' ? '<stdin>' : file;
}

/**
 * Replaces `file` by `data` (pieces: one after the other) at once: whoever reads it sees the old content or the new, whole, even
 * after a loss of power. @param displaced what becomes of the old content is another file; default: it is lost
 */
export async function writeFileAtomically(
  file: string,
  data: Uint8Array | string | readonly Uint8Array[],
  displaced?: string,
): Promise<void> {
  const temporary = `${file}${UNFINISHED}`;
  try {
    const handle = await open(temporary, 'w');
    try {
      for (const piece of Array.isArray(data) ? data : [data]) await handle.writeFile(piece);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (displaced !== undefined) await rename(file, displaced).catch(ignoreMissing);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    // Nobody has asked for the temporary one.
    throw Object.assign(error as NodeJS.ErrnoException, { path: file });
  }
  await syncFolder(path.dirname(file));
}

/** Someone may have taken a file away meanwhile. */
function ignoreMissing(cause: NodeJS.ErrnoException): void {
  if (cause.code !== 'ENOENT') throw cause;
}

/** Ends the name of a file that is being written. */
export const UNFINISHED = '.part';

/** Makes names in a folder last through a loss of power. Windows cannot, and has its file system's journal instead. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
