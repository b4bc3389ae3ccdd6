import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorpusError } from '../../src/errors.js';
import { isWellFormed } from '../../src/io/canonical-json.js';
import { formatJsonLine, jsonLabels, parseJsonLinesBytes, readJsonLinesStream } from '../../src/io/json-lines.js';
import { bytesOf, errorOf } from '../helpers/text.js';

const read = (text: string) => parseJsonLinesBytes(bytesOf(text), 'f');

describe('JSON Lines', () => {
  test('have tokens and label fields, in any order and with others beside them', () => {
    const sentences = read('{"id": 7, "ner": ["B-ORG", "O"], "tokens": ["EU", "rejects"]}\r\n\n{"tokens": ["Yes"], "ner": ["O"]}');
    expect(sentences.map(({ tokens, line }) => [tokens, line])).toEqual([
      [['EU', 'rejects'], 1],
      [['Yes'], 3],
    ]);
    expect(jsonLabels(sentences[0]!, ['ner'], 'f')).toMatchObject({
      labels: [['B-ORG', 'O']],
      line: 1,
      lines: Uint32Array.of(1, 1),
      starts: [Uint32Array.of(11, 11)],
    });
    expect(formatJsonLine(sentences[0]!.fields, { pos: ['A', 'B'] })).toBe(
      '{"id":7,"ner":["B-ORG","O"],"tokens":["EU","rejects"],"pos":["A","B"]}\n',
    );
  });

  test('have a text with character spans', () => {
    const [sentence] = read(
      '{"text": "In 🏔️ New York, yes", "tokens": ["In", "🏔️", "New", "York", ",", "yes"], "spans": [{"start": 7, "end": 15, "label": "LOC"}]}',
    );
    expect(jsonLabels(sentence!, ['spans'], 'f').labels).toEqual([['O', 'O', 'B-LOC', 'I-LOC', 'O', 'O']]);
    expect(jsonLabels(read('{"text": "two words", "spans": []}')[0]!, ['spans'], 'f').labels).toEqual([['O', 'O']]);
    expect(read('{"text": "two  words"}')[0]!.tokens).toEqual(['two', 'words']);
  });

  test.each([
    ['no JSON', '{"tokens": ["a"]}\n{"tokens": [}', 'JSON_LINES_SYNTAX', 'f:2:13'],
    ['no object', '["a"]', 'JSON_LINES_FIELD', 'f:1:1'],
    ['no tokens', ' {"ner": ["O"]}', 'JSON_LINES_FIELD', 'f:1:1: '],
    ['tokens that are no strings', '{"tokens": [1]}', 'JSON_LINES_FIELD', 'f:1:2: '],
    ['an empty sentence', '\n{"id": {"tokens": 7}, "tokens": []}', 'JSON_LINES_FIELD', 'f:2:23: '],
    ['an empty text', '{"text": " "}', 'JSON_LINES_FIELD', 'f:1:2: '],
    ['an empty token', '{"id": "🏔️", "tokens": ["a", ""]}', 'CORPUS_TOKEN_TOO_LONG', 'f:1:15: '],
    ['a long sentence', `{"id": 1,"tokens": [${'"a",'.repeat(20_000)}"a"]}`, 'CORPUS_SENTENCE_TOO_LONG', 'f:1:10: '],
    ['a key twice', '{"tokens": ["a"], "tokens": ["b"]}', 'JSON_LINES_SYNTAX', 'f:1:19'],
    ['__proto__', '{"tokens": ["a"], "__proto__": {}}', 'JSON_LINES_SYNTAX', 'f:1:19'],
    ['a lone surrogate', '{"tokens": ["\\ud800"]}', 'JSON_LINES_SYNTAX', 'f:1:13'],
    ['a hole in UTF-8', Uint8Array.of(0x7b, 0xff), 'TEXT_NOT_UTF8', 'f:1:2'],
  ])('with %s are refused with their place', (_, text, code, place) => {
    const bytes = typeof text === 'string' ? bytesOf(text) : text;
    const error = errorOf(() => parseJsonLinesBytes(bytes, 'f'), CorpusError);
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(place);
  });

  test.each([
    ['a field that is not there', '{"tokens": ["a"]}', 'field x:'],
    ['no label at all', '{"tokens": ["a"], "x": []}', '0 labels for 1 tokens'],
    ['labels of another number', '{"tokens": ["a"], "x": ["O", "O"]}', '2 labels for 1 tokens'],
    ['spans without a text', '{"tokens": ["a"], "x": [{"start": 0, "end": 1, "label": "L"}]}', 'no field text'],
    [
      'spans inside a token',
      '{"text": "ab", "tokens": ["ab"], "x": [{"start": 0, "end": 1, "label": "L"}]}',
      'does not begin and end with tokens',
    ],
    [
      'spans that overlap',
      '{"text": "a b", "x": [{"start": 0, "end": 3, "label": "L"}, {"start": 2, "end": 3, "label": "M"}]}',
      'overlap at token 1',
    ],
    [
      'tokens that are not in the text',
      '{"text": "a", "tokens": ["b"], "x": [{"start": 0, "end": 1, "label": "L"}]}',
      'do not follow each other',
    ],
  ])('with %s are refused when it is asked for, with the place of the field', (_, text, message) => {
    const place = `f:1:${1 + Math.max(0, text.indexOf('"x"'))}: `;
    expect(errorOf(() => jsonLabels(read(text)[0]!, ['x'], 'f'), CorpusError)?.message).toMatch(new RegExp(`^${place}.*${message}`));
  });

  test('are the same after writing and reading, whatever the tokens and wherever the stream is cut', async () => {
    const token = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => isWellFormed(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(token, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (sentences, size) => {
          const bytes = bytesOf(sentences.map((tokens) => formatJsonLine({ tokens }, { pos: tokens })).join(''));
          async function* pieces(): AsyncGenerator<Uint8Array> {
            for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
          }
          const again: string[][][] = [];
          for await (const sentence of readJsonLinesStream(pieces(), 'f'))
            again.push([[...sentence.tokens], [...jsonLabels(sentence, ['pos'], 'f').labels[0]!]]);
          expect(again).toEqual(sentences.map((tokens) => [tokens, tokens]));
        },
      ),
      { numRuns: 200 },
    );
  });
});
