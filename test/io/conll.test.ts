import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorpusError } from '../../src/errors.js';
import { type ConllOptions, type ConllSentence, formatConll, parseConll, parseConllBytes, readConllStream } from '../../src/io/conll.js';
import { MAXIMUM_LINE_LENGTH, MAXIMUM_SENTENCE_TOKENS, MAXIMUM_TOKEN_LENGTH } from '../../src/io/limits.js';
import { bytesOf, chunksOf, errorOf, rejectionOf } from '../helpers/text.js';

const options: ConllOptions = { file: 'a.txt', tokenColumn: 0, columns: [1] };
const tokensOnly: ConllOptions = { file: '-', tokenColumn: 0, columns: [] };

async function readAll(text: string, size: number, given = options): Promise<ConllSentence[]> {
  const sentences: ConllSentence[] = [];
  for await (const sentence of readConllStream(chunksOf(bytesOf(text), size), given)) sentences.push(sentence);
  return sentences;
}

function shortForm(text: string, given = options): string {
  return parseConll(text, given)
    .map(({ tokens, labels }) => tokens.map((token, i) => [token, ...labels.map((column) => column[i])].join('/')).join(' '))
    .join(' | ');
}

function refusal(text: string, given = options): [string, string] {
  const error = errorOf(() => parseConll(text, given), CorpusError)!;
  const { file, line, column } = error.position!;
  return [error.code, `${file}:${line}:${column}`];
}

describe('CoNLL columns', () => {
  test.each([
    ['one space', 'EU B\nrejects O\n\nPeter B\n\n', 'EU/B rejects/O | Peter/B'],
    ['runs of spaces, leading and trailing too', ' EU   B \nrejects O\n', 'EU/B rejects/O'],
    ['tabs', 'EU\tB\nrejects\tO\n', 'EU/B rejects/O'],
    ['tabs, with spaces inside a token', 'New York\tB\nrejects \t O\n', 'New York/B rejects/O'],
    ['CRLF', 'EU B\r\n\r\nPeter B\r\n', 'EU/B | Peter/B'],
    ['no line end at the end', 'EU B\nrejects O', 'EU/B rejects/O'],
    ['lines of blanks between sentences', 'EU B\n \t \n\n  \nPeter B', 'EU/B | Peter/B'],
    ['-DOCSTART- lines of any number of columns', '-DOCSTART- -X- O O\n\nEU B\n-DOCSTART-\nPeter B\n', 'EU/B | Peter/B'],
    ['# as a token', '# O\n#1 O\n\n# B\n', '#/O #1/O | #/B'],
    ['blanks that are not ASCII, as part of a token', 'a\u00a0b O\nc\u2028d O\n', 'a\u00a0b/O c\u2028d/O'],
    ['names of an object’s own members', '__proto__ constructor\n', '__proto__/constructor'],
    ['nothing', '', ''],
    ['blank lines alone', '\n \n\r\n', ''],
  ])('are read with %s', (_what, text, expected) => {
    expect(shortForm(text)).toBe(expected);
  });

  test('may be any of several columns, with the token in any of them', () => {
    expect(shortForm('1 EU NNP B-ORG\n2 said VBD O\n', { file: 'a.txt', tokenColumn: 1, columns: [0, 3] })).toBe('EU/1/B-ORG said/2/O');
  });

  test('know the line of a sentence and where its labels begin', () => {
    const [first, second] = parseConll('\r\nEU   B\r\n\r\n-DOCSTART- O\r\na  O\r\n😀 B\r\n', options);
    expect([first!.line, [...first!.starts![0]!]]).toEqual([2, [6]]);
    expect([second!.line, [...second!.starts![0]!]]).toEqual([5, [4, 4]]);
  });
});

describe('a CoNLL text is refused', () => {
  const long = 'x'.repeat(MAXIMUM_TOKEN_LENGTH + 1);
  test.each([
    ['with a column too many', 'EU B\nrejects VBZ O\n', 'CORPUS_COLUMN_COUNT', 'a.txt:2:14'],
    ['with a column too few', 'EU NNP B\n\nPeter NNP\n', 'CORPUS_COLUMN_COUNT', 'a.txt:3:10'],
    ['without the column that is read', 'EU\nrejects\n', 'CORPUS_COLUMN_COUNT', 'a.txt:1:3'],
    ['with an empty token between tabs', 'EU\tB\n\tO\n', 'CORPUS_EMPTY_FIELD', 'a.txt:2:1'],
    ['with an empty label between tabs', 'EU\tB\nrejects\t\n', 'CORPUS_EMPTY_FIELD', 'a.txt:2:9'],
    ['with a huge token', `EU B\n${long} O\n`, 'CORPUS_TOKEN_TOO_LONG', 'a.txt:2:1'],
    ['with a huge label', `EU B\nrejects ${long}\n`, 'CORPUS_TOKEN_TOO_LONG', 'a.txt:2:9'],
    ['with a token longer than any line', 'x'.repeat(MAXIMUM_LINE_LENGTH * 2), 'CORPUS_TOKEN_TOO_LONG', 'a.txt:1:1'],
    ['with an endless line', 'x '.repeat(MAXIMUM_LINE_LENGTH), 'CORPUS_LINE_TOO_LONG', `a.txt:1:${MAXIMUM_LINE_LENGTH + 1}`],
    ['with CR as line end', 'EU B\rrejects O\r', 'CORPUS_CARRIAGE_RETURN', 'a.txt:1:5'],
    ['with an endless sentence', 'a O\n'.repeat(MAXIMUM_SENTENCE_TOKENS + 1), 'CORPUS_SENTENCE_TOO_LONG', 'a.txt:10001:1'],
  ])('%s', (_what, text, code, place) => {
    expect(refusal(text)).toEqual([code, place]);
  });

  test('with what was found, what was expected and what to do', () => {
    expect(() => parseConll('EU NNP B\nPeter NNP\n', options)).toThrow(
      'a.txt:2:10: found 2 columns, expected 3 as in line 1; give every line the same columns',
    );
    expect(() => parseConll('EU\n', options)).toThrow('a.txt:1:3: found 1 column, expected at least 2 (column 1, counted from 0, is read)');
  });

  test('but not at the limits', () => {
    const text = `${'x'.repeat(MAXIMUM_TOKEN_LENGTH)} O\r\n`.repeat(3) + 'a O\n'.repeat(MAXIMUM_SENTENCE_TOKENS - 3);
    expect(parseConll(text, options).map(({ tokens }) => tokens.length)).toEqual([MAXIMUM_SENTENCE_TOKENS]);
    const line = `a O${' '.repeat(MAXIMUM_LINE_LENGTH - 3)}`;
    expect(shortForm(`${line}\r\n`)).toBe('a/O');
    expect(refusal(`${line} \r\n`)).toEqual(['CORPUS_LINE_TOO_LONG', `a.txt:1:${MAXIMUM_LINE_LENGTH + 1}`]);
  });
});

const field = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
  .filter((text) => !/[ \t\r\n\0]/.test(text) && !/^[\ufeff-]/.test(text));
const rows = fc
  .integer({ min: 2, max: 4 })
  .chain((width) =>
    fc.array(fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }), { maxLength: 5 }),
  );

describe('a stream of CoNLL columns', () => {
  test('gives the sentences of the whole text, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (sentences, size, isCrlf) => {
        const lf = sentences.map((sentence) => formatConll(sentence, [], ' ')).join('');
        const text = isCrlf ? lf.replaceAll('\n', '\r\n') : lf;
        const streamed = await readAll(text, size);
        expect(streamed.map((s) => s.rows)).toEqual(sentences);
        const plain = streamed.map(({ tokens, labels, line, starts }) => ({ tokens, labels, line, starts }));
        expect(plain).toEqual(parseConll(text, options));
        expect(plain).toEqual(parseConllBytes(bytesOf(text), options));
      }),
      { numRuns: 150 },
    );
  });

  test('gives a sentence as soon as its blank line is there', async () => {
    let given = 0;
    async function* lines() {
      for (const text of ['EU B\n', '\n', 'Peter B\n', '\n']) {
        given++;
        yield bytesOf(text);
      }
    }
    const seen: number[] = [];
    for await (const _ of readConllStream(lines(), options)) seen.push(given);
    expect(seen).toEqual([2, 4]);
  });

  test('reads the tokens of any number of columns and keeps these for writing', async () => {
    const text = 'New York\tNNP\t_\nsleeps\tVBZ\t\n\n';
    const [sentence] = await readAll(text, 4, tokensOnly);
    expect(sentence!.tokens).toEqual(['New York', 'sleeps']);
    expect(sentence!.labels).toEqual([]);
    expect(formatConll(sentence!.rows, [['B-LOC', 'O']], sentence!.separator)).toBe('New York\tNNP\t_\tB-LOC\nsleeps\tVBZ\t\tO\n\n');
    expect((await readAll('EU\nrejects\n', 4, tokensOnly)).map((s) => s.tokens)).toEqual([['EU', 'rejects']]);
  });

  test('refuses what is not UTF-8 with its position, after the sentences before it', async () => {
    const bytes = Uint8Array.from([...bytesOf('EU B\n\nP'), 0xff]);
    const stream = readConllStream(chunksOf(bytes, 3), options);
    expect((await stream.next()).value?.tokens).toEqual(['EU']);
    const error = await rejectionOf(stream.next(), CorpusError);
    expect(error).toMatchObject({ code: 'TEXT_NOT_UTF8', position: { file: 'a.txt', line: 3, column: 2 } });
  });

  test('refuses an endless line before its end is there', async () => {
    let chunks = 0;
    async function* endless() {
      for (;;) {
        if (++chunks > 100) throw new Error('read on');
        yield bytesOf('x'.repeat(10_000));
      }
    }
    const error = await rejectionOf(readConllStream(endless(), options).next(), CorpusError);
    expect(error?.code).toBe('CORPUS_TOKEN_TOO_LONG');
    expect(chunks).toBeLessThan(10);
  });
});

describe('arbitrary bytes', () => {
  test('are read or refused with a typed error, nothing else', () => {
    const pieces = fc.array(fc.constantFrom('a', 'b-', ' ', '\t', '\n', '\r', '\n\n', '-DOCSTART-', '\0', '\ufeff', 'é'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((p) => bytesOf(p.join(''))),
          fc.uint8Array({ maxLength: 60 }),
        ),
        (bytes) => {
          const error = errorOf(() => {
            for (const { tokens, labels } of parseConllBytes(bytes, options)) {
              expect(tokens.length).toBeGreaterThan(0);
              expect(labels.map((column) => column.length)).toEqual([tokens.length]);
              for (const text of [...tokens, ...labels.flat()]) expect(text).toMatch(/^[^\t\n\r\0]+$/);
            }
          }, CorpusError);
          if (error) expect(error.message).toMatch(/^a\.txt:\d+:\d+: /);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

test('a field that would not be read back is not written', () => {
  for (const field of ['', 'a b', 'a\tb', 'a\nb']) {
    expect(errorOf(() => formatConll([['x', field]], [], ' '), CorpusError)?.code).toBe('CORPUS_FIELD_NOT_WRITABLE');
  }
  expect(formatConll([['x', 'a b']], [['O']], '\t')).toBe('x\ta b\tO\n\n');
  expect(errorOf(() => formatConll([['x', 'a\tb']], [], '\t'), CorpusError)?.code).toBe('CORPUS_FIELD_NOT_WRITABLE');
});
