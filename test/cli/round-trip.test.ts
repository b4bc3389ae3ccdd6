import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type InputFormat, type InputSentence, readInput } from '../../cli/sentence-input.js';
import { formatSentence, type OutputFormat } from '../../cli/sentence-output.js';
import { CorpusError } from '../../src/errors.js';
import { isWellFormed } from '../../src/io/canonical-json.js';
import { bytesOf, chunksOf } from '../helpers/text.js';

async function read(text: string, format: InputFormat, size = 1 << 16): Promise<InputSentence[]> {
  const sentences: InputSentence[] = [];
  const chunks = chunksOf(bytesOf(text), size);
  for await (const sentence of readInput({ format, chunks, isLive: false }, 'f', 0)) sentences.push(sentence);
  return sentences;
}

const FORMATS: readonly OutputFormat[] = ['conll', 'conllu', 'jsonl'];
/** Tags that depend on the token, some of them awkward. */
const tagsOf = (tokens: readonly string[]): string[] =>
  tokens.map((token, i) => ['O', 'B-a', '_', '1', '#', token.length > 3 ? 'I-é' : 'x='][i % 6]!);

function tagsIn(sentence: InputSentence): readonly string[] {
  if (sentence.format === 'conll') return sentence.rows.map((row) => row.at(-1)!);
  if (sentence.format === 'jsonl') return sentence.fields.t as string[];
  if (sentence.format === 'tokens' || sentence.format === 'text') return [];
  return sentence.sentence.rows.flatMap(({ kind, fields }) => (kind === 'word' ? [/(?:^|\|)t=([^|]*)$/.exec(fields[9]!)![1]!] : []));
}

const write = (sentences: readonly InputSentence[], format: OutputFormat, tagged: boolean): string =>
  sentences.map((sentence) => formatSentence(format, sentence, tagged ? [{ name: 't', values: tagsOf(sentence.tokens) }] : [])).join('');
/** What `tag` writes first: a reader takes one byte order mark off. */
const marked = (text: string): string => (text.startsWith('\ufeff') ? `\ufeff${text}` : text);
/** As one string, for corpora are long and comparing strings is quick. */
const tokensOf = (sentences: readonly InputSentence[]): string => JSON.stringify(sentences.map(({ tokens }) => tokens));

/** Writes sentences in every format, reads them again, and writes those: tokens and tags stay, and so does every byte. */
async function expectRoundTrips(sentences: readonly InputSentence[], formats = FORMATS, size = 1 << 16): Promise<void> {
  for (const format of formats) {
    const text = write(sentences, format, true);
    const again = await read(marked(text), format, size);
    expect(tokensOf(again)).toBe(tokensOf(sentences));
    expect(JSON.stringify(again.map(tagsIn))).toBe(JSON.stringify(sentences.map(({ tokens }) => tagsOf(tokens))));
    // Without new tags a format gives back what it was read from.
    expect(write(again, format, false)).toBe(text);
  }
}

/** Pieces of text that a format may take for something else. */
const AWKWARD = [
  '#',
  '-',
  '_',
  '"',
  '\\',
  '1-2',
  '1.1',
  '1',
  '\u00a0',
  '\u3000',
  '\u0085',
  '\u2028',
  '\v',
  '𝔘',
  '👩‍👩‍👧',
  'e\u0301',
  '\u0301',
]
  .concat(['{"', '<b>', '&', '-DOCSTART', 'O', '=', '|', '\ufeff', '\u200b', '\u202e', 'ﬁ', 'İ', 'ß', '__proto__', '\u007f', '\u0001'])
  .concat(['tokens', '# text = a', '-X-', '\ud7ff', '\ue000', '\uffff', '\u{10ffff}']);
const piece = fc.oneof(
  fc.constantFrom(...AWKWARD),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 3 }).filter(isWellFormed),
);
/** Any text that can be a token: whatever JSON Lines can hold. */
const anyToken = fc
  .array(fc.oneof({ weight: 9, arbitrary: piece }, fc.constantFrom(' ', '\t', '\n', '\r', '\0', '-DOCSTART-')), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join(''))
  .filter((token) => token !== '');
/** A field of a line: nothing that divides lines or fields. */
const field = piece.map((text) => text.replace(/[ \t\r\n\0]/g, '')).filter((text) => text !== '' && text !== '-DOCSTART-');
const sentencesOf = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[][]> =>
  fc.array(fc.array(item, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 });
const lineEnd = fc.constantFrom('\n', '\r\n');
const mark = fc.constantFrom('', '\ufeff');
const chunkSize = fc.integer({ min: 1, max: 40 });

describe('in, out and in again is the same', () => {
  test('with awkward tokens', async () => {
    await expectRoundTrips([
      { format: 'tokens', tokens: [...AWKWARD, '\ufeffx'] },
      { format: 'tokens', tokens: ['#', 'x'] },
    ]);
    await expectRoundTrips([{ format: 'tokens', tokens: ['with space', 'x'] }]);
    await expectRoundTrips([{ format: 'tokens', tokens: ['a\tb', ' x', '-DOCSTART-', '\0'] }], ['jsonl']);
  });

  test('with any token, or the format says that it cannot hold it', async () => {
    const cannotHold: Readonly<Record<OutputFormat, (token: string) => boolean>> = {
      conll: (token) => /[\t\r\n\0]|^ | $/.test(token) || token === '-DOCSTART-',
      conllu: (token) => /[\t\r\n\0]/.test(token),
      jsonl: () => false,
    };
    const property = fc.asyncProperty(sentencesOf(anyToken), chunkSize, async (all, size) => {
      const sentences = all.map((tokens): InputSentence => ({ format: 'tokens', tokens }));
      for (const format of FORMATS) {
        if (!all.flat().some(cannotHold[format])) await expectRoundTrips(sentences, [format], size);
        else expect(() => write(sentences, format, true)).toThrow(expect.objectContaining({ code: 'CORPUS_FIELD_NOT_WRITABLE' }));
      }
    });
    await fc.assert(property, { numRuns: 400 });
  });

  test('with CoNLL columns between tabs or spaces, with LF or CRLF, a byte order mark, and lines of spaces', async () => {
    const tabbed = fc.oneof({ weight: 5, arbitrary: field }, fc.constantFrom('', 'New York'));
    const row = fc.oneof(
      fc.tuple(field, tabbed, field).map((fields) => [fields.join('\t'), fields] as const),
      fc
        .tuple(field, field, field, fc.constantFrom(' ', '   '))
        .map(([a, b, c, gap]) => [`${gap.slice(1)}${a}${gap}${b} ${c}${gap}`, [a, b, c]] as const),
    );
    const blank = fc.constantFrom('', ' ', '\t', '-DOCSTART- -X- O O');
    const property = fc.asyncProperty(sentencesOf(row), lineEnd, mark, blank, chunkSize, async (rows, end, bom, between, size) => {
      const text = bom + rows.map((lines) => `${lines.map(([line]) => line + end).join('')}${between}${end}${end}`).join('');
      const sentences = await read(bom === '' ? marked(text) : text, 'conll', size);
      const found = sentences.map((sentence) => (sentence.format === 'conll' ? sentence.rows : []));
      expect(found).toEqual(rows.map((lines) => lines.map(([, fields]) => fields)));
      const written = write(sentences, 'conll', false);
      const again = await read(marked(written), 'conll', size);
      expect(again.map((sentence) => (sentence.format === 'conll' ? sentence.rows : []))).toEqual(found);
      expect(write(again, 'conll', false)).toBe(written);
      await expectRoundTrips(sentences, FORMATS, size);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('with CoNLL-U: comments, multi-word tokens, empty nodes and MISC stay as they are', async () => {
    const value = fc.oneof(field, fc.constantFrom('a b', ' a', 'SpaceAfter=No', 'x=1|y=2', 't=old'));
    const word = fc.record({ form: value, misc: value, inRange: fc.boolean(), emptyNodes: fc.integer({ min: 0, max: 2 }) });
    const comment = fc.oneof(
      fc.constantFrom('#', '# text = a', '# sent_id = 1'),
      field.map((text) => `#${text}`),
    );
    const property = fc.asyncProperty(
      sentencesOf(word),
      fc.array(comment, { maxLength: 2 }),
      lineEnd,
      mark,
      chunkSize,
      async (all, comments, end, bom, size) => {
        const row = (id: string, form: string, misc: string) => [id, form, '_', '_', '_', '_', '_', '_', '_', misc].join('\t');
        const lines = all.flatMap((words) => [
          ...comments,
          ...words.flatMap(({ form, misc, inRange, emptyNodes }, i) => [
            ...(inRange && i % 2 === 0 && i + 1 < words.length ? [row(`${i + 1}-${i + 2}`, `${form}+`, 'SpaceAfter=No')] : []),
            row(`${i + 1}`, form, misc),
            ...Array.from({ length: emptyNodes }, (_, k) => row(`${i + 1}.${k + 1}`, form, misc)),
          ]),
          '',
        ]);
        const sentences = await read(bom + lines.map((line) => line + end).join(''), 'conllu', size);
        expect(write(sentences, 'conllu', false)).toBe(`${lines.join('\n')}\n`);
        const tagged = await read(write(sentences, 'conllu', true), 'conllu', size);
        expect(tokensOf(tagged)).toBe(tokensOf(sentences));
        expect(tagged.map(tagsIn)).toEqual(sentences.map(({ tokens }) => tagsOf(tokens)));
        const kept = (sentence: InputSentence) =>
          sentence.format === 'conllu' && [sentence.sentence.comments, sentence.sentence.rows.map(({ fields }) => fields.slice(0, 9))];
        expect(tagged.map(kept)).toEqual(sentences.map(kept));
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test('with JSON Lines of any fields', async () => {
    const key = fc.oneof(piece, fc.constantFrom('id', 'text', 'spans')).filter((name) => !['__proto__', 'tokens', 't'].includes(name));
    const isHeld = (value: unknown): boolean => !/"__proto__"|\\ud[89a-f]/.test(JSON.stringify(value));
    const others = fc.dictionary(key, fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }), { maxKeys: 4 }).filter(isHeld);
    const record = fc.tuple(others, fc.array(anyToken, { minLength: 1, maxLength: 4 })).map(([fields, tokens]) => ({ ...fields, tokens }));
    const property = fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 3 }),
      lineEnd,
      mark,
      chunkSize,
      async (all, end, bom, size) => {
        const sentences = await read(bom + all.map((fields) => `${JSON.stringify(fields)}${end}${end}`).join(''), 'jsonl', size);
        const written = write(sentences, 'jsonl', false);
        expect(written).toBe(all.map((fields) => `${JSON.stringify(fields)}\n`).join(''));
        const again = await read(write(sentences, 'jsonl', true), 'jsonl', size);
        expect(again.map((sentence) => sentence.format === 'jsonl' && sentence.fields)).toEqual(
          all.map((fields) => ({ ...JSON.parse(JSON.stringify(fields)), t: tagsOf(fields.tokens) })),
        );
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test('with running text and with sentences a line', async () => {
    const run = fc.array(fc.oneof(piece, fc.constantFrom(' ', '  ', '\n', '\n\n', '. ', '? A', "don't", ' \r\n')), { maxLength: 12 });
    const property = fc.asyncProperty(run, chunkSize, async (parts, size) => {
      const text = parts
        .join('')
        .replaceAll('\0', '')
        .replace(/^\ufeff+/, '');
      for (const format of ['text', 'tokens'] as const) {
        const sentences = await read(text, format, size);
        await expectRoundTrips(sentences, FORMATS, size);
      }
    });
    await fc.assert(property, { numRuns: 300 });
  });

  const data = fileURLToPath(new URL('../../../shared/data', import.meta.url));
  if (!existsSync(data)) console.warn(`skipped: no corpora in ${data}, so round trips of real data are not tested`);
  // Training files are twice as long as the others together: where the machine has time.
  const splits = process.env.CI ? ['train.txt', 'dev.txt', 'test.txt'] : ['dev.txt', 'test.txt'];
  test.skipIf(!existsSync(data))(`with ${splits.join(', ')} of all corpora beside the project`, async () => {
    const folders = (await readdir(data, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    expect(folders.length).toBeGreaterThan(3);
    for (const { name } of folders) {
      for (const split of splits) {
        const file = `${data}/${name}/${split}`;
        if (!existsSync(file)) continue;
        const text = await readFile(file, 'utf8');
        const sentences = await read(text, 'conll');
        expect(write(sentences, 'conll', false)).toBe(text);
        await expectRoundTrips(sentences);
      }
    }
  });
});

test('a row that would end its sentence is not written', () => {
  const sentence: InputSentence = { format: 'conll', tokens: [''], rows: [['', '']], separator: '\t' };
  expect(() => formatSentence('conll', sentence, [])).toThrow(CorpusError);
});
