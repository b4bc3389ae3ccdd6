import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { readTar } from '../../cli/data/tar.js';
import { type ArchiveMember, paxRecord, piecesOf, tarOf } from './archives.js';

async function contentsOf(archive: Uint8Array, pieceSize = 4096): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const entry of readTar(piecesOf(archive, pieceSize), 'a.tgz')) {
    found[entry.path] = await text(entry.body);
    expect(Buffer.byteLength(found[entry.path]!)).toBe(entry.size);
  }
  return found;
}

const LONG = `${'deep/'.repeat(30)}näme.txt`;
const MEMBERS: readonly ArchiveMember[] = [
  { path: 'folder/', type: '5' },
  { path: 'empty' },
  { path: 'block', content: 'x'.repeat(512) },
  { path: 'more', content: 'é'.repeat(700) },
  { path: 'name', prefix: 'before/the', content: 'prefixed' },
  { path: 'ignored', type: 'g', content: paxRecord('comment', 'for all entries') },
  { path: 'PaxHeader', type: 'x', content: paxRecord('mtime', '1.5') + paxRecord('path', LONG) },
  { path: 'cut short', content: 'long name' },
  { path: 'plain', content: 'last' },
  { path: 'link', type: '2' },
];

describe('the archive reader', () => {
  test.each([1, 7, 511, 512, 513, 1 << 20])('gives the files of an archive that arrives in pieces of %i bytes', async (size) => {
    expect(await contentsOf(tarOf(MEMBERS), size)).toEqual({
      empty: '',
      block: 'x'.repeat(512),
      more: 'é'.repeat(700),
      'before/the/name': 'prefixed',
      [LONG]: 'long name',
      plain: 'last',
    });
  });

  test('passes over what nobody reads, or reads to its end', async () => {
    const paths: string[] = [];
    for await (const entry of readTar(piecesOf(tarOf(MEMBERS), 100), 'a.tgz')) {
      paths.push(entry.path);
      if (entry.path === 'more') for await (const _ of entry.body) break;
    }
    expect(paths).toEqual(['empty', 'block', 'more', 'before/the/name', LONG, 'plain']);
  });

  test('reads no further than its caller', async () => {
    let nTaken = 0;
    const stream = async function* () {
      for await (const piece of piecesOf(tarOf([{ path: 'a' }, { path: 'b', content: 'x'.repeat(100_000) }]), 512)) {
        nTaken++;
        yield piece;
      }
    };
    for await (const _ of readTar(stream(), 'a.tgz')) break;
    expect(nTaken).toBe(1);
  });

  const whole = tarOf([{ path: 'a', content: 'x'.repeat(2000) }]);
  const flipped = Buffer.from(whole);
  flipped[3] = 1;
  test.each([
    ['ends inside a file', whole.subarray(0, 1200), /ends in the middle/],
    ['ends inside a header', whole.subarray(0, 300), /ends in the middle/],
    ['ends without the closing blocks', whole.subarray(0, 2560), /ends in the middle/],
    ['has a damaged header', flipped, /checksum/],
    ['is no archive', Buffer.from('<html>'.repeat(200)), /no ustar header/],
    ['claims a size that is no number', tarWithSize('9z'), /no octal number/],
    ['claims an extended header of a gigabyte', tarWithSize('10000000000', 'x'), /extended header claims/],
  ])('refuses one that %s', async (_fault, archive, message) => {
    await expect(contentsOf(archive)).rejects.toThrow(message);
    await expect(contentsOf(archive)).rejects.toMatchObject({ code: 'DATA_ARCHIVE' });
  });
});

/** One header with this text as size and a checksum that fits. */
function tarWithSize(size: string, type = '0'): Buffer {
  const header = tarOf([{ path: 'a', type }]).subarray(0, 512);
  header.write(size.padEnd(12, '\0'), 124, 'latin1');
  header.write('        ', 148, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
