import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openModelFile } from '../../src/io/model-file.js';
import { Tagger } from '../../src/tagger/tagger.js';
import { ROOT } from '../architecture/source-files.js';

const folder = path.join(ROOT, 'web/demo');
const file = readFileSync(path.join(folder, 'model.safetensors'));
const card = readFileSync(path.join(folder, 'README.md'), 'utf8');
let tagger: Tagger;

beforeAll(async () => {
  tagger = await Tagger.load(file);
});
afterAll(() => tagger.dispose());

test('the demo model is the one of its card', () => {
  const { results } = openModelFile(file).contents;
  const { source } = (results as { compact: { source: string } }).compact;
  expect(card.match(/\b[0-9a-f]{64}\b/g)).toEqual([tagger.fingerprint, source]);
});

test('the demo model keeps a fifth of the weights for each task', () => {
  for (const { tensors, masks } of openModelFile(file).contents.networks)
    for (const { name } of tagger.tasks) {
      const own = masks.filter(({ task }) => task === name);
      const size = (tensor: string) => tensors.find((candidate) => candidate.name === tensor)!.values.length;
      const fraction = own.reduce((sum, { kept }) => sum + kept, 0) / own.reduce((sum, { tensor }) => sum + size(tensor), 0);
      expect(fraction).toBeCloseTo(0.2, 3);
    }
});

test('the demo model leaves half a megabyte of four to the page', () => {
  expect(gzipSync(file, { level: 9 }).length).toBeLessThan(3_500_000);
});

test('the demo model finds the names of plain sentences', () => {
  const text = 'Angela Merkel visited the University of Oxford in May, and met Tim Cook of Apple in Berlin.';
  const found = tagger.entities(text, { task: 'ner' }).map(({ entity_group, word }) => `${entity_group} ${word}`);
  expect(found).toEqual(['PER Angela Merkel', 'ORG University of Oxford', 'PER Tim Cook', 'ORG Apple', 'LOC Berlin']);
  const { pos, chunk } = tagger.tag(['The', 'museum', 'opens', 'at', 'nine', '.']);
  expect(pos).toEqual(['DT', 'NN', 'VBZ', 'IN', 'CD', '.']);
  expect(chunk).toEqual(['B-NP', 'E-NP', 'S-VP', 'S-PP', 'S-NP', 'O']);
});
