import { describe, expect, test } from 'vitest';
import type { ModelConfig } from '../../src/config/config.js';
import { type HeadShape, layOutParameters, type ParameterTable } from '../../src/model/parameters.js';
import { MASK_BITS } from '../../src/runtime/layout.js';
import { BOUNDED_CRF_HEAD, CRF_HEAD, NO_DROPOUT, SMALL_MODEL, SOFTMAX_HEAD } from '../helpers/small-network.js';

/** The model of the reference (docs/method.md). */
const REFERENCE: ModelConfig = {
  wordDimension: 100,
  lowercase: true,
  charDimension: 30,
  charFilters: 30,
  charWidth: 3,
  charOutput: 30,
  minimumCharCount: 2,
  layers: 2,
  hidden: 200,
  dropout: NO_DROPOUT,
  wordDropout: 0,
};

const plain = (name: string, tags: number): HeadShape => ({ name, tags, head: 'softmax', startEnd: false });
const TASKS = [plain('pos', 45), plain('chunk', 21), plain('ner', 17)];
const CHARACTERS = 82;

function count(table: ParameterTable, matches: RegExp): number {
  return table.parameters.filter(({ name }) => matches.test(name)).reduce((sum, { size }) => sum + size, 0);
}

describe('the reference model', () => {
  const table = layOutParameters(REFERENCE, CHARACTERS, TASKS);

  test('has as many parameters as its authors count', () => {
    expect(table.prunableCount).toBe(1_490_700);
    expect(count(table, /^lstm\.0\..*\.(input|recurrent)$/)).toBe(528_000);
    expect(count(table, /^lstm\.1\..*\.(input|recurrent)$/)).toBe(960_000);
    expect(count(table, /^char\.conv\.weight$/)).toBe(2_700);
    // One bias a gate row, where PyTorch adds two: half of the reference's 3,200 a layer.
    expect(count(table, /^lstm\.0\..*\.bias$/)).toBe(1_600);
    expect(count(table, /^lstm\.1\..*\.bias$/)).toBe(1_600);
    expect(count(table, /^char\.conv\.bias$/)).toBe(30);
    expect(count(table, /^char\.linear\./)).toBe(930);
    expect(count(table, /^head\.pos\./)).toBe(18_045);
    expect(count(table, /^head\.chunk\./)).toBe(8_421);
    expect(count(table, /^head\.ner\./)).toBe(6_817);
  });

  test('can be pruned in its LSTM and filter weights alone', () => {
    const prunable = table.parameters.filter(({ offset }) => offset < table.prunable.end).map(({ name }) => name);
    expect(prunable).toEqual([
      'char.conv.weight',
      'lstm.0.forward.input',
      'lstm.0.forward.recurrent',
      'lstm.0.backward.input',
      'lstm.0.backward.recurrent',
      'lstm.1.forward.input',
      'lstm.1.forward.recurrent',
      'lstm.1.backward.input',
      'lstm.1.backward.recurrent',
    ]);
  });

  test('starts from the bounds of the reference', () => {
    const initialiser = (name: string) => table.parameters.find((parameter) => parameter.name === name)!.initialiser;
    const bounds: Record<string, number> = {
      'lstm.0.forward.input': 0.08032,
      'lstm.0.backward.recurrent': 0.07746,
      'lstm.1.forward.input': 0.07071,
      'char.conv.weight': 0.1054,
      'char.conv.bias': 0.1054,
      'char.linear.weight': 0.1826,
      'char.linear.bias': 0.1826,
      'char.table': 0.3162,
      'head.pos.weight': 0.1161,
      'head.chunk.weight': 0.1194,
      'head.ner.weight': 0.12,
    };
    for (const [name, bound] of Object.entries(bounds)) {
      const found = initialiser(name);
      expect(found.kind === 'uniform' && found.bound, name).toBeCloseTo(bound, 4);
    }
    expect(initialiser('lstm.0.forward.bias')).toEqual({ kind: 'lstm-bias' });
    expect(initialiser('head.pos.bias')).toEqual({ kind: 'constant', value: 0 });
  });
});

test('the model of the synthetic experiment has 40,000 prunable weights', () => {
  const model = { ...REFERENCE, wordDimension: 50, charDimension: 0, layers: 1, hidden: 50 };
  const table = layOutParameters(model, 0, [plain('a', 2)]);
  expect(table.prunableCount).toBe(40_000);
  expect(count(table, /^char\./)).toBe(0);
});

describe('a parameter plane', () => {
  const tables = [
    layOutParameters(REFERENCE, CHARACTERS, TASKS),
    layOutParameters(SMALL_MODEL, 7, [SOFTMAX_HEAD, CRF_HEAD, BOUNDED_CRF_HEAD]),
    layOutParameters({ ...SMALL_MODEL, charDimension: 0, layers: 3 }, 0, [BOUNDED_CRF_HEAD]),
  ];

  test('puts every tensor on a word of a mask, none over another', () => {
    for (const { parameters, size } of tables) {
      let end = 0;
      for (const { name, offset, shape, rowStride } of parameters) {
        expect(offset % MASK_BITS, name).toBe(0);
        expect(offset, name).toBeGreaterThanOrEqual(end);
        expect(offset - end, name).toBeLessThan(MASK_BITS);
        const columns = shape.at(-1)!;
        expect(rowStride).toBeGreaterThanOrEqual(columns);
        end = offset + (shape.reduce((product, n) => product * n, 1) / columns) * rowStride;
      }
      expect(size).toBeGreaterThanOrEqual(end);
      expect(size - end).toBeLessThan(MASK_BITS);
    }
  });

  test('is prunable, then shared, then the heads in order, without gaps', () => {
    for (const {
      parameters,
      prunable,
      shared: [shared],
      heads,
      size,
    } of tables) {
      expect(prunable.begin).toBe(0);
      expect(shared!.begin).toBe(prunable.end);
      expect(heads[0]!.begin).toBe(shared!.end);
      heads.forEach(({ end }, i) => {
        expect(end).toBe(heads[i + 1]?.begin ?? size);
      });
      for (const { name, offset } of parameters) expect(offset >= shared!.end, name).toBe(name.startsWith('head.'));
    }
  });

  test('has the parts of each head that its kind needs', () => {
    const names = tables[1]!.parameters.map(({ name }) => name).filter((name) => name.startsWith('head.'));
    expect(names).toEqual([
      'head.plain.weight',
      'head.plain.bias',
      'head.chain.weight',
      'head.chain.bias',
      'head.chain.transitions',
      'head.bounded.weight',
      'head.bounded.bias',
      'head.bounded.transitions',
      'head.bounded.start',
      'head.bounded.end',
    ]);
    const transitions = tables[1]!.parameters.find(({ name }) => name === 'head.bounded.transitions')!;
    expect(transitions).toMatchObject({ shape: [5, 5], rowStride: 8, initialiser: { kind: 'normal', deviation: Math.sqrt(1 / 5) } });
  });
});
