import { beforeAll, expect, test } from 'vitest';
import { Tagger } from '../../src/tagger/tagger.js';
import { runTraining, smallConfig } from '../helpers/small-run.js';

let model: Uint8Array;
beforeAll(async () => {
  model = (await runTraining(smallConfig({ train: { sharing: 'hard', epochs: 1 } }))).done.model;
});

test.each([
  ['a name of a file', 'model.safetensors', 'String'],
  ['an ArrayBuffer', new ArrayBuffer(9), 'ArrayBuffer'],
  ['nothing', undefined, 'Undefined'],
])('what is no bytes of a model is named, not read: %s', async (_what, source, kind) => {
  const message = expect.stringContaining(`found ${kind}`);
  await expect(Tagger.load(source as unknown as Uint8Array)).rejects.toMatchObject({ code: 'MODEL_NOT_BYTES', message });
});

test('a text in place of tokens is refused, and not tagged letter by letter', async () => {
  const tagger = await Tagger.load(model);
  for (const tokens of ['Ada', ['Ada', 1], undefined]) {
    expect(() => tagger.tag(tokens as string[])).toThrow(expect.objectContaining({ code: 'TAGGER_TOKENS' }));
  }
  for (const text of [undefined, 5, ['Ada', null]])
    expect(() => tagger.entities(text as unknown as string, { task: 'ner' })).toThrow(expect.objectContaining({ code: 'TAGGER_TOKENS' }));
  expect(() => tagger.tagBatch([['Ada'], 'Ada' as unknown as string[]])).toThrow(/sentence 1: expected an array of tokens; found string/);
  tagger.dispose();
});
