import { describe, expect, test } from 'vitest';
import type { OptimizerConfig } from '../../src/config/config.js';
import { packBatch } from '../../src/model/pack-batch.js';
import type { HeadShape } from '../../src/model/parameters.js';
import { Optimizer } from '../../src/train/optimizer.js';
import { TaskMasks } from '../../src/train/task-masks.js';
import { openNetwork, readParameter, smallSentences, smallShape, smallTypes, writeParameter } from '../helpers/small-network.js';
import { smallConfig } from '../helpers/small-run.js';

const LOW: HeadShape = { name: 'low', tags: 5, head: 'softmax', startEnd: false, layer: 1 };
const HIGH: HeadShape = { name: 'high', tags: 5, head: 'softmax', startEnd: false };
const TYPES = smallTypes(12, 3);
const BATCH = packBatch(smallSentences([4, 2, 1], TYPES.length, 5, 9), TYPES);
const { optimizer: SGD } = smallConfig().train;

describe('a head on a lower layer', () => {
  test('has the loss and the gradients of the network that ends there, to the bit', async () => {
    const [deep, shallow] = await Promise.all([
      openNetwork(smallShape({ layers: 2 }, [LOW, HIGH]), { seed: 5 }),
      openNetwork(smallShape({ layers: 1 }, [LOW]), { seed: 5 }),
    ]);
    const named = new Map(deep.network.table.parameters.map((parameter) => [parameter.name, parameter]));
    for (const parameter of shallow.network.table.parameters) {
      const values = readParameter(deep.runtime, deep.network.parameters, named.get(parameter.name)!);
      writeParameter(shallow.runtime, shallow.network.parameters, parameter, values);
    }
    const { values, rows, dimension } = deep.network.words;
    shallow.runtime.arena.f32(shallow.network.words.values, rows * dimension).set(deep.runtime.arena.f32(values, rows * dimension));
    const [loss, expected] = [deep, shallow].map(({ network }) => {
      network.prepare(0, [0], true);
      return network.backward(network.encode(BATCH, null), 0);
    });
    expect(loss).toBe(expected);
    for (const parameter of shallow.network.table.parameters) {
      const own = readParameter(deep.runtime, deep.network.gradients, named.get(parameter.name)!);
      expect(own, parameter.name).toEqual(readParameter(shallow.runtime, shallow.network.gradients, parameter));
    }
  });

  test.each<[string, OptimizerConfig]>([
    ['sgd', SGD],
    ['adam', { ...SGD, type: 'adam', rate: 0.01 }],
  ])('leaves the layers above it alone (%s)', async (_, config) => {
    const { runtime, network } = await openNetwork(smallShape({ layers: 2 }, [LOW, HIGH]), { seed: 5 });
    const masks = new TaskMasks(runtime, network);
    masks.set(0, masks.keptUpTo(1));
    const optimizer = new Optimizer(runtime, network, [config], 10);
    optimizer.begin(config);
    const groups = masks.groups([0, 1], (i) => runtime.arena.allocateWords(`group ${i}`, masks.words));
    const layers = (): number[][] =>
      ['lstm.0.', 'lstm.1.'].map((prefix) =>
        network.table.parameters
          .filter(({ name }) => name.startsWith(prefix))
          .flatMap((parameter) => readParameter(runtime, network.parameters, parameter)),
      );
    const step = (task: number): void => {
      network.prepare(masks.pointer(task), [task], true);
      optimizer.refresh(BATCH);
      network.backward(network.encode(BATCH, null), task);
      optimizer.step(task, masks.pointer(task), groups, 0.1, 'masked');
    };
    step(1); // leaves gradients of the upper layer behind, and gives it velocity
    const [lower, upper] = layers();
    step(0);
    expect(layers()[0]).not.toEqual(lower);
    expect(layers()[1]).toEqual(upper);
    step(1);
    expect(layers()[1]).not.toEqual(upper);
  });
});
