import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TaskConfig } from '../../src/config/config.js';
import { SYNTHETIC_COLUMNS, syntheticSplits } from '../../src/conformance/synthetic-corpus.js';
import type { Corpus, WordVectors } from '../../src/data/sentence.js';
import {
  buildCharacterVocabulary,
  buildTagSet,
  buildWordVocabulary,
  PAD_ROW,
  tagsOf,
  UNKNOWN_ROW,
  Vocabulary,
} from '../../src/data/vocabulary.js';
import { ConfigError, CorpusError, SparseTagError } from '../../src/errors.js';
import { makeCorpus } from '../../src/io/corpus.js';
import { bytesOf, errorOf } from '../helpers/text.js';

/** A corpus of splits written as `token/label token/label | ...`. */
function corpus(train: string, dev: string, test: string | null = null, columns = [1]): Corpus {
  const text = (role: string, short: string) => ({
    file: `${role}.txt`,
    bytes: bytesOf(short.replaceAll(' | ', '\n\n').replaceAll(' ', '\n').replaceAll('/', ' ')),
  });
  const texts = { train: text('train', train), dev: text('dev', dev), test: test === null ? null : text('test', test) };
  return makeCorpus({ name: 'c', train: '', dev: '', test: null, format: 'auto', tokenColumn: 0 }, columns, texts);
}

function vectors(...words: string[]): WordVectors {
  return { words, dimension: 1, values: Float32Array.from(words, (_, i) => i) };
}

function task(type: 'tags' | 'spans', scheme: TaskConfig['scheme'] = 'bio', modelScheme: TaskConfig['modelScheme'] = 'bio'): TaskConfig {
  return { name: 'ner', corpus: 'c', column: 1, type, scheme, modelScheme, head: 'softmax', startEnd: true, layer: 'top' };
}

describe('a vocabulary', () => {
  test('numbers its items after the reserved numbers, which no string has', () => {
    const vocabulary = new Vocabulary(['a', 'constructor', ''], 2);
    expect(vocabulary.size).toBe(5);
    expect(['a', 'constructor', '', '__proto__', '<pad>'].map((item) => vocabulary.idOf(item))).toEqual([2, 3, 4, undefined, undefined]);
    expect([-1, 0, 1, 2, 4, 5].map((id) => vocabulary.itemOf(id))).toEqual([undefined, undefined, undefined, 'a', '', undefined]);
  });

  test('has no string twice', () => {
    expect(errorOf(() => new Vocabulary(['a', 'b', 'a']), SparseTagError)?.code).toBe('VOCABULARY_DUPLICATE');
  });
});

describe('the words of a model', () => {
  const c = corpus('The/O b/O a/O | the/O A/O THE/O z/O', 'new/O new/O rare/O b/O x/O', 'Zeta/O rare/O rare/O the/O');

  test('are those of train by count, then by code units, after padding and unknown', () => {
    const cased = buildWordVocabulary({ corpora: [c], lowercase: false, vectors: null, extend: true });
    expect(cased.vocabulary.items).toEqual(['A', 'THE', 'The', 'a', 'b', 'the', 'z']);
    expect([PAD_ROW, UNKNOWN_ROW, cased.vocabulary.idOf('A')]).toEqual([0, 1, 2]);
    const folded = buildWordVocabulary({ corpora: [c], lowercase: true, vectors: null, extend: true });
    expect(folded.vocabulary.items).toEqual(['the', 'a', 'b', 'z']);
    expect(folded.trainWords).toBe(4);
    expect([...folded.vectorOf]).toEqual([-1, -1, -1, -1, -1, -1]);
  });

  test('have those of dev and test after them, where these have a vector', () => {
    const given = vectors('the', 'new', 'q', 'zeta', 'rare', 'the');
    const words = buildWordVocabulary({ corpora: [c], lowercase: true, vectors: given, extend: true });
    expect(words.vocabulary.items).toEqual(['the', 'a', 'b', 'z', 'rare', 'new', 'zeta']);
    expect(words.trainWords).toBe(4);
    expect([...words.vectorOf]).toEqual([-1, -1, 0, -1, -1, -1, 4, 1, 3]);
    const plain = buildWordVocabulary({ corpora: [c], lowercase: true, vectors: given, extend: false });
    expect(plain.vocabulary.items).toEqual(['the', 'a', 'b', 'z']);
    expect([...plain.vectorOf]).toEqual([-1, -1, 0, -1, -1, -1]);
  });

  test('are counted over all corpora', () => {
    const other = corpus('b/O z/O z/O z/O new/O', 'a/O');
    const words = buildWordVocabulary({ corpora: [c, other], lowercase: true, vectors: vectors('new', 'rare'), extend: true });
    expect(words.vocabulary.items).toEqual(['z', 'the', 'a', 'b', 'new', 'rare']);
    expect(words.trainWords).toBe(5);
  });

  test('have the same order whatever the order of the sentences', () => {
    const sentence = fc.array(fc.constantFrom('a', 'B', 'é', '😀', '\ufffd', '1', 'ab'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1, maxLength: 6 }), (sentences) => {
        const text = (order: readonly (readonly string[])[]) => order.map((s) => s.map((w) => `${w}/O`).join(' ')).join(' | ');
        const build = (train: string) =>
          buildWordVocabulary({ corpora: [corpus(train, 'a/O')], lowercase: false, vectors: null, extend: true });
        expect(build(text([...sentences].reverse())).vocabulary.items).toEqual(build(text(sentences)).vocabulary.items);
      }),
    );
  });
});

test('the characters of a model are those of the word types of train, each type counted once in its own case', () => {
  const c = corpus('ab/O ab/O ab/O Ab/O | bc😀/O c/O', 'xyz/O xyz/O');
  const build = (minimumCount: number) => buildCharacterVocabulary({ corpora: [c, c], minimumCount });
  expect(build(1).items).toEqual(['b', 'c', 'A', 'a', '😀']);
  expect(build(2).items).toEqual(['b', 'c']);
  expect([build(2).idOf('b'), build(2).size]).toEqual([2, 4]);
});

describe('the tags of a task', () => {
  test('have O first, then come by count in train, then by code units', () => {
    expect(buildTagSet(task('tags'), corpus('a/N b/V c/V d/O e/A', 'a/A')).items).toEqual(['O', 'V', 'A', 'N']);
    expect(buildTagSet(task('tags'), corpus('a/N b/V c/V', 'a/N')).items).toEqual(['V', 'N']);
  });

  test('have every tag of each span type of train, and O', () => {
    expect(buildTagSet(task('spans'), corpus('a/B-X b/B-X', 'a/I-X')).items).toEqual(['O', 'B-X', 'I-X']);
    const bioes = buildTagSet(task('spans', 'bio', 'bioes'), corpus('a/B-X b/I-X c/O d/B-Y e/O f/B-Y', 'a/I-X'));
    expect(bioes.items).toEqual(['O', 'S-Y', 'B-X', 'E-X', 'B-Y', 'E-Y', 'I-X', 'I-Y', 'S-X']);
    expect(bioes.idOf('O')).toBe(0);
  });

  test('are those of the model’s scheme, from labels of the file’s scheme', () => {
    const c = corpus('a/I-X b/B-X c/O', 'a/I-X');
    const tags = (modelScheme: 'bio' | 'bioes') => tagsOf(task('spans', 'iob1', modelScheme), c, c.train.sentences[0]!);
    expect([tags('bio'), tags('bioes')]).toEqual([
      ['B-X', 'B-X', 'O'],
      ['S-X', 'S-X', 'O'],
    ]);
    expect(tagsOf(task('tags'), c, c.train.sentences[0]!)).toEqual(['I-X', 'B-X', 'O']);
  });

  test.each([
    ['a tag that only dev has', task('tags'), 'dev.txt:2:4', ['a/N', 'a/N bb/V', null]],
    ['a tag that only test has', task('tags'), 'test.txt:3:3', ['a/N', 'a/N', 'a/N | a/V']],
    ['a span type that only dev has', task('spans'), 'dev.txt:1:3', ['a/B-X', 'a/B-Y', null]],
    ['a span type that only test has', task('spans'), 'test.txt:1:3', ['a/B-X', 'a/O', 'a/I-Y']],
  ] as const)('are refused for %s', (_what, of, place, [train, dev, heldOut]) => {
    const error = errorOf(() => buildTagSet(of, corpus(train, dev, heldOut)), CorpusError)!;
    expect(error.code).toBe('CORPUS_LABEL_NOT_IN_TRAIN');
    expect(error.message).toMatch(new RegExp(`^${place}: .* of task ner does not occur in train\\.txt, .*; correct the label`));
  });

  test('are refused for labels of another scheme, in whichever split', () => {
    const error = errorOf(() => buildTagSet(task('spans'), corpus('a/B-X', 'a/O b/E-X')), CorpusError)!;
    expect([error.code, error.position]).toEqual(['CORPUS_LABEL_NOT_IN_SCHEME', { file: 'dev.txt', line: 2, column: 3 }]);
  });

  test('are refused when the corpus was read without their column', () => {
    expect(errorOf(() => buildTagSet({ ...task('tags'), column: 2 }, corpus('a/N', 'a/N')), ConfigError)?.code).toBe('CONFIG_COLUMN');
  });

  test('of the synthetic corpus are those of its grammar', () => {
    const { train, dev, test: heldOut } = syntheticSplits({ seed: 1, sentences: 300 });
    const file = (name: string, text: string) => ({ file: name, bytes: bytesOf(text) });
    const columns = [SYNTHETIC_COLUMNS.ner, SYNTHETIC_COLUMNS.pos, SYNTHETIC_COLUMNS.chunk];
    const texts = { train: file('train', train), dev: file('dev', dev), test: file('test', heldOut) };
    const synthetic = makeCorpus({ name: 's', train: '', dev: '', test: null, format: 'auto', tokenColumn: 0 }, columns, texts);
    expect(synthetic.columns).toEqual([1, 2, 3]);
    const sizes = [
      buildTagSet({ ...task('tags'), column: SYNTHETIC_COLUMNS.pos }, synthetic),
      buildTagSet({ ...task('spans'), column: SYNTHETIC_COLUMNS.chunk }, synthetic),
      buildTagSet({ ...task('spans', 'bio', 'bioes'), column: SYNTHETIC_COLUMNS.ner }, synthetic),
    ].map((tags) => tags.size);
    expect(sizes).toEqual([16, 9, 17]);
  });
});
