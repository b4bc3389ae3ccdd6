import { beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.js';
import type { ModelContents } from '../../src/io/model-contents.js';
import { openModelFile } from '../../src/io/model-file.js';
import { exportOnnx } from '../../src/tagger/export-onnx.js';
import { readOnnx } from '../helpers/onnx.js';
import { runTraining, smallConfig } from '../helpers/small-run.js';

// What engines make of the graphs is tested where engines are installed: bench/peers/export.test.ts.

const HIDDEN = 7;
let contents: ModelContents;

beforeAll(async () => {
  const config = smallConfig({ train: { sharing: 'sparse', epochs: 1 }, prune: { keep: [0.4], epochs: 1, select: 1 } });
  contents = openModelFile((await runTraining(config)).done.model).contents;
});

const stored = (name: string) => contents.networks[0]!.tensors.find((tensor) => tensor.name === name)!;
const tagsOf = (task: string) => contents.tasks.find(({ name }) => name === task)!.tags.length;

describe('an exported graph', () => {
  test('takes padded sentences and gives emissions, with the scores of a CRF', () => {
    const [plain, chain] = ['pos', 'ner'].map((task) => readOnnx(exportOnnx(contents, task)));
    expect([plain!.irVersion, plain!.operatorSet]).toEqual([8, 17]);
    expect(Object.fromEntries(plain!.inputs)).toEqual({
      words: ['batch', 'time'],
      characters: ['batch', 'time', 'character'],
      lengths: ['batch'],
    });
    expect(Object.fromEntries(plain!.outputs)).toEqual({ emissions: ['batch', 'time', tagsOf('pos')] });
    const tags = tagsOf('ner');
    expect(Object.fromEntries(chain!.outputs)).toEqual({
      emissions: ['batch', 'time', tags],
      transitions: [tags, tags],
      start: [tags],
      end: [tags],
    });
    expect(JSON.parse(chain!.metadata.get('tags')!)).toEqual(contents.tasks.find(({ name }) => name === 'ner')!.tags);
  });

  test('reads nothing that was not made before, and leaves nothing unread', () => {
    const { inputs, outputs, nodes, initialisers } = readOnnx(exportOnnx(contents, 'ner'));
    const known = new Set([...inputs.keys(), ...initialisers]);
    expect(known.size).toBe(inputs.size + initialisers.length);
    for (const node of nodes) {
      for (const name of node.inputs) expect(known, node.operator).toContain(name);
      for (const name of node.outputs) expect(known).not.toContain(name);
      for (const name of node.outputs) known.add(name);
    }
    const read = new Set([...nodes.flatMap((node) => node.inputs), ...outputs.keys()]);
    expect([...known].filter((name) => !read.has(name))).toEqual([]);
  });

  test.each(['pos', 'ner'])('has the weights that %s keeps, gates in the order i o f c, and zeros', (task) => {
    const { shape, values } = readOnnx(exportOnnx(contents, task)).tensors.get('lstm.0.recurrent')!;
    expect(shape).toEqual([2, 4 * HIDDEN, HIDDEN]);
    const gate = HIDDEN * HIDDEN;
    let pruned = 0;
    for (const [d, direction] of ['forward', 'backward'].entries()) {
      const name = `lstm.0.${direction}.recurrent`;
      const { bits } = contents.networks[0]!.masks.find((mask) => mask.task === task && mask.tensor === name)!;
      const own = stored(name).values;
      [0, 3, 1, 2].forEach((source, target) => {
        for (let e = 0; e < gate; e++) {
          const place = source * gate + e;
          const isKept = (bits[place >> 5]! >>> (place & 31)) & 1;
          pruned += isKept ? 0 : 1;
          expect(values[(4 * d + target) * gate + e]).toBe(isKept ? own[place] : 0);
        }
      });
    }
    expect(pruned).toBeGreaterThan(0);
  });

  test('has the transposed weights of the head and a second, empty bias of each gate row', () => {
    const { tensors } = readOnnx(exportOnnx(contents, 'pos'));
    const [rows, columns] = [tagsOf('pos'), 2 * HIDDEN];
    const head = tensors.get('head.pos.weight')!;
    expect(head.shape).toEqual([columns, rows]);
    expect(head.values[3 * rows + 2]).toBe(stored('head.pos.weight').values[2 * columns + 3]);
    const bias = tensors.get('lstm.0.bias')!;
    expect(bias.shape).toEqual([2, 8 * HIDDEN]);
    expect(bias.values.subarray(4 * HIDDEN, 8 * HIDDEN)).toEqual(new Float32Array(4 * HIDDEN));
    expect(bias.values.subarray(2 * HIDDEN, 3 * HIDDEN)).toEqual(stored('lstm.0.forward.bias').values.subarray(HIDDEN, 2 * HIDDEN));
  });

  test('is the same file each time', () => {
    expect(exportOnnx(contents, 'chunk')).toEqual(exportOnnx(contents, 'chunk'));
  });
});

test('a task that the model has not is refused with those it has', () => {
  const refusal = new ConfigError('EXPORT_UNKNOWN_TASK', 'the model has no task "other"; it has pos, chunk, ner');
  expect(() => exportOnnx(contents, 'other')).toThrow(refusal);
});
