import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type InputFormat, type InputSentence, readInput } from '../../cli/sentence-input.js';
import { formatSentence, type OutputFormat } from '../../cli/sentence-output.js';
import { bytesOf } from '../helpers/text.js';

async function read(text: string, format: InputFormat): Promise<InputSentence[]> {
  const sentences: InputSentence[] = [];
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield bytesOf(text);
  }
  for await (const sentence of readInput({ format, chunks: chunks(), isLive: false }, 'f', 0)) sentences.push(sentence);
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
  return sentence.sentence.rows.map(({ fields }) => /(?:^|\|)t=(.*)$/.exec(fields[9]!)![1]!);
}

/** Writes sentences in every format, reads them again, and writes those: tokens and tags stay, and so does every byte. */
async function expectRoundTrips(sentences: readonly InputSentence[], formats = FORMATS): Promise<void> {
  for (const format of formats) {
    const write = (all: readonly InputSentence[]) =>
      all.map((sentence) => formatSentence(format, sentence, [{ name: 't', values: tagsOf(sentence.tokens) }])).join('');
    const text = write(sentences);
    const again = await read(text, format);
    expect(again.map(({ tokens }) => tokens)).toEqual(sentences.map(({ tokens }) => tokens));
    expect(again.map(tagsIn)).toEqual(sentences.map(({ tokens }) => tagsOf(tokens)));
    // Without new tags a format gives back what it was read from.
    expect(again.map((sentence) => formatSentence(format, sentence, [])).join('')).toBe(text);
  }
}

describe('in, out and in again is the same', () => {
  test('with awkward tokens', async () => {
    const tokens = [
      '#',
      '-',
      '_',
      '"',
      '\\',
      '1-2',
      '1.1',
      '\u00a0',
      '\u2028',
      '𝔘',
      'e\u0301',
      '{"',
      '<b>',
      '&',
      '-DOCSTART',
      'O',
      '=',
      '|',
      '\ufeffx',
    ];
    await expectRoundTrips([
      { format: 'tokens', tokens },
      { format: 'tokens', tokens: ['#', 'x'] },
    ]);
    await expectRoundTrips([{ format: 'tokens', tokens: ['with space', 'x'] }]);
    await expectRoundTrips([{ format: 'tokens', tokens: ['a\tb', 'x'] }], ['jsonl']);
  });

  const data = fileURLToPath(new URL('../../../shared/data', import.meta.url));
  if (!existsSync(data)) console.warn(`skipped: no corpora in ${data}, so round trips of real data are not tested`);
  test.skipIf(!existsSync(data))('with every dev and test file of the corpora beside the project', async () => {
    const folders = (await readdir(data, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    expect(folders.length).toBeGreaterThan(3);
    for (const { name } of folders) {
      for (const split of ['dev.txt', 'test.txt']) {
        const file = `${data}/${name}/${split}`;
        if (!existsSync(file)) continue;
        const text = await readFile(file, 'utf8');
        const sentences = await read(text, 'conll');
        expect(sentences.map((sentence) => formatSentence('conll', sentence, [])).join('')).toBe(text);
        await expectRoundTrips(sentences);
      }
    }
  });
});
