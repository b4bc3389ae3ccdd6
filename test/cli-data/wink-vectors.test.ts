import { describe, expect, test } from 'vitest';
import { winkVectorLines } from '../../cli/data/wink-vectors.js';
import { piecesOf } from './archives.js';

/** The shape of the package's one line: a list of words, then a table of numbers, norm and rank. */
function winkJson(words: readonly string[], rankOf: (i: number) => number = (i) => i): Buffer {
  const entries = words.map((word, i) => `${JSON.stringify(word)}:[${i}.25,-1e-05,2.${i},${rankOf(i)}]`);
  return Buffer.from(`{"precision":8,"words":${JSON.stringify(words)},"vectors":{${entries.join(',')}},"unkVector":[0,0,0,-1]}`);
}

async function linesOf(json: Uint8Array, limit: number, pieceSize = 64): Promise<{ text: string; nWords: number }> {
  let text = '';
  let nWords = 0;
  for await (const piece of winkVectorLines(piecesOf(json, pieceSize), { dimension: 2, limit, file: 'v.json' })) {
    text += piece.text;
    nWords += piece.nWords;
  }
  return { text, nWords };
}

const WORDS = ['the', ',', '"', '\\', 'naïve', '}', ']:[', 'vectors":{'];

describe('the vector reader', () => {
  test.each([1, 5, 64, 1 << 16])('writes words and numbers as they stand, from pieces of %i bytes', async (size) => {
    const { text, nWords } = await linesOf(winkJson(WORDS), WORDS.length, size);
    expect(text).toBe(WORDS.map((word, i) => `${word} ${i}.25 -1e-05\n`).join(''));
    expect(nWords).toBe(WORDS.length);
  });

  test('stops after as many words as are asked for, and reads no further', async () => {
    let nPieces = 0;
    const stream = async function* () {
      for await (const piece of piecesOf(winkJson(WORDS), 16)) {
        nPieces++;
        yield piece;
      }
    };
    let text = '';
    for await (const piece of winkVectorLines(stream(), { dimension: 2, limit: 1, file: 'v.json' })) text += piece.text;
    expect(text).toBe('the 0.25 -1e-05\n');
    expect(nPieces * 16).toBeLessThan(winkJson(WORDS).indexOf('"naïve":['));
  });

  test('leaves out words that a line cannot hold', async () => {
    expect(await linesOf(winkJson(['a', 'b c', '\u00a0', 'd']), 4)).toEqual({ text: 'a 0.25 -1e-05\nd 3.25 -1e-05\n', nWords: 2 });
  });

  test.each([
    ['has no table', Buffer.from('{"words":[]}'), /no table of vectors/],
    ['ends inside the table', winkJson(['a', 'b']).subarray(0, winkJson(['a', 'b']).indexOf('"b":[') + 8), /no end/],
    ['holds fewer words than asked for', winkJson(['a']), /holds 1 words, and 2 were/],
    ['is not in order of rank', winkJson(['a', 'b'], (i) => 1 - i), /the rank 0/],
    ['has another dimension', Buffer.from('{"vectors":{"a":[1,2,3,4,0]}}'), /does not hold 2 numbers/],
    ['has an entry without end', Buffer.from(`{"vectors":{"a":[${'1,'.repeat(50_000)}`), /entry without an end/],
  ])('refuses a file that %s', async (_fault, json, message) => {
    await expect(linesOf(json, 2)).rejects.toThrow(message);
    await expect(linesOf(json, 2)).rejects.toMatchObject({ code: 'DATA_VECTORS' });
  });
});
