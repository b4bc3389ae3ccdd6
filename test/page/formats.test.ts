import { splitText, type TaggerTask } from 'sparsetag';
import { expect, test } from 'vitest';
import { toConll, toEntities, toJson } from '../../web/tag/formats.js';
import type { LiveText } from '../../web/tag/live-tags.js';

const POS: TaggerTask = { name: 'pos', type: 'tags', head: 'softmax', scheme: null, tags: ['NNP', 'VBD'] };
const NER: TaggerTask = { name: 'ner', type: 'spans', head: 'crf', scheme: 'bioes', tags: ['O', 'B-PER', 'E-PER'] };

const text = 'Ada Lovelace wrote';
const scored = (tags: string[]) => ({ tags, scores: Float32Array.of(0.5, 0.75, 0.123456) });
const live: LiveText = {
  text,
  sentences: splitText(text).map((sentence) => ({
    ...sentence,
    key: '',
    tags: new Map([
      ['pos', scored(['NNP', 'NNP', 'VBD'])],
      ['ner', scored(['B-PER', 'E-PER', 'O'])],
    ]),
  })),
  tagged: 3,
  milliseconds: 1,
};

test('a tagged text is copied as columns, with spans as BIO', () => {
  expect(toConll(live, [POS, NER])).toBe('Ada\tNNP\tB-PER\nLovelace\tNNP\tI-PER\nwrote\tVBD\tO\n\n');
});

test('a tagged text is copied as entities with their places', () => {
  expect(JSON.parse(toEntities(live, [POS, NER]))).toEqual([
    { entity_group: 'PER', score: 0.625, word: 'Ada Lovelace', start: 0, end: 12 },
  ]);
});

test('a tagged text is copied as JSON with rounded scores', () => {
  const [sentence] = JSON.parse(toJson(live, [NER])).sentences;
  expect(sentence).toMatchObject({
    tokens: ['Ada', 'Lovelace', 'wrote'],
    starts: [0, 4, 13],
    ner: { tags: ['B-PER', 'E-PER', 'O'], scores: [0.5, 0.75, 0.1235] },
  });
});
