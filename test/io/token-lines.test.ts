import { describe, expect, test } from 'vitest';
import { CorpusError } from '../../src/errors.js';
import { MAXIMUM_LINE_LENGTH, MAXIMUM_SENTENCE_TOKENS, MAXIMUM_TOKEN_LENGTH } from '../../src/io/limits.js';
import { readTokenLinesStream } from '../../src/io/token-lines.js';
import { bytesOf, chunksOf, rejectionOf } from '../helpers/text.js';

async function read(text: string, size = 7): Promise<(readonly string[])[]> {
  const sentences: (readonly string[])[] = [];
  for await (const tokens of readTokenLinesStream(chunksOf(bytesOf(text), size), 'f')) sentences.push(tokens);
  return sentences;
}

describe('sentences a line', () => {
  test.each([1, 3, 1000])('are tokens between spaces and tabs, in pieces of %i bytes', async (size) => {
    const text = '\ufeffÄrger  in\tKöln \r\n\r\n \t\n#\u00a0# -DOCSTART-\nno end';
    expect(await read(text, size)).toEqual([
      ['Ärger', 'in', 'Köln'],
      ['#\u00a0#', '-DOCSTART-'],
      ['no', 'end'],
    ]);
  });

  test('may be as long as the limits say', async () => {
    const long = 'x'.repeat(MAXIMUM_TOKEN_LENGTH);
    const many = 'a '.repeat(MAXIMUM_SENTENCE_TOKENS);
    expect((await read(`${long}\n${many}\n`, 1000)).map(({ length }) => length)).toEqual([1, MAXIMUM_SENTENCE_TOKENS]);
  });

  test.each([
    ['a huge token', `a\nb ${'x'.repeat(MAXIMUM_TOKEN_LENGTH + 1)}\n`, 'CORPUS_TOKEN_TOO_LONG', 'f:2:3'],
    ['a huge sentence', `a\n${'b '.repeat(MAXIMUM_SENTENCE_TOKENS + 1)}\n`, 'CORPUS_SENTENCE_TOO_LONG', 'f:2:1'],
    ['an endless line', 'a\nb\n'.concat('c '.repeat(MAXIMUM_LINE_LENGTH)), 'CORPUS_LINE_TOO_LONG', `f:3:${MAXIMUM_LINE_LENGTH + 1}`],
    ['a NUL', 'a\nb\0', 'TEXT_NUL', 'f:2:2'],
  ])('with %s are refused with their place', async (_, text, code, place) => {
    const error = await rejectionOf(read(text, 1000), CorpusError);
    expect(error?.code).toBe(code);
    expect(error?.message.startsWith(`${place}: `)).toBe(true);
  });
});
