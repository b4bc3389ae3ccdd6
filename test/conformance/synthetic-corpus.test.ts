import { describe, expect, test } from 'vitest';
import { syntheticCorpus, syntheticSplits } from '../../src/conformance/synthetic-corpus.js';
import { checkLabels, convertLabels } from '../../src/data/tag-scheme.js';
import { parseConll } from '../../src/io/conll.js';

const read = (text: string) => parseConll(text, { file: 's', tokenColumn: 0, columns: [1, 2, 3] });

/** Share of tokens of `test` whose label the word's most frequent label of `train` gives, only over labels that `counts`. */
function baseline(train: string, test: string, column: number, counts: (label: string) => boolean): number {
  const seen = new Map<string, Map<string, number>>();
  for (const { tokens, labels } of read(train)) {
    for (const [i, token] of tokens.entries()) {
      const of = seen.get(token) ?? new Map<string, number>();
      seen.set(token, of.set(labels[column]![i]!, (of.get(labels[column]![i]!) ?? 0) + 1));
    }
  }
  let right = 0;
  let all = 0;
  for (const { tokens, labels } of read(test)) {
    for (const [i, token] of tokens.entries()) {
      const label = labels[column]![i]!;
      if (!counts(label)) continue;
      const best = [...(seen.get(token) ?? [])].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
      all++;
      if (best[0] === label) right++;
    }
  }
  return right / all;
}

describe('the synthetic corpus', () => {
  test('is the same text for the same seed, and another for another', () => {
    const text = syntheticCorpus({ seed: 7, sentences: 20 });
    expect(syntheticCorpus({ seed: 7, sentences: 20 })).toBe(text);
    expect(syntheticCorpus({ seed: 8, sentences: 20 })).not.toBe(text);
    expect(text.slice(0, 60)).toMatchInlineSnapshot(`
      "Netas NNP B-NP B-LOC
      10 CD B-NP O
      Mek NNP B-NP O
      Saimon NNP "
    `);
  });

  test('has the sentences asked for, with valid chunks and entities', () => {
    const sentences = read(syntheticCorpus({ seed: 1, sentences: 200 }));
    expect(sentences.length).toBe(200);
    for (const { labels } of sentences) {
      for (const column of [labels[1]!, labels[2]!]) {
        checkLabels(column, 'bio');
        expect(convertLabels(column, 'bio', 'bio')).toEqual(column);
      }
    }
  });

  test('cannot be tagged by looking words up: entities depend on their neighbours', () => {
    const { train, test: heldOut } = syntheticSplits({ seed: 3, sentences: 600 });
    const words = (column: number, counts = (_: string) => true) => baseline(train, heldOut, column, counts);
    expect(words(0)).toBeGreaterThan(0.8);
    expect(words(0)).toBeLessThan(0.95);
    expect(words(2, (label) => label !== 'O')).toBeLessThan(0.6);
  });

  test('has splits without a sentence of more than six words in common', () => {
    const { train, dev, test: heldOut } = syntheticSplits({ seed: 3, sentences: 600 });
    const long = (text: string) => read(text).flatMap(({ tokens }) => (tokens.length > 6 ? [tokens.join(' ')] : []));
    const known = new Set(long(train));
    expect([...long(dev), ...long(heldOut)].filter((sentence) => known.has(sentence))).toEqual([]);
    expect(read(dev).length).toBe(300);
  });
});
