import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { CorpusError, ModelFileError, SparseTagError } from 'sparsetag';
import type { Host } from './host.js';

/** The short way to write an absolute path, for messages. */
export function displayName(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative !== '' && relative.length < file.length ? relative : file;
}

/** The bytes of a text file. @throws {CorpusError} CORPUS_FILE_UNREADABLE */
export function readTextFile(file: string): Promise<Uint8Array> {
  return readOr(
    file,
    (reason, cause) => new CorpusError('CORPUS_FILE_UNREADABLE', `${displayName(file)} cannot be read: ${reason}`, undefined, { cause }),
  );
}

/** The bytes of a model file. @throws {ModelFileError} MODEL_FILE_UNREADABLE */
export function readModelBytes(file: string): Promise<Uint8Array> {
  return readOr(
    file,
    (reason, cause) => new ModelFileError('MODEL_FILE_UNREADABLE', `${displayName(file)} cannot be read: ${reason}`, { cause }),
  );
}

async function readOr(file: string, refusal: (reason: string, cause: unknown) => SparseTagError): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw refusal(reasonOf(cause), cause);
  }
}

export function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'a part of the path is no folder';
  if (code === 'EACCES') return 'permission is denied';
  if (code === 'ENOSPC') return 'the disk is full';
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

/** A stream of bytes: a file, or standard input for `-` and nothing. */
export async function* openInput(file: string | undefined, host: Host): AsyncGenerator<Uint8Array> {
  if (file === undefined || file === '-') {
    yield* host.stdin;
    return;
  }
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
  try {
    yield* handle.createReadStream() as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw cause instanceof SparseTagError ? cause : unreadable(file, cause);
  }
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
    if (displaced !== undefined) await rename(file, displaced);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(path.dirname(file));
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

export async function readWhole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
