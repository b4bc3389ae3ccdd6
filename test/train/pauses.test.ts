import { describe, expect, test, vi } from 'vitest';
import type { InParts } from '../../src/model/in-parts.js';
import { Pauses } from '../../src/train/pauses.js';

/** More than is computed between two pauses, and little beside that. */
const [MUCH, LITTLE] = [1 << 28, 1 << 20];

function* parts(amounts: readonly number[]): InParts<string> {
  yield* amounts;
  return 'done';
}

describe('a training', () => {
  test('lets the host in after each part that is long', async () => {
    const pause = vi.fn(async () => {});
    expect(await new Pauses(undefined, pause).run(parts([MUCH, LITTLE, MUCH]))).toBe('done');
    expect(pause).toHaveBeenCalledTimes(2);
  });

  test('counts short parts together, over the steps that they belong to', async () => {
    const pause = vi.fn(async () => {});
    const pauses = new Pauses(undefined, pause);
    await pauses.run(parts(Array(100).fill(LITTLE)));
    expect(pause).not.toHaveBeenCalled();
    await pauses.run(parts(Array(100).fill(LITTLE)));
    expect(pause).toHaveBeenCalledTimes(1);
  });

  test('lets the host in within so many steps that events may run ahead, however small they are', async () => {
    const pause = vi.fn(async () => {});
    const pauses = new Pauses(undefined, pause);
    for (let step = 0; step < 32; step++) await pauses.afterStep();
    expect(pause.mock.calls.length).toBeGreaterThanOrEqual(4);
    expect(pause.mock.calls.length).toBeLessThan(32);
  });

  test('looks at its signal before each part, also where there is no pause', async () => {
    const controller = new AbortController();
    const reached: number[] = [];
    function* aborting(): InParts<void> {
      reached.push(1);
      yield LITTLE;
      reached.push(2);
      controller.abort(new Error('enough'));
      yield LITTLE;
      reached.push(3);
    }
    await expect(new Pauses(controller.signal, async () => {}).run(aborting())).rejects.toThrow('enough');
    expect(reached).toEqual([1, 2]);
  });
});
