import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syntheticCorpus } from '../../src/conformance/synthetic-corpus.js';
import { runTraining, smallConfig } from '../helpers/small-run.js';
import { ERROR_LINE, sparsetag } from './sparsetag.js';

let folder: string;
const tag = (input: string | Uint8Array, ...args: string[]) => sparsetag(['tag', path.join(folder, 'model'), '-q', ...args], { input });
const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-tag-'));
  const optimizer = { type: 'adam', rate: 0.02 };
  const { done } = await runTraining(smallConfig({ train: { sharing: 'hard', epochs: 6, optimizer } }));
  await writeFile(path.join(folder, 'model'), done.model);
});
afterAll(() => rm(folder, { recursive: true }));

describe('tag --entities', () => {
  /** Tokens that the model knows some names among. */
  const sentences = syntheticCorpus({ seed: 9, sentences: 80 })
    .trimEnd()
    .split('\n\n')
    .map((sentence) => sentence.split('\n').map((line) => line.split(' ')[0]!));
  const found = (outputs: ReturnType<typeof linesOf>) =>
    outputs.map(({ entities }) => entities.map((entity: Record<string, unknown>) => [entity.entity_group, entity.score]));

  test('says where they are in running text, in UTF-16 units or in code points of the whole input', async () => {
    const text = sentences.map((tokens) => `😀 ${tokens.join(' ')}\n\n`).join('');
    const units = linesOf((await tag(text, '--input', 'text', '--entities', '--task', 'ner')).stdout);
    const points = linesOf((await tag(text, '--input', 'text', '--entities', '--task', 'ner', '--offsets', 'codepoints')).stdout);
    const all = units.flatMap(({ entities }) => entities);
    expect(all.length).toBeGreaterThan(3);
    for (const { word, start, end } of all) expect(text.slice(start, end)).toBe(word);
    const characters = Array.from(text);
    for (const { word, start, end } of points.flatMap(({ entities }) => entities)) expect(characters.slice(start, end).join('')).toBe(word);
    expect(found(points)).toEqual(found(units));
    const places = linesOf((await tag(text, '--input', 'text', '--json', '--offsets', 'codepoints')).stdout);
    for (const { tokens, starts, ends } of places)
      expect(tokens).toEqual(tokens.map((_: string, i: number) => characters.slice(starts[i], ends[i]).join('')));
  });

  test('says without aggregation which tokens have a tag, of any task that is named', async () => {
    const input = `${sentences.map((tokens) => tokens.join(' ')).join('\n')}\n`;
    const entities = async (...args: string[]) => linesOf((await tag(input, '--input', 'tokens', '--task', ...args)).stdout);
    const tokens = await entities('ner', '--entities', '--aggregation', 'none');
    const tagged = await entities('ner', '--json', '--scores', '--scheme', 'bioes');
    const wanted = tagged.map((line) =>
      line.ner.flatMap((entity: string, index: number) =>
        entity === 'O' ? [] : [{ entity, score: line['ner.score'][index], index, word: line.tokens[index] }],
      ),
    );
    expect(tokens.map((line) => line.entities)).toEqual(
      wanted.map((list) => list.map((entity: object) => expect.objectContaining(entity))),
    );
    for (const { text, entities } of tokens) for (const { word, start, end } of entities) expect(text.slice(start, end)).toBe(word);
    expect(await entities('ner', '--entities', '--aggregation', 'simple')).toEqual(await entities('ner', '--entities'));
    const [pos] = await entities('pos', '--entities', '--aggregation', 'none');
    expect(pos.entities).toHaveLength(sentences[0]!.length);
  });

  test('finds the same in every format, at the places of the text where it has one', async () => {
    const texts = sentences.map((tokens) => tokens.join('  '));
    const inputs = {
      tokens: sentences.map((tokens) => `${tokens.join(' ')}\n`),
      conll: sentences.map((tokens) => `${tokens.join('\n')}\n\n`),
      jsonl: sentences.map((tokens, i) => `${JSON.stringify({ text: texts[i], tokens })}\n`),
      conllu: sentences.map((tokens) => `${tokens.map((token, i) => `${i + 1}\t${token}\t${'_\t'.repeat(7)}SpaceAfter=No\n`).join('')}\n`),
    };
    const outputs = new Map<string, ReturnType<typeof linesOf>>();
    for (const [format, parts] of Object.entries(inputs))
      outputs.set(format, linesOf((await tag(parts.join(''), '--input', format, '--entities', '--task', 'ner')).stdout));
    for (const output of outputs.values()) {
      expect(found(output)).toEqual(found(outputs.get('tokens')!));
      for (const { text, entities } of output) for (const { word, start, end } of entities) expect(text.slice(start, end)).toBe(word);
    }
    expect(outputs.get('jsonl')!.map(({ text }) => text)).toEqual(texts);
    expect(outputs.get('conllu')!.map(({ text }) => text)).toEqual(sentences.map((tokens) => tokens.join('')));
  });
});

test('a token that begins with a byte order mark stays whole at the beginning of a stream', async () => {
  const { stdout } = await tag('\ufeff\ufeffx y\n', '--input', 'tokens', '--task', 'pos');
  const again = await tag(stdout, '--input', 'conll', '--json', '--task', 'pos');
  expect(JSON.parse(again.stdout).tokens).toEqual(['\ufeffx', 'y']);
});

test('one task gives the tags that it gives among all', async () => {
  const [one, all] = await Promise.all([tag('Ta tousar\n', '--json', '--task', 'chunk'), tag('Ta tousar\n', '--json')]);
  expect(JSON.parse(one.stdout)).toEqual({ schema: 1, tokens: ['Ta', 'tousar'], chunk: JSON.parse(all.stdout).chunk });
});

const row = (id: string, form = 'a') => `${id}\t${form}${'\t_'.repeat(8)}\n`;

describe('hostile input is refused in one line with its place', () => {
  test.each<[string, string, string | Uint8Array, string]>([
    ['jsonl', 'half an object', '{"tokens": ["a"]}\n{"tokens": ["a"\n', '<stdin>:2:16: '],
    ['jsonl', 'an array', '[["a"]]\n', '<stdin>:1:1: '],
    ['jsonl', 'tokens that are no list', '{"tokens": "a b"}\n', '<stdin>:1:2: '],
    ['jsonl', 'a nest', `${'['.repeat(100_000)}\n`, '<stdin>:1:65: '],
    ['jsonl', 'a key twice', '\n{"tokens": ["a"], "tokens": []}\n', '<stdin>:2:19: '],
    ['jsonl', '__proto__', '{"__proto__": {"tokens": ["a"]}}\n', '<stdin>:1:2: '],
    ['jsonl', 'half a surrogate pair', '{"tokens": ["\\udc00"]}\n', '<stdin>:1:13: '],
    ['jsonl', 'a number that is none', '{"tokens": ["a"], "n": NaN}\n', '<stdin>:1:24: '],
    ['jsonl', 'half a character', Buffer.concat([Buffer.from('{"tokens": ["a"]}\n"'), Buffer.from('e282', 'hex')]), '<stdin>:2:2: '],
    ['conllu', 'spaces for tabs', '1 a _ _ _ _ _ _ _ _\n', '<stdin>:1:20: '],
    ['conllu', 'a word that is missing', row('1') + row('3'), '<stdin>:2:1: '],
    ['conllu', 'a range that goes backwards', row('2-1') + row('1'), '<stdin>:1:1: '],
    ['conllu', 'a range without end', `# c\n${row('1-9')}${row('1')}\n`, '<stdin>:4:1: '],
    ['conllu', 'a huge id', row('9'.repeat(400)), '<stdin>:1:1: '],
    ['conllu', 'an empty form', row('1', ''), '<stdin>:1:3: '],
    ['conllu', 'comments without end', `#${'x'.repeat(70_000)}\n`, '<stdin>:1:65537: '],
    ['conll', 'a row that is short', 'a b\nc\n', '<stdin>:2:2: '],
    ['conll', 'a NUL', 'a b\nc \0\n', '<stdin>:2:3: '],
    ['conll', 'a carriage return alone', 'a\rb\n', '<stdin>:1:2: '],
    ['tokens', 'a line without end', 'x '.repeat(70_000), '<stdin>:1:65537: '],
    ['text', 'UTF-16', Buffer.from('fffe6100', 'hex'), '<stdin>:1:1: '],
  ])('%s: %s', async (format, _, input, place) => {
    const { status, stderr } = await tag(input, '--input', format);
    expect(status).toBe(3);
    expect(stderr).toMatch(ERROR_LINE);
    expect(stderr.startsWith(`error: ${place}`)).toBe(true);
  });

  test('and so is what the output cannot hold', async () => {
    const { status, stderr } = await tag('{"tokens": ["a\\tb"]}\n', '--input', 'jsonl', '--output', 'conllu');
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/cannot write "a\\tb" .*write JSON Lines/) });
  });
});

test.each([
  [['--entities', '--output', 'conll'], '--entities are written as JSON Lines; found --output conll too'],
  [['--entities', '--task', 'pos'], '--entities needs tasks of type spans'],
  [['--entities', '--aggregation', 'first'], '--aggregation: expected none or simple; found first'],
  [['--entities', '--scheme', 'iob1'], '--scheme says how tags are written'],
  [['--aggregation', 'none'], '--aggregation says how --entities are made'],
  [['--offsets', 'bytes'], '--offsets: expected utf16 or codepoints; found bytes'],
])('%j is refused', async (args, message) => {
  const { status, stdout, stderr } = await tag('a\n', ...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
});
