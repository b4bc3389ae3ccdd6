import { describe, expect, test } from 'vitest';
import { chooseInput, guessFormat, readInput } from '../../cli/sentence-input.js';

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let begin = 0; begin < bytes.length; begin += size) yield bytes.subarray(begin, begin + size);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const COLUMNS = 'EU NNP\nrejects VBZ\n\nYes UH\n\n';

describe('without --input', () => {
  test.each([
    ['one sentence', 'EU rejects German call .\n'],
    ['sentences of unequal length', 'EU rejects German call .\nNo .\n'],
    ['one sentence, then an empty line', '\nEU rejects German call .\n\n'],
    ['nothing', ''],
  ])('%s is read as tokens', (_what, text) => {
    expect(guessFormat(text)).toBe('tokens');
  });

  test.each([
    ['columns between spaces', COLUMNS],
    ['columns between tabs', 'EU\tNNP\n'],
    ['a token a line', 'EU\nrejects\n\nNo\n'],
    ['a DOCSTART line', '-DOCSTART- -X-\n\nEU NNP\n'],
    ['CRLF line ends and a byte order mark', '\uFEFFEU NNP\r\nrejects VBZ\r\n\r\n'],
  ])('%s are read as CoNLL', (_what, text) => {
    expect(guessFormat(text)).toBe('conll');
  });

  test.each([1, 3, 1000])('the look at the first lines loses nothing, in pieces of %i bytes', async (size) => {
    const input = await chooseInput(pieces(COLUMNS, size), 'auto', false);
    expect(input.format).toBe('conll');
    const sentences = await collect(readInput(input, 'f', 0));
    expect(sentences.map(({ tokens }) => tokens)).toEqual([['EU', 'rejects'], ['Yes']]);
    expect(sentences[0]).toMatchObject({
      format: 'conll',
      rows: [
        ['EU', 'NNP'],
        ['rejects', 'VBZ'],
      ],
    });
  });
});

test.each([1, 4, 1000])('tokens are read a sentence a line, in pieces of %i bytes', async (size) => {
  const input = await chooseInput(pieces('Ärger  in\tKöln\r\n\n  \nja', size), 'tokens', false);
  const sentences = await collect(readInput(input, 'f', 0));
  expect(sentences.map(({ tokens }) => tokens)).toEqual([['Ärger', 'in', 'Köln'], ['ja']]);
});

test('bytes that are no UTF-8 are refused with their place', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(0x61, 0x0a, 0x62, 0xc3);
    yield Uint8Array.of(0x28);
  }
  const input = await chooseInput(broken(), 'tokens', false);
  await expect(collect(readInput(input, 'f', 0))).rejects.toMatchObject({
    code: 'TEXT_NOT_UTF8',
    message: expect.stringMatching(/^f:2:2/),
  });
});
