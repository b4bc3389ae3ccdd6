import { describe, expect, test } from 'vitest';
import type { CorpusConfig } from '../../src/config/config.js';
import { syntheticCorpus } from '../../src/conformance/synthetic-corpus.js';
import { CorpusError } from '../../src/errors.js';
import { type CorpusTexts, makeCorpus } from '../../src/io/corpus.js';
import { bytesOf, errorOf } from '../helpers/text.js';

const config: CorpusConfig = { name: 'news', train: 'a', dev: 'b', test: null, format: 'auto', tokenColumn: 0 };

function texts(train: string, dev: string, test: string | null): CorpusTexts {
  const file = (name: string, text: string) => ({ file: `${name}.txt`, bytes: bytesOf(text) });
  return { train: file('train', train), dev: file('dev', dev), test: test === null ? null : file('test', test) };
}

describe('a corpus', () => {
  test('has its splits and the columns that are asked for, ascending and once each', () => {
    const corpus = makeCorpus(config, [3, 1, 3], texts('a 1 2 3\n', 'b 4 5 6\n\nc 7 8 9\n', null));
    expect([corpus.name, corpus.columns, corpus.test]).toEqual(['news', [1, 3], null]);
    expect(corpus.train).toMatchObject({ file: 'train.txt', sentences: [{ tokens: ['a'], labels: [['1'], ['3']], line: 1 }] });
    expect(corpus.dev.sentences.map(({ labels, line }) => [labels, line])).toEqual([
      [[['4'], ['6']], 1],
      [[['7'], ['9']], 3],
    ]);
  });

  test.each([
    ['train', texts('', 'a N\n', null)],
    ['dev', texts('a N\n', '\n \r\n', null)],
    ['test', texts('a N\n', 'a N\n', '\ufeff-DOCSTART- -X-\n\n')],
  ])('is refused when its %s split is empty', (role, given) => {
    const error = errorOf(() => makeCorpus(config, [1], given), CorpusError)!;
    expect(error.code).toBe('CORPUS_EMPTY_SPLIT');
    expect(error.message).toContain(`${role}.txt:1:1: the ${role} split has no sentence`);
  });

  test('names the file of a fault', () => {
    const error = errorOf(() => makeCorpus(config, [1], texts('a N\n', 'a N\n', 'a N\nb\n')), CorpusError)!;
    expect([error.code, error.position]).toEqual(['CORPUS_COLUMN_COUNT', { file: 'test.txt', line: 2, column: 2 }]);
  });

  test('of more than one piece of bytes is that of the whole', () => {
    const text = syntheticCorpus({ seed: 5, sentences: 12_000 });
    expect(text.length).toBeGreaterThan(1 << 20);
    const { sentences } = makeCorpus(config, [1, 2, 3], texts(text, 'a N O O\n', null)).train;
    expect(sentences.length).toBe(12_000);
    const written = sentences.map(
      ({ tokens, labels }) => `${tokens.map((t, i) => [t, ...labels.map((l) => l[i])].join(' ')).join('\n')}\n\n`,
    );
    expect(written.join('')).toBe(text);
  });
});
