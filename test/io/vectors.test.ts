import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WordVectors } from '../../src/data/sentence.js';
import { CorpusError } from '../../src/errors.js';
import { readVectors } from '../../src/io/vectors.js';
import { bytesOf, chunksOf, rejectionOf } from '../helpers/text.js';

function read(text: string | Uint8Array, limit = 0, size = 7): Promise<WordVectors> {
  return readVectors(chunksOf(typeof text === 'string' ? bytesOf(text) : text, size), { file: 'v.txt', limit });
}

async function refusal(text: string | Uint8Array): Promise<[string, string]> {
  const error = (await rejectionOf(read(text), CorpusError))!;
  const { file, line, column } = error.position!;
  return [error.code, `${file}:${line}:${column}`];
}

describe('word vectors', () => {
  const expected = { words: ['the', 'of'], dimension: 3, values: Float32Array.of(0.25, -1, 3e-5, 1, 2, 3) };
  test.each([
    ['GloVe text', 'the 0.25 -1 3e-5\nof 1 2 3\n'],
    ['word2vec text', '2 3\nthe 0.25 -1 3e-5\nof 1 2 3\n'],
    ['trailing blanks, CRLF, blank lines, no line end at the end', '2 3\r\nthe 0.25 -1.0 .3e-4 \r\n\r\nof +1 2. 3.000'],
    ['tabs', 'the\t0.25\t-1\t3e-5\nof\t1\t2\t3\n'],
    ['a byte order mark', '\ufeffthe 0.25 -1 3e-5\nof 1 2 3\n'],
    ['a word that is there twice: the first counts', 'the 0.25 -1 3e-5\nof 1 2 3\nthe 7 7 7\n'],
  ])('are read from %s', async (_what, text) => {
    for (const size of [1, 7, 1000]) expect(await read(text, 0, size)).toEqual(expected);
  });

  test('may belong to words with spaces, of numbers, and of any script', async () => {
    const text = '1999 2 3.5\n. . . 0.5 1\nat name@domain.com 4 5\n日本 6 7\n__proto__ 8 9\n3.5 1 1\n';
    expect((await read(text)).words).toEqual(['1999', '. . .', 'at name@domain.com', '日本', '__proto__', '3.5']);
  });

  test('end at the limit, and nothing is read after it', async () => {
    let chunks = 0;
    async function* endless() {
      for (;;) yield bytesOf(`w${chunks++} 1 2\n`);
    }
    const vectors = await readVectors(endless(), { file: 'v.txt', limit: 3 });
    expect(vectors).toEqual({ words: ['w0', 'w1', 'w2'], dimension: 2, values: Float32Array.of(1, 2, 1, 2, 1, 2) });
    expect(chunks).toBe(3);
    expect((await read('a 1\nb 2\nc broken\n', 2)).words).toEqual(['a', 'b']);
  });

  test('have the f32 nearest to the f64 that the engine reads, for any decimal', async () => {
    const digits = fc.stringMatching(/^[0-9]{1,20}$/);
    const decimal = fc.oneof(
      fc.tuple(fc.constantFrom('', '-', '+'), digits, digits).map(([sign, a, b]) => `${sign}${a}.${b}`),
      fc.tuple(fc.constantFrom('', '-'), digits).map(([sign, a]) => `${sign}.${a}`),
      fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.double({ min: -1e3, max: 1e3, noNaN: true }).map(String),
      digits,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(decimal, { minLength: 1, maxLength: 20 }), async (numbers) => {
        const { values } = await read(`word ${numbers.join(' ')}\n`, 0, 64);
        expect(values).toEqual(Float32Array.from(numbers, (text) => Math.fround(Number(text))));
      }),
      { numRuns: 300 },
    );
  });

  test('fill tables of more than one block', async () => {
    const dimension = 1 << 19;
    const line = (word: string, value: string) => bytesOf(`${word}${` ${value}`.repeat(dimension)}\n`);
    async function* lines() {
      yield line('a', '1');
      yield line('b', '2');
      yield line('c', '3');
    }
    const { words, values } = await readVectors(lines(), { file: 'v.txt', limit: 0 });
    expect(words).toEqual(['a', 'b', 'c']);
    expect(values.length).toBe(3 * dimension);
    expect([0, dimension - 1, dimension, 2 * dimension, 3 * dimension - 1].map((i) => values[i])).toEqual([1, 1, 2, 3, 3]);
  });
});

describe('word vectors are refused', () => {
  test.each([
    ['with a number too few', 'a 1 2\nb 1\n', 'VECTORS_DIMENSION', 'v.txt:2:4'],
    ['with a number too many', 'a 1 2\nb 1 2 3\n', 'VECTORS_DIMENSION', 'v.txt:2:8'],
    ['with another dimension than the header says', '1 3\na 1 2\n', 'VECTORS_DIMENSION', 'v.txt:2:6'],
    ['with a header of an impossible dimension', '1 999999999999\na 1 2\n', 'VECTORS_DIMENSION', 'v.txt:2:6'],
    ['without numbers', 'just\nwords\n', 'VECTORS_DIMENSION', 'v.txt:1:5'],
    ['without a word', 'a 1 2\n 1 2\n', 'VECTORS_DIMENSION', 'v.txt:2:5'],
    ['cut off inside a line', 'a 0.1 0.2\nbc 0.3', 'VECTORS_DIMENSION', 'v.txt:2:7'],
    ['with a word for a number', 'a 1 2\né 1 x2\n', 'VECTORS_NOT_A_NUMBER', 'v.txt:2:5'],
    ['with a hexadecimal number', 'a 1 0x2\n', 'VECTORS_NOT_A_NUMBER', 'v.txt:1:5'],
    ['with a NaN', 'a 1 nan\n', 'VECTORS_NOT_A_NUMBER', 'v.txt:1:5'],
    ['with an infinite number', 'a Infinity 2\n', 'VECTORS_NOT_A_NUMBER', 'v.txt:1:3'],
    ['with a number beyond f32', 'a 1 1e39\n', 'VECTORS_NOT_A_NUMBER', 'v.txt:1:5'],
    ['with a lone sign', 'a 1 -\n', 'VECTORS_NOT_A_NUMBER', 'v.txt:1:5'],
    ['with a lone dot', 'a . 1\n', 'VECTORS_NOT_A_NUMBER', 'v.txt:1:3'],
    ['with two dots', 'a 1.2.3 1\n', 'VECTORS_NOT_A_NUMBER', 'v.txt:1:3'],
    ['when there is nothing', '', 'VECTORS_EMPTY', 'v.txt:1:1'],
    ['when there is a header alone', '2 3\n', 'VECTORS_EMPTY', 'v.txt:1:1'],
    ['with a NUL in a word', 'a 1\nb\0c 1\n', 'TEXT_NUL', 'v.txt:2:2'],
  ])('%s', async (_what, text, code, place) => {
    expect(await refusal(text)).toEqual([code, place]);
  });

  test('with a word that is not UTF-8', async () => {
    expect(await refusal(Uint8Array.from([...bytesOf('a 1\nb'), 0xe9, ...bytesOf(' 1\n')]))).toEqual(['TEXT_NOT_UTF8', 'v.txt:2:2']);
  });

  test('when the word2vec file is the binary one', async () => {
    const numbers = new Uint8Array(Float32Array.of(0.1, 0.2, 0.3, 0.4).buffer);
    const bytes = Uint8Array.from([...bytesOf('1 4\nword '), ...numbers, 10]);
    const error = await rejectionOf(read(bytes), CorpusError);
    expect(error?.code).toMatch(/^VECTORS_/);
  });

  test('with an endless line', async () => {
    async function* endless() {
      for (;;) yield new Uint8Array(1 << 20).fill(0x61);
    }
    const error = await rejectionOf(readVectors(endless(), { file: 'v.txt', limit: 0 }), CorpusError);
    expect([error?.code, error?.position?.line]).toEqual(['VECTORS_LINE_TOO_LONG', 1]);
  });
});

test('reading word vectors stops at a signal', async () => {
  const controller = new AbortController();
  let chunks = 0;
  async function* endless() {
    for (;;) {
      if (++chunks === 5) controller.abort();
      yield bytesOf(`w${chunks} 1 2\n`);
    }
  }
  await expect(readVectors(endless(), { file: 'v.txt', limit: 0, signal: controller.signal })).rejects.toThrow(/abort/i);
  expect(chunks).toBe(5);
});

test('arbitrary bytes are read or refused with a typed error, nothing else', async () => {
  const pieces = fc.array(fc.constantFrom('a', '1', ' ', '\t', '\n', '\r', '.', '-', 'e5', '3 4\n', 'é', '\0'), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        pieces.map((p) => bytesOf(p.join(''))),
        fc.uint8Array({ maxLength: 60 }),
      ),
      async (bytes) => {
        let vectors: WordVectors | null = null;
        const error = await rejectionOf(
          read(bytes).then((read) => {
            vectors = read;
          }),
          CorpusError,
        );
        if (error) expect(error.message).toMatch(/^v\.txt:\d+:\d+: /);
        const found = vectors as WordVectors | null;
        if (found) expect([found.values.length, found.values.every(Number.isFinite)]).toEqual([found.words.length * found.dimension, true]);
      },
    ),
    { numRuns: 1000 },
  );
});
