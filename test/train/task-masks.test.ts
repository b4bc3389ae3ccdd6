import { describe, expect, test } from 'vitest';
import { packBatch } from '../../src/model/pack-batch.js';
import { Optimizer } from '../../src/train/optimizer.js';
import { TaskMasks } from '../../src/train/task-masks.js';
import {
  BOUNDED_CRF_HEAD,
  CRF_HEAD,
  openNetwork,
  type SmallNetwork,
  SOFTMAX_HEAD,
  smallSentences,
  smallShape,
  smallTypes,
} from '../helpers/small-network.js';
import { isKept, randomMask } from '../kernels/matrices.js';

const HEADS = [SOFTMAX_HEAD, CRF_HEAD, BOUNDED_CRF_HEAD];
const SHAPE = smallShape({}, HEADS);

async function openMasks(scale = 1): Promise<SmallNetwork & { masks: TaskMasks }> {
  const small = await openNetwork(SHAPE, { scale });
  return { ...small, masks: new TaskMasks(small.runtime, small.network) };
}

/** Elements of the plane that are weights, not padding between tensors. */
function weightsOf({ network }: SmallNetwork): number[] {
  return network.table.parameters
    .filter(({ offset }) => offset < network.table.prunable.end)
    .flatMap(({ offset, size }) => Array.from({ length: size }, (_, e) => offset + e));
}

const keptOf = (mask: Uint32Array): number[] => Array.from({ length: 32 * mask.length }, (_, e) => e).filter((e) => isKept(mask, e));

describe('the mask of a task', () => {
  test('keeps all at first, and kernels are told so with no mask', async () => {
    const small = await openMasks();
    const { masks, network } = small;
    expect(masks.pointer(0)).toBe(0);
    expect(masks.get(0)).toBeNull();
    expect(masks.kept(0)).toBe(network.table.prunableCount);
    expect(keptOf(masks.allKept())).toEqual(weightsOf(small));
  });

  test('is what it was set to, and its own', async () => {
    const { masks } = await openMasks();
    const bits = masks.allKept().map((word, w) => (w % 2 ? word : 0));
    masks.set(1, bits);
    expect(masks.get(1)).toEqual(bits);
    expect(masks.pointer(1)).toBeGreaterThan(0);
    expect(masks.kept(1)).toBe(keptOf(bits).length);
    expect(masks.get(0)).toBeNull();
    masks.set(1, null);
    expect(masks.pointer(1)).toBe(0);
  });

  test('keeps exactly as many weights as asked for, the largest, over all tensors together', async () => {
    const small = await openMasks();
    const { masks, network, runtime } = small;
    const all = weightsOf(small);
    const plane = runtime.arena.f32(network.parameters, network.table.prunable.end);
    const bySize = all.toSorted((a, b) => Math.abs(plane[b]!) - Math.abs(plane[a]!) || a - b);
    for (const keep of [all.length, all.length - 1, 300, 77, 1, 0]) {
      masks.set(2, null);
      masks.prune(2, keep);
      expect(masks.kept(2)).toBe(keep);
      expect(keptOf(masks.get(2)!)).toEqual(bySize.slice(0, keep).sort((a, b) => a - b));
    }
  });

  test('nests from round to round, however the weights change between them', async () => {
    const { masks, network, runtime } = await openMasks();
    let before = masks.allKept();
    [400, 250, 249, 80, 10].forEach((keep, round) => {
      const plane = runtime.arena.f32(network.parameters, network.table.size);
      const other = randomMask(plane.length, 0.5, round);
      plane.forEach((w, e) => {
        plane[e] = isKept(other, e) ? -3 * w : w / 2;
      });
      masks.prune(0, keep);
      const now = masks.get(0)!;
      expect(masks.kept(0)).toBe(keep);
      expect(now.every((word, w) => (word & ~before[w]!) === 0)).toBe(true);
      before = now;
    });
  });
});

describe('masks together', () => {
  test('clear the weights that no task keeps to +0, and no others', async () => {
    const small = await openMasks();
    const { masks, network, runtime } = small;
    masks.prune(0, 200);
    masks.set(
      1,
      masks.allKept().map((word, w) => word & randomMask(32 * masks.words, 0.3, 5)[w]!),
    );
    const plane = (): Float32Array => runtime.arena.f32(network.parameters, network.table.size).slice();
    const before = plane();
    masks.applyUnion([0, 2]);
    expect(plane()).toEqual(before); // task 2 keeps all
    masks.applyUnion([0, 1]);
    const after = plane();
    const [first, second] = [masks.get(0)!, masks.get(1)!];
    for (let e = 0; e < after.length; e++) {
      const kept = e >= network.table.prunable.end || isKept(first, e) || isKept(second, e);
      expect(Object.is(after[e], kept ? before[e] : 0), `element ${e}`).toBe(true);
    }
  });

  test('divide the weights into one group for each set of tasks that keeps some', async () => {
    const { masks, runtime } = await openMasks();
    masks.prune(0, 300);
    masks.set(
      1,
      masks.allKept().map((word, w) => word & randomMask(32 * masks.words, 0.3, 6)[w]!),
    );
    const pointers = Array.from({ length: 7 }, () => runtime.arena.allocateWords('group', masks.words));
    const check = (tasks: readonly number[]): void => {
      const groups = masks.groups(tasks, (index) => pointers[index]!);
      expect(new Set(groups.map(({ mask }) => mask)).size).toBe(groups.length);
      const own = tasks.map((task) => masks.get(task) ?? masks.allKept());
      const sets = new Map(groups.map(({ tasks, mask }) => [tasks.join(), runtime.arena.u32(mask, masks.words).slice()]));
      for (let e = 0; e < 32 * masks.words; e++) {
        const owners = tasks.filter((_, t) => isKept(own[t]!, e)).join();
        for (const [set, bits] of sets) expect(isKept(bits, e)).toBe(set === owners);
        if (owners) expect(sets.has(owners)).toBe(true);
      }
      for (const bits of sets.values()) expect(keptOf(bits).length).toBeGreaterThan(0);
    };
    check([0, 1]);
    check([1, 2]);
    check([0, 1, 2]);
    check([0]);
    expect(
      masks.groups([2], () => 0),
      'one that keeps all needs no mask',
    ).toEqual([{ tasks: [2], mask: 0 }]);
  });
});

describe('pruned weights', () => {
  const types = smallTypes(20, 8);
  const base = { rate: 1, schedule: 'constant', decay: 0, momentum: 0.9, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipAt: 0.5 } as const;

  test.each([
    ['masked SGD', { ...base, type: 'sgd', clip: 'norm' }, 'masked'],
    ['coasting SGD', { ...base, type: 'sgd', clip: 'value' }, 'coasting'],
    ['Adam', { ...base, type: 'adam', rate: 0.05, clip: 'none' }, 'masked'],
  ] as const)('stay exactly +0 through rounds of %s, and those of a task are not read by it', async (_, config, mode) => {
    const { runtime, network, masks } = await openMasks(0.3); // small weights, which a few steps put in another order
    const optimizer = new Optimizer(runtime, network, [config], 100);
    const groupMasks = Array.from({ length: 3 }, () => runtime.arena.allocateWords('group', masks.words));
    const initial = runtime.arena.f32(network.parameters, network.table.size).slice();
    const keys = { seed: 1, phase: 0 };
    const train = (tasks: readonly number[], steps: number): void => {
      masks.applyUnion(tasks);
      optimizer.begin(config);
      const groups = config.type === 'adam' ? masks.groups(tasks, (index) => groupMasks[index]!) : [];
      for (let step = 0; step < steps; step++) {
        const task = tasks[step % tasks.length]!;
        const batch = packBatch(smallSentences([4, 2, 3], types.length, HEADS[task]!.tags, step), types);
        network.prepare(masks.pointer(task), [task], true);
        optimizer.refresh(batch);
        network.backward(network.encode(batch, { ...keys, step }), task);
        optimizer.step(task, masks.pointer(task), groups, config.rate, mode);
      }
      optimizer.settle();
    };
    for (const task of [0, 1]) {
      for (const keep of [350, 150]) {
        runtime.arena.f32(network.parameters, initial.length).set(initial);
        train([task], 15);
        masks.prune(task, keep);
      }
    }
    runtime.arena.f32(network.parameters, initial.length).set(initial);
    train([0, 1], 30);
    const [first, second] = [masks.get(0)!, masks.get(1)!];
    expect(keptOf(first)).not.toEqual(keptOf(second));
    const after = runtime.arena.f32(network.parameters, network.table.prunable.end).slice();
    let moved = 0;
    for (let e = 0; e < after.length; e++) {
      if (!isKept(first, e) && !isKept(second, e)) expect(Object.is(after[e], 0), `element ${e}`).toBe(true);
      else if (after[e] !== initial[e]) moved++;
    }
    expect(moved).toBeGreaterThan(140);

    // What task 0 does not keep may hold anything: its emissions do not change.
    const batch = packBatch(smallSentences([5, 3], types.length, 5, 99), types);
    const loss = (): number => {
      network.prepare(masks.pointer(0), [0], true);
      return network.backward(network.encode(batch, null), 0);
    };
    const before = loss();
    const plane = runtime.arena.f32(network.parameters, network.table.prunable.end);
    for (let e = 0; e < plane.length; e++) if (!isKept(first, e)) plane[e] = Number.NaN;
    expect(loss()).toBe(before);
  });
});
