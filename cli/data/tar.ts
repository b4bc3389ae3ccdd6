import { CorpusError } from 'sparsetag';

/** A regular file inside an archive. Its body can be read until the next entry is asked for. */
export interface TarEntry {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly body: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
/** Extended headers hold names; one larger than this is not from npm. */
const MAX_HEADER_BYTES = 1 << 20;

/** Field of a ustar header: offset and length in bytes. */
const NAME = [0, 100] as const;
const SIZE = [124, 12] as const;
const CHECKSUM = [148, 8] as const;
const TYPE = 156;
const MAGIC = [257, 5] as const;
const PREFIX = [345, 155] as const;

/**
 * Reads a tar archive (ustar with pax headers, as npm writes it) from a stream of bytes, entry by entry, holding no more
 * than one piece of the stream. Folders and links are passed over.
 *
 * @param archive name for messages
 * @throws {CorpusError} DATA_ARCHIVE when the bytes are not such an archive or end early
 */
export async function* readTar(stream: AsyncIterable<Uint8Array>, archive: string): AsyncGenerator<TarEntry> {
  const bytes = new ByteQueue(stream, archive);
  let extended = new Map<string, string>();
  try {
    for (;;) {
      const header = await bytes.take(BLOCK);
      if (header.every((byte) => byte === 0)) return;
      checkHeader(header, archive);
      const size = Number(extended.get('size') ?? octalField(header, SIZE, archive));
      if (!Number.isSafeInteger(size) || size < 0) throw damaged(archive, `an entry claims a size of ${size} bytes`);
      const type = String.fromCharCode(header[TYPE] as number);
      const body = bytes.takePieces(size);
      if (type === 'x' || type === 'g') {
        if (size > MAX_HEADER_BYTES) throw damaged(archive, `an extended header claims ${size} bytes`);
        const records = paxRecords(await collect(body));
        if (type === 'x') extended = records;
      } else {
        const ustarPath = [textField(header, PREFIX), textField(header, NAME)].filter((part) => part !== '').join('/');
        const path = extended.get('path') ?? ustarPath;
        extended = new Map();
        if (type === '0' || type === '\0') yield { path, size, body };
      }
      // What the reader of the entry left over, then the padding to the next block.
      for await (const _ of body);
      await bytes.take((BLOCK - (size % BLOCK)) % BLOCK);
    }
  } finally {
    await bytes.close();
  }
}

/** Takes exact numbers of bytes off a stream of pieces of any size. */
class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(
    stream: AsyncIterable<Uint8Array>,
    readonly archive: string,
  ) {
    this.#source = stream[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Uint8Array> {
    return collect(this.takePieces(count));
  }

  /** The next `count` bytes. Iterating again goes on where the last iteration stopped. */
  takePieces(count: number): AsyncIterable<Uint8Array> {
    let left = count;
    const next = async (): Promise<IteratorResult<Uint8Array>> => {
      if (left === 0) return { done: true, value: undefined };
      if (this.#rest.length === 0) await this.#refill();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      return { done: false, value: piece };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #refill(): Promise<void> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#source.next();
      if (done) throw damaged(this.archive, 'the archive ends in the middle of an entry');
      this.#rest = value;
    }
  }
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return all.length === 1 ? (all[0] as Uint8Array) : Buffer.concat(all);
}

function checkHeader(header: Uint8Array, archive: string): void {
  if (textField(header, MAGIC) !== 'ustar') throw damaged(archive, 'an entry has no ustar header');
  const [offset, length] = CHECKSUM;
  const spaces = length * 0x20;
  const sum = header.reduce((total, byte, i) => (i >= offset && i < offset + length ? total : total + byte), spaces);
  if (sum !== octalField(header, CHECKSUM, archive)) throw damaged(archive, 'the checksum of an entry does not match its header');
}

function textField(header: Uint8Array, [offset, length]: readonly [number, number]): string {
  const field = Buffer.from(header.subarray(offset, offset + length));
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

function octalField(header: Uint8Array, field: readonly [number, number], archive: string): number {
  const digits = textField(header, field).trim();
  if (!/^[0-7]+$/.test(digits)) throw damaged(archive, `"${digits}" is no octal number`);
  return Number.parseInt(digits, 8);
}

/** Records `length key=value\n`, where the length counts the whole record in bytes. */
function paxRecords(data: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  const bytes = Buffer.from(data);
  for (let at = 0; at < bytes.length; ) {
    const length = Number.parseInt(bytes.toString('latin1', at, at + 12), 10);
    if (!(length > 0)) break;
    const record = bytes.toString('utf8', at, at + length - 1);
    const equals = record.indexOf('=');
    records.set(record.slice(record.indexOf(' ') + 1, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

/** The error for bytes that are no archive. */
export function damaged(archive: string, fault: string): CorpusError {
  return new CorpusError('DATA_ARCHIVE', `${archive} is not a readable archive: ${fault}; fetch it again with --force`);
}
