import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Sha256, sha256Hex } from '../../src/io/sha256.js';

const reference = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

it.each([
  // FIPS 180-4 examples and the NIST short messages.
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
  [
    'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
    'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
  ],
  ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
])('gives the published digest of %.20s', (message, digest) => {
  expect(sha256Hex(message)).toBe(digest);
});

it('agrees with the host at every length around the block and chunk edges', () => {
  const bytes = Uint8Array.from({ length: 8400 }, (_, i) => (i * 151 + (i >> 5)) & 255);
  const lengths = [...Array.from({ length: 260 }, (_, i) => i), 4095, 4096, 4097, 4159, 4160, 8191, 8192, 8193, 8400];
  for (const length of lengths) expect(sha256Hex(bytes.subarray(0, length)), `${length} bytes`).toBe(reference(bytes.subarray(0, length)));
});

it('does not depend on how the message is cut, nor on where it lies in its buffer', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 }), (parts) => {
      const hash = new Sha256();
      for (const part of parts) {
        const host = new Uint8Array(part.length + 6);
        host.set(part, 3);
        hash.update(host.subarray(3, 3 + part.length));
      }
      expect(hash.hex()).toBe(reference(Buffer.concat(parts)));
    }),
    { seed: 1 },
  );
});

it('hashes strings as UTF-8', () => {
  expect(sha256Hex('\u00E9\u{1F600}')).toBe(reference(new TextEncoder().encode('\u00E9\u{1F600}')));
});

it('refuses to go on after the digest', () => {
  const hash = new Sha256();
  hash.digest();
  expect(() => hash.update(new Uint8Array(1))).toThrow('start a new Sha256');
  expect(() => hash.digest()).toThrow('start a new Sha256');
});
