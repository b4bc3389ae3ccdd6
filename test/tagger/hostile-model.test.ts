import { describe, expect, test } from 'vitest';
import { ModelFileError } from '../../src/errors.js';
import type { JsonValue } from '../../src/io/canonical-json.js';
import type { ModelContents } from '../../src/io/model-contents.js';
import { readModelFile, writeModelFile } from '../../src/io/model-file.js';
import { exportOnnx } from '../../src/tagger/export-onnx.js';
import { storedConfig } from '../../src/tagger/stored-network.js';
import { Tagger } from '../../src/tagger/tagger.js';
import { tinyModel } from '../fuzz/tiny-model.js';
import { rejectionOf } from '../helpers/text.js';

// Model files whose digests are right and whose config is not what the weights beside it are.

const GOOD = tinyModel(true);
type Section = Readonly<Record<string, JsonValue>>;
const CONFIG = GOOD.config as { readonly model: Section; readonly tasks: readonly Section[] } & Section;

const withConfig = (config: JsonValue): ModelContents => ({ ...GOOD, config });
const withModel = (changes: Section): ModelContents => withConfig({ ...CONFIG, model: { ...CONFIG.model, ...changes } });
const withTask = (changes: Section): ModelContents =>
  withConfig({ ...CONFIG, tasks: [{ ...CONFIG.tasks[0]!, ...changes }, CONFIG.tasks[1]!] });

/** Room for a tiny model, and for nothing that a config could claim beyond it. */
const runtime = { maximumBytes: 1 << 22 };

async function refusal(contents: ModelContents): Promise<ModelFileError> {
  const file = writeModelFile(contents);
  expect(readModelFile(file)).toEqual(contents);
  return (await rejectionOf(Tagger.load(file, { runtime }), ModelFileError))!;
}

test('the model itself tags', async () => {
  const tagger = await Tagger.load(writeModelFile(GOOD), { runtime });
  expect(Object.keys(tagger.tag(['the', 'runs']))).toEqual(['pos', 'ner']);
  tagger.dispose();
});

describe('a config that is none is refused with MODEL_CONFIG', () => {
  test.each<[string, ModelContents]>([
    ['null', withConfig(null)],
    ['a list', withConfig([])],
    ['no sections', withConfig({})],
    ['no tasks', withConfig({ ...CONFIG, tasks: [] })],
    ['tasks of another kind', withConfig({ ...CONFIG, tasks: 'pos' })],
    ['more tasks than there may be', withConfig({ ...CONFIG, tasks: Array.from({ length: 1025 }, () => CONFIG.tasks[0]!) })],
    ['no dropout', withModel({ dropout: null })],
    ['a size of 0', withModel({ hidden: 0 })],
    ['a size that is no whole number', withModel({ wordDimension: 1.5 })],
    ['a size beyond all limits', withModel({ hidden: 2 ** 53 })],
    ['layers without end', withModel({ layers: 1e9 })],
    ['filters without a middle', withModel({ charWidth: 2 })],
    ['a setting that there is not', withModel({ gates: 5 })],
    ['a head on a layer that there is not', withTask({ layer: 2 })],
    ['a head on no layer', withTask({ layer: 'bottom' })],
  ])('%s', async (_, contents) => {
    expect((await refusal(contents)).code).toBe('MODEL_CONFIG');
    expect(() => exportOnnx(contents, 'pos')).toThrow(ModelFileError);
    expect(() => storedConfig(contents)).toThrow(/^The config in the model file cannot be used: [^\n]{10,200}$/);
  });
});

describe('a config that claims another network is refused before memory is taken for it', () => {
  test.each<[string, string, ModelContents]>([
    ['many hidden units', 'MODEL_TENSOR_SHAPE', withModel({ hidden: 4096 })],
    ['many layers', 'MODEL_TENSOR_MISSING', withModel({ layers: 16 })],
    ['long word vectors', 'MODEL_TENSOR_SHAPE', withModel({ wordDimension: 4096 })],
    [
      'scores of the first and the last tag',
      'MODEL_TENSOR_MISSING',
      { ...withTask({ startEnd: true }), tasks: [{ ...GOOD.tasks[0]!, head: 'crf' }, GOOD.tasks[1]!] },
    ],
    ['no characters', 'MODEL_TENSOR_SHAPE', withModel({ charDimension: 0 })],
  ])('%s', async (_, code, contents) => {
    expect((await refusal(contents)).code).toBe(code);
  });
});
