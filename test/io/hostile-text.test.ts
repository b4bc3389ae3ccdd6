import { describe, expect, test } from 'vitest';
import { CorpusError } from '../../src/errors.js';
import { parseConllBytes, readConllStream } from '../../src/io/conll.js';
import { conlluLabels, parseConlluBytes, readConlluStream } from '../../src/io/conllu.js';
import { jsonLabels, parseJsonLinesBytes, readJsonLinesStream } from '../../src/io/json-lines.js';
import { MAXIMUM_COLUMNS, MAXIMUM_SENTENCE_LENGTH } from '../../src/io/limits.js';
import { readTokenLinesStream } from '../../src/io/token-lines.js';
import { readVectors } from '../../src/io/vectors.js';
import { leastProcessorTime } from '../helpers/processor-time.js';
import { bytesOf, chunksOf, rejectionOf } from '../helpers/text.js';

// Texts that are made to take memory or time: each is refused where it goes too far, with line and column.

type Stream = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<unknown>;

const FILE = 'f';
const MEGABYTE = 1 << 20;

const READERS: Readonly<Record<string, Stream>> = {
  conll: (chunks) => readConllStream(chunks, { file: FILE, tokenColumn: 0, columns: [] }),
  conllu: (chunks) => readConlluStream(chunks, FILE),
  jsonl: (chunks) => readJsonLinesStream(chunks, FILE),
  tokens: (chunks) => readTokenLinesStream(chunks, FILE),
};

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

async function refusal(format: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const error = (await rejectionOf(drain(READERS[format]!(chunks)), CorpusError))!;
  return `${error.code} ${error.position!.line}:${error.position!.column}`;
}

/** `piece` over and over, without an end: only a refusal stops the reader. */
async function* endless(piece: string, before = ''): AsyncGenerator<Uint8Array> {
  yield bytesOf(before);
  const chunk = bytesOf(piece.repeat(Math.ceil(MEGABYTE / piece.length)));
  for (;;) yield chunk;
}

const row = (id: number | string, form = 'a'): string => `${id}\t${form}\t_\t_\t_\t_\t_\t_\t_\t_\n`;
const million = <T>(item: T): T[] => new Array<T>(1_000_000).fill(item);

describe('a sentence without end is refused', () => {
  test.each([
    ['conll', 'a line a token', endless('a b\n'), 'CORPUS_SENTENCE_TOO_LONG 10001:1'],
    ['conll', 'few tokens, many columns', endless(`${'x'.repeat(250)} `.repeat(255).concat('y\n')), 'CORPUS_SENTENCE_TOO_LONG 263:1'],
    [
      'conllu',
      'words',
      chunksOf(bytesOf(Array.from({ length: 20_000 }, (_, i) => row(i + 1)).join('')), MEGABYTE),
      'CORPUS_SENTENCE_TOO_LONG 10001:1',
    ],
    [
      'conllu',
      'comments alone',
      endless(`#${'x'.repeat(98)}\n`),
      `CORPUS_SENTENCE_TOO_LONG ${Math.floor(MAXIMUM_SENTENCE_LENGTH / 100) + 1}:1`,
    ],
    ['tokens', 'one line', endless('a '), 'CORPUS_LINE_TOO_LONG 1:65537'],
    ['tokens', 'one line below the limit', chunksOf(bytesOf('a '.repeat(20_000)), MEGABYTE), 'CORPUS_SENTENCE_TOO_LONG 1:1'],
    ['jsonl', 'one line', endless('"a",', '{"tokens":['), `CORPUS_LINE_TOO_LONG 1:${MAXIMUM_SENTENCE_LENGTH + 1}`],
    [
      'jsonl',
      'a million tokens',
      chunksOf(bytesOf(`${JSON.stringify({ tokens: million('a') })}\n`), MEGABYTE),
      'CORPUS_SENTENCE_TOO_LONG 1:2',
    ],
  ])('%s: %s', async (format, _, chunks, expected) => {
    expect(await refusal(format, chunks)).toBe(expected);
  });
});

describe('a token of ten megabytes is refused', () => {
  const token = 'x'.repeat(10 * MEGABYTE);
  test.each([
    ['conll', `a\n${token}\n`, 'CORPUS_TOKEN_TOO_LONG 2:1'],
    ['conllu', row(1, token), 'CORPUS_LINE_TOO_LONG 1:65537'],
    ['conllu', row(1, 'x'.repeat(1001)), 'CORPUS_TOKEN_TOO_LONG 1:3'],
    ['tokens', `a\n${token}\n`, 'CORPUS_LINE_TOO_LONG 2:65537'],
    ['jsonl', `{"tokens":["a","${token}"]}\n`, 'CORPUS_TOKEN_TOO_LONG 1:2'],
  ])('%s (case %#)', async (format, text, expected) => {
    for (const size of [4096, 100_000_000]) expect(await refusal(format, chunksOf(bytesOf(text), size))).toBe(expected);
  });

  test('in word vectors it is a word like any other, and no number', async () => {
    const read = (text: string) => readVectors(chunksOf(bytesOf(text), MEGABYTE), { file: FILE, limit: 0 });
    expect((await read(`${token} 1 2\n`)).words[0]!.length).toBe(token.length);
    expect((await rejectionOf(read(`a 1 2\nb 1 ${token}\n`), CorpusError))!.code).toBe('VECTORS_NOT_A_NUMBER');
  });
});

test.each(Object.keys(READERS))('%s: NUL and broken UTF-8 are refused where they are, after what is wrong before them', async (format) => {
  const good = { conll: 'a\n\n', conllu: `${row(1)}\n`, jsonl: '{"tokens":["a"]}\n', tokens: 'a\n' }[format]!;
  const bad = { conll: 'a b\rc\n', conllu: 'a\n', jsonl: '{\n', tokens: `${'x'.repeat(1001)}\n` }[format]!;
  const lines = good.split('\n').length;
  for (const [stray, code] of [
    [0x00, 'TEXT_NUL'],
    [0xff, 'TEXT_NOT_UTF8'],
  ] as const) {
    for (const size of [1, 3, 1000]) {
      const file = (text: string) => chunksOf(Uint8Array.of(...bytesOf(text), ...bytesOf('ab'), stray, 0x0a), size);
      expect(await refusal(format, file(good))).toBe(`${code} ${lines}:3`);
      expect(await refusal(format, file(bad))).not.toMatch(/^TEXT_/);
    }
  }
});

test('a hundred thousand labels are read', () => {
  const text = Array.from({ length: 100_000 }, (_, i) => `w\tL${i}\n${i % 50 === 49 ? '\n' : ''}`).join('');
  const sentences = parseConllBytes(bytesOf(text), { file: FILE, tokenColumn: 0, columns: [1] });
  expect(new Set(sentences.flatMap(({ labels }) => labels[0]!)).size).toBe(100_000);
});

test('a line of more columns than a config can name is refused', async () => {
  const columns = (count: number) => chunksOf(bytesOf(`${new Array(count).fill('x').join(' ')}\n`), MEGABYTE);
  await drain(READERS.conll!(columns(MAXIMUM_COLUMNS)));
  expect(await refusal('conll', columns(MAXIMUM_COLUMNS + 1))).toBe(`CORPUS_COLUMN_COUNT 1:${2 * MAXIMUM_COLUMNS + 1}`);
});

describe('a label that no model could store is refused', () => {
  const labelled = (tokens: string[], ner: unknown, text?: string) => {
    const [sentence] = parseJsonLinesBytes(bytesOf(JSON.stringify({ tokens, text, ner })), FILE);
    return jsonLabels(sentence!, ['ner'], FILE);
  };
  test.each([
    ['a line end in a label', ['a'], ['B\nC'], undefined],
    ['a tab in a label', ['a'], ['B\tC'], undefined],
    ['a label of any length', ['a'], ['x'.repeat(1001)], undefined],
    ['a line end in a token', ['a\nb'], ['O'], undefined],
    ['a line end in the label of a span', ['a'], [{ start: 0, end: 1, label: 'X\n' }], 'a'],
    ['an empty label of a span', ['a'], [{ start: 0, end: 1, label: '' }], 'a'],
  ])('JSON Lines: %s', (_, tokens, ner, text) => {
    expect(() => labelled(tokens, ner, text)).toThrow(CorpusError);
  });

  test('CoNLL-U: a column of any length', () => {
    const [sentence] = parseConlluBytes(bytesOf(`1\ta\t${'x'.repeat(1001)}\t_\t_\t_\t_\t_\t_\t_\n\n`), FILE);
    expect(() => conlluLabels(sentence!, ['lemma'], FILE)).toThrow(/^f:1:5: label lemma has 1001 UTF-16 units/);
  });
});

test('ten thousand spans over ten thousand tokens take no time to place', () => {
  const tokens = Array.from({ length: 10_000 }, (_, i) => `${i}`);
  const text = tokens.join(' ');
  let start = 0;
  const ner = tokens.map((token) => {
    const span = { start, end: start + token.length, label: 'N' };
    start = span.end + 1;
    return span;
  });
  const [sentence] = parseJsonLinesBytes(bytesOf(JSON.stringify({ text, ner })), FILE);
  const place = (): void => expect(new Set(jsonLabels(sentence!, ['ner'], FILE).labels[0])).toEqual(new Set(['B-N']));
  expect(leastProcessorTime(500, place)).toBeLessThan(500);
});
