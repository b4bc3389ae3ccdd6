import { gzipSync } from 'node:zlib';

const BLOCK = 512;

/** What goes into an archive of a test. */
export interface ArchiveMember {
  readonly path: string;
  readonly content?: string | Uint8Array;
  /** `0` file, `5` folder, `2` link, `x` and `g` pax headers. */
  readonly type?: string;
  /** Goes before `path` in the ustar prefix field. */
  readonly prefix?: string;
}

/** A tar archive in ustar form, byte by byte, so that the reader is held against the format and not against itself. */
export function tarOf(members: readonly ArchiveMember[]): Buffer {
  const blocks = members.flatMap(({ path, content = '', type = '0', prefix = '' }) => {
    const body = Buffer.from(content as string);
    const header = Buffer.alloc(BLOCK);
    header.write(path, 0, 100, 'utf8');
    header.write('0000644\0', 100, 'latin1');
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    header.write('        ', 148, 'latin1');
    header.write(type, 156, 'latin1');
    header.write('ustar\0' + '00', 257, 'latin1');
    header.write(prefix, 345, 155, 'utf8');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return [header, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** A pax record: its length counts itself. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + `${length}`.length) length = rest + `${length}`.length;
  return `${length} ${key}=${value}\n`;
}

/** A package as the registry serves it: every file below `package/`. */
export function packageOf(files: Readonly<Record<string, string>>): Buffer {
  return gzipSync(tarOf(Object.entries(files).map(([name, content]) => ({ path: `package/${name}`, content }))));
}

/** Bytes as a stream of pieces of one size. */
export async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
