import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SYNTHETIC_COLUMNS } from '../../src/conformance/synthetic-corpus.js';
import { entitiesOf, placeTokens } from '../../src/tagger/entities.js';
import { Tagger, type TaggerTask } from '../../src/tagger/tagger.js';
import { splitText } from '../../src/text/sentences.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';

const TASK: TaggerTask = { name: 'ner', type: 'spans', head: 'crf', scheme: 'bioes', tags: [] };

describe('entities of a tagged text', () => {
  const text = 'Ada saw 🏔️ New York.\n\nBo!';
  const sentences = splitText(text);
  const scored = [
    { tags: ['S-PER', 'O', 'O', 'B-LOC', 'E-LOC', 'O'], scores: Float32Array.of(0.5, 1, 1, 0.25, 0.75, 1) },
    { tags: ['I-PER', 'O'], scores: Float32Array.of(1, 1) },
  ];

  test('are spans with mean scores and places in UTF-16 code units', () => {
    expect(sentences.map(({ tokens }) => tokens.length)).toEqual([6, 2]);
    expect(entitiesOf(text, sentences, scored, TASK, {})).toEqual([
      { entity_group: 'PER', score: 0.5, word: 'Ada', start: 0, end: 3 },
      { entity_group: 'LOC', score: 0.5, word: 'New York', start: 12, end: 20 },
      { entity_group: 'PER', score: 1, word: 'Bo', start: 23, end: 25 },
    ]);
  });

  test('count code points if asked to, as Python does', () => {
    const [, place] = entitiesOf(text, sentences, scored, TASK, { offsets: 'codepoints' });
    expect(place).toMatchObject({ word: 'New York', start: 11, end: 19 });
    expect([...text].slice(11, 19).join('')).toBe('New York');
  });

  test('are tokens without aggregation', () => {
    expect(entitiesOf(text, sentences, scored, TASK, { aggregation: 'none' })).toEqual([
      { entity: 'S-PER', score: 0.5, index: 0, word: 'Ada', start: 0, end: 3 },
      { entity: 'B-LOC', score: 0.25, index: 3, word: 'New', start: 12, end: 15 },
      { entity: 'E-LOC', score: 0.75, index: 4, word: 'York', start: 16, end: 20 },
      { entity: 'I-PER', score: 1, index: 6, word: 'Bo', start: 23, end: 25 },
    ]);
  });

  test('of given tokens count in the tokens with spaces between', () => {
    const placed = placeTokens(['New', 'York']);
    const tags = [{ tags: ['B-LOC', 'E-LOC'], scores: Float32Array.of(1, 1) }];
    expect(entitiesOf('New York', placed, tags, TASK, {})).toEqual([{ entity_group: 'LOC', score: 1, word: 'New York', start: 0, end: 8 }]);
  });
});

describe('a tagger', () => {
  let tagger: Tagger;
  beforeAll(async () => {
    tagger = await Tagger.load((await runTraining(smallConfig({ train: { sharing: 'hard', epochs: 3 } }))).done.model);
  });
  afterAll(() => tagger.dispose());
  const sentences = () => smallCorpus().test!.sentences.map(({ tokens }) => tokens);

  test('scores the tags that it gives, between 0 and 1, the same alone as in any company', () => {
    const all = tagger.scoreBatch(sentences());
    const tagged = tagger.tagBatch(sentences());
    all.forEach((scored, i) => {
      for (const [task, { tags, scores }] of Object.entries(scored)) {
        expect(tags).toEqual(tagged[i]![task]);
        expect(scores).toHaveLength(tags.length);
        for (const score of scores) expect(score > 0 && score <= 1.000001).toBe(true);
      }
      expect(tagger.scoreBatch([sentences()[i]!])[0]).toEqual(scored);
    });
  });

  test('is right about as often as its probabilities say', () => {
    const corpus = smallCorpus(400);
    const split = corpus.train;
    for (const [task, column] of [['pos', SYNTHETIC_COLUMNS.pos]] as const) {
      const labels = corpus.columns.indexOf(column);
      let [right, expected, count] = [0, 0, 0];
      tagger
        .scoreBatch(
          split.sentences.map(({ tokens }) => tokens),
          [task],
        )
        .forEach((scored, i) => {
          scored[task]!.tags.forEach((tag, t) => {
            right += tag === split.sentences[i]!.labels[labels]![t] ? 1 : 0;
            expected += scored[task]!.scores[t]!;
            count++;
          });
        });
      expect(Math.abs(right - expected) / count).toBeLessThan(0.2);
    }
  });

  test('answers for texts of every kind', () => {
    const odd = ['', ' \n\n\t ', '\ud800', '😀'.repeat(50), '((((', 'a'.repeat(3000), 'x '.repeat(5000), 'Ada\r\nBo', '\u200b'];
    for (const text of odd) {
      for (const { word, start, end, score } of tagger.entities(text, { task: 'ner' })) {
        expect(text.slice(start, end)).toBe(word);
        expect(Number.isFinite(score)).toBe(true);
      }
    }
    expect(tagger.entities([], { task: 'ner' })).toEqual([]);
  });

  test('says which tasks there are when it cannot tell which is meant', () => {
    expect(() => tagger.entities('x')).toThrow(/2 tasks of type spans \(chunk, ner\)/);
    expect(() => tagger.entities('x', { task: 'nre' })).toThrow(/no task "nre"; it has pos, chunk, ner/);
    expect(() => tagger.entities('x', { task: 'pos' })).toThrow(expect.objectContaining({ code: 'TAGGER_NOT_SPANS' }));
    expect(() => tagger.entities('x', { task: 'pos', aggregation: 'none' })).not.toThrow();
  });
});
