import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorpusError } from '../../src/errors.js';
import { isWellFormed } from '../../src/io/canonical-json.js';
import { conlluLabels, formatConllu, makeConlluRows, parseConlluBytes, readConlluStream } from '../../src/io/conllu.js';
import { bytesOf, errorOf } from '../helpers/text.js';

const row = (id: string, form: string, misc = '_') => `${id}\t${form}\t_\tX\tY\t_\t0\tdep\t_\t${misc}`;
const file = (...lines: string[]) => `${lines.join('\n')}\n\n`;
const read = (text: string) => parseConlluBytes(bytesOf(text), 'f');

const TEXT = file(
  '# sent_id = a',
  '# text = can’t #1',
  row('1-2', 'can’t', 'SpaceAfter=No'),
  row('1', 'ca'),
  row('2', 'n’t', 'Gloss=not|ner=O'),
  row('2.1', 'be'),
  row('3', '#1'),
);

describe('CoNLL-U', () => {
  test('has the words as tokens, and keeps comments, multi-word tokens and empty nodes', () => {
    const [sentence] = read(TEXT);
    expect(sentence!.tokens).toEqual(['ca', 'n’t', '#1']);
    expect(sentence!.comments).toEqual(['# sent_id = a', '# text = can’t #1']);
    expect(sentence!.rows.map(({ kind, line }) => [kind, line])).toEqual([
      ['range', 3],
      ['word', 4],
      ['word', 5],
      ['empty', 6],
      ['word', 7],
    ]);
    expect(formatConllu(sentence!)).toBe(TEXT);
  });

  test('gets tags as attributes in MISC, in place of those of the same name', () => {
    const [sentence] = read(TEXT);
    const [again] = read(formatConllu(sentence!, [{ name: 'ner', values: ['B-X', 'I-X', 'O'] }]));
    expect(again!.rows.map(({ fields }) => fields[9])).toEqual(['SpaceAfter=No', 'ner=B-X', 'Gloss=not|ner=I-X', '_', 'ner=O']);
    expect(conlluLabels(again!, ['ner', 'upos', 4], 'f').labels).toEqual([
      ['B-X', 'I-X', 'O'],
      ['X', 'X', 'X'],
      ['Y', 'Y', 'Y'],
    ]);
    expect(Array.from(conlluLabels(again!, [], 'f').lines!)).toEqual([4, 5, 7]);
  });

  test.each([
    ['nine columns', file('1\ta\t_\t_\t_\t_\t_\t_\t_'), 'CONLLU_COLUMN_COUNT', 'f:1:18'],
    ['an empty column', file(row('1', 'a').replace('\tX\t', '\t\t')), 'CONLLU_EMPTY_FIELD', 'f:1:7'],
    ['a word that is skipped', file(row('1', 'a'), row('3', 'b')), 'CONLLU_ID', 'f:2:1'],
    ['an id that is none', file(row('x', 'a')), 'CONLLU_ID', 'f:1:1'],
    ['an empty node in the wrong place', file(row('1', 'a'), row('2.1', 'b')), 'CONLLU_ID', 'f:2:1'],
    ['a multi-word token that overlaps another', file(row('1-2', 'ab'), row('1', 'a'), row('2-3', 'bc')), 'CONLLU_RANGE', 'f:3:1'],
    ['a multi-word token beyond the end', file(row('1-3', 'ab'), row('1', 'a')), 'CONLLU_RANGE', 'f:3:1'],
    ['a comment inside a sentence', file(row('1', 'a'), '# text'), 'CONLLU_COLUMN_COUNT', 'f:2:7'],
    ['a sentence without words', file(row('0.1', 'a')), 'CONLLU_NO_WORD', 'f:2:1'],
    ['a huge form', file(row('1', 'a'.repeat(5000))), 'CORPUS_TOKEN_TOO_LONG', 'f:1:3'],
    ['a huge line', `# ${'a'.repeat(100_000)}`, 'CORPUS_LINE_TOO_LONG', 'f:1:65537'],
    ['a NUL', file(row('1', 'a\0')), 'TEXT_NUL', 'f:1:4'],
  ])('with %s is refused with its place', (_, text, code, place) => {
    const error = errorOf(() => read(text), CorpusError);
    expect(error?.code).toBe(code);
    expect(error?.message.startsWith(`${place}: `)).toBe(true);
  });

  test('knows where in its line each label stands, or the MISC that holds it', () => {
    const [sentence] = read(`# c\n1\tGrüße\t_\tNOUN\t_\t_\t_\t_\t_\tA=b|ner=O\n\n`);
    expect(conlluLabels(sentence!, ['ner', 'upos', 0], 'f').starts!.map((starts) => Array.from(starts))).toEqual([[26], [11], [1]]);
  });

  test('without an attribute that a column names is refused', () => {
    expect(errorOf(() => conlluLabels(read(TEXT)[0]!, ['ner'], 'f'), CorpusError)?.message).toMatch(/^f:4:22: .*attribute ner/);
  });

  test('refuses to write what it cannot hold', () => {
    const [sentence] = read(TEXT);
    for (const bad of ['', 'a|b', 'a\tb', 'a\nb', 'a\0']) {
      expect(() => formatConllu(sentence!, [{ name: 'x', values: [bad, 'a', 'a'] }])).toThrow(
        expect.objectContaining({ code: 'CORPUS_FIELD_NOT_WRITABLE' }),
      );
    }
    expect(() => makeConlluRows(['a\tb'])).toThrow(expect.objectContaining({ code: 'CORPUS_FIELD_NOT_WRITABLE' }));
  });

  test('is the same after writing and reading, whatever the tokens and wherever the stream is cut', async () => {
    const token = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
      .filter((text) => !/[\t\r\n\0]/.test(text) && isWellFormed(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(token, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (sentences, size) => {
          const text = sentences.map((tokens) => formatConllu({ comments: ['# c'], rows: makeConlluRows(tokens) })).join('');
          const bytes = bytesOf(text);
          async function* pieces(): AsyncGenerator<Uint8Array> {
            for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
          }
          const again: string[] = [];
          const tokens: (readonly string[])[] = [];
          for await (const sentence of readConlluStream(pieces(), 'f')) {
            tokens.push(sentence.tokens);
            again.push(formatConllu(sentence));
          }
          expect(tokens).toEqual(sentences);
          expect(again.join('')).toBe(text);
        },
      ),
      { numRuns: 200 },
    );
  });
});
