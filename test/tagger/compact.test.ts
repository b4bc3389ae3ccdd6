import { beforeAll, describe, expect, test } from 'vitest';
import type { WordVectors } from '../../src/data/sentence.js';
import type { ModelContents } from '../../src/io/model-contents.js';
import { fingerprintOf, openModelFile, writeModelFile } from '../../src/io/model-file.js';
import { compactModel, compactOrigin } from '../../src/tagger/compact.js';
import { Tagger } from '../../src/tagger/tagger.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';

const DIMENSION = 9;
const FRESH = ['zebra', 'quagga', 'okapi'];
let vectors: WordVectors;
let source: ModelContents;
let file: Uint8Array;

beforeAll(async () => {
  const corpus = smallCorpus();
  const known = [...new Set(corpus.train.sentences.flatMap(({ tokens }) => tokens.map((token) => token.toLowerCase())))];
  const words = [FRESH[0]!, ...known.slice(0, 5), 'Mixed', FRESH[1]!, FRESH[2]!];
  const values = Float32Array.from({ length: words.length * DIMENSION }, (_, i) => Math.fround(((i * 7919) % 1000) / 500 - 1));
  vectors = { words, dimension: DIMENSION, values };
  const config = smallConfig({ vectors: { file: 'vectors' }, train: { sharing: 'sparse', epochs: 2 } });
  file = (await runTraining(config, { vectors }, corpus)).done.model;
  source = openModelFile(file).contents;
});

const tableOf = ({ networks }: ModelContents) => networks[0]!.tensors.find(({ name }) => name === 'word.table')!;
const own = () => source.vocabulary.words.length;

describe('a compact model', () => {
  test('has the words of the model, of pruned tensors the kept weights, and the masks, in a smaller file', () => {
    const compact = compactModel(source);
    expect(compact.vocabulary).toEqual(source.vocabulary);
    expect(compact.networks[0]!.masks).toEqual(source.networks[0]!.masks);
    const encodings = new Map(compact.networks[0]!.tensors.map(({ name, encoding }) => [name, encoding]));
    expect(encodings.get('word.table')).toBe('rows8');
    expect(encodings.get('lstm.0.forward.input')).toBe('kept');
    expect(encodings.get('head.ner.transitions')).toBeUndefined();
    expect(writeModelFile(compact).length).toBeLessThan(file.length);
    expect(compact.results).toMatchObject({ compact: { source: fingerprintOf(source), words: own(), addedWords: 0 } });
  });

  test('differs from its source by half a step of 8 bits in word rows, and by nothing else', () => {
    const compact = compactModel(source);
    for (const [i, tensor] of source.networks[0]!.tensors.entries()) {
      const { values } = compact.networks[0]!.tensors[i]!;
      if (tensor.name !== 'word.table') expect(values).toEqual(tensor.values);
      else
        for (let row = 0; row < tensor.shape[0]!; row++) {
          const exact = tensor.values.subarray(row * DIMENSION, (row + 1) * DIMENSION);
          const largest = Math.max(...exact.map(Math.abs));
          exact.forEach((value, c) => {
            expect(Math.abs(value - values[row * DIMENSION + c]!)).toBeLessThanOrEqual(largest / 126);
          });
        }
    }
  });

  test('keeps the most frequent words of train, or adds the most frequent ones of the vectors that can be looked up', () => {
    expect(compactModel(source, { vocabulary: 7, vectors }).vocabulary.words).toEqual(source.vocabulary.words.slice(0, 7));
    const grown = compactModel(source, { vocabulary: own() + 2, vectors });
    expect(grown.vocabulary.words.slice(own())).toEqual(FRESH.slice(0, 2));
    expect(tableOf(grown).shape).toEqual([own() + 4, DIMENSION]);
    const first = tableOf(grown).values.subarray((own() + 2) * DIMENSION, (own() + 3) * DIMENSION);
    first.forEach((value, c) => void expect(Math.abs(value - vectors.values[c]!)).toBeLessThan(0.01));
    expect(compactModel(source, { vocabulary: own() + 99, vectors }).vocabulary.words).toHaveLength(own() + FRESH.length);
  });

  test('of a compact model is what it would be of its source', () => {
    const once = compactModel(source, { vocabulary: own() + 1, vectors });
    expect(compactModel(once)).toEqual(once);
    expect(compactModel(once, { vocabulary: 7 })).toEqual(compactModel(source, { vocabulary: 7 }));
    expect(compactModel(once, { vocabulary: own() + 2, vectors })).toEqual(compactModel(source, { vocabulary: own() + 2, vectors }));
    expect(compactOrigin(once)).toEqual({ source: fingerprintOf(source), words: own(), addedWords: 1 });
  });

  test('tags, and is read and written like any other', async () => {
    const bytes = writeModelFile(compactModel(source, { vocabulary: own() + 1, vectors }));
    expect(writeModelFile(openModelFile(bytes).contents)).toEqual(bytes);
    const [whole, compact] = [await Tagger.load(file), await Tagger.load(bytes)];
    const sentences = smallCorpus().test!.sentences.map(({ tokens }) => tokens);
    const [a, b] = [whole, compact].map((tagger) => tagger.tagBatch(sentences).flatMap(({ pos }) => pos!));
    expect(a!.filter((tag, i) => tag === b![i]).length / a!.length).toBeGreaterThan(0.97);
    expect(compact.fingerprint).not.toBe(whole.fingerprint);
    whole.dispose();
    compact.dispose();
  });

  test('of a network a task has no tensor of kept weights only, where nothing was pruned', async () => {
    const { done } = await runTraining(smallConfig({ train: { sharing: 'single', epochs: 1 }, warmup: { epochs: 0 } }));
    const compact = compactModel(openModelFile(done.model).contents);
    expect(compact.networks.map((network) => network.tensors.map(({ encoding }) => encoding).filter((encoding) => encoding))).toEqual([
      ['rows8'],
      ['rows8'],
      ['rows8'],
    ]);
    expect(openModelFile(writeModelFile(compact)).contents).toEqual(compact);
  });

  test('is refused for a vocabulary of nothing and for vectors of another training', () => {
    expect(() => compactModel(source, { vocabulary: 0 })).toThrow(expect.objectContaining({ code: 'COMPACT_VOCABULARY' }));
    expect(() => compactModel(source, { vocabulary: Number.NaN })).toThrow(expect.objectContaining({ code: 'COMPACT_VOCABULARY' }));
    const others = { ...vectors, values: vectors.values.map((value) => -value) };
    expect(() => compactModel(source, { vocabulary: 99, vectors: others })).toThrow(expect.objectContaining({ code: 'COMPACT_VECTORS' }));
  });
});
