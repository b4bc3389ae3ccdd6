import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { CALL_CAPACITY, MAXIMUM_VALUES } from '../../src/runtime/call-list.js';
import { createRuntime, type Runtime, type RuntimeOptions } from '../../src/runtime/runtime.js';
import { bundleProgram, type Program } from '../helpers/program.js';
import { digestOfProducts } from './products.js';

const opened: Runtime[] = [];
async function open(options: RuntimeOptions): Promise<Runtime> {
  const runtime = await createRuntime(options);
  opened.push(runtime);
  return runtime;
}
afterEach(() => {
  for (const runtime of opened.splice(0)) runtime.dispose();
  vi.unstubAllEnvs();
});

function openFaulty(threads: number, fault: string): Promise<Runtime> {
  vi.stubEnv('THREAD_FAULT', fault); // threads start with a copy of the environment
  return open({ threads, workerUrl: new URL('./faulty-thread.mjs', import.meta.url) });
}

/** Fills lists with calls of the kernel that is faulty on other threads, for so long. */
function callFaulty({ arena, work }: Runtime, milliseconds: number): void {
  const values = arena.allocateWords('values', 4);
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    for (let i = 0; i < 64; i++) work.add('mapExp', values, values, 0);
    work.join();
  }
}

let expected: string;
beforeAll(async () => {
  expected = digestOfProducts(await createRuntime({ build: 'scalar' }));
});

describe('kernel calls on threads', () => {
  test.each([1, 2, 3, 4, 8])('give the bits of the scalar twins on %d threads', async (threads) => {
    const runtime = await open({ threads });
    expect(runtime.work.threads).toBe(threads);
    expect(digestOfProducts(runtime)).toBe(expected);
  });

  test('all run, each once, when there are more than the list holds', async () => {
    const { arena, work } = await open({ threads: 2 });
    const count = 5 * CALL_CAPACITY + 3;
    const ones = arena.allocateWords('ones', 4);
    arena.f32(ones, 4).fill(1);
    // A call adds 1 to four rows of four positions of its own: a panel of weights 1 times one feature of 1.
    const y = arena.allocateWords('y', 16 * count);
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < count; i++) work.add('gemm', y + 64 * i, 4, ones, ones, 4, 1, 4, 0, 1, 0, 4);
      work.join();
    }
    expect(arena.f32(y, 16 * count).every((value) => value === 2)).toBe(true);
  });

  test('are waited for however long another thread takes', async () => {
    // Only the other thread is slow: this one runs the rest of the list at once.
    const runtime = await openFaulty(2, 'is slow');
    const begin = performance.now();
    callFaulty(runtime, 2000);
    expect(performance.now() - begin).toBeGreaterThan(2400);
  });

  test('have room for the arguments of every kernel', async () => {
    const { kernels } = await open({});
    const most = Math.max(...Object.values(kernels).map((kernel) => (typeof kernel === 'function' ? kernel.length : 0)));
    expect(most).toBeGreaterThan(10);
    expect(most).toBeLessThanOrEqual(MAXIMUM_VALUES);
  });
});

describe('a call that throws', () => {
  test('fails the join and everything after it, whichever thread it was on', async () => {
    const { work } = await open({ threads: 3 });
    const compute = () => {
      for (let i = 0; i < 20; i++) work.add('mapTanh', -64, -64, 4);
      work.join();
    };
    expect(compute).toThrow(expect.objectContaining({ code: 'THREAD_DIED', message: expect.stringContaining('mapTanh: memory') }));
    expect(() => work.join()).toThrow(expect.objectContaining({ code: 'THREAD_DIED' }));
  });
});

describe('a thread that dies', () => {
  const died = expect.objectContaining({ name: 'ResourceError', code: 'THREAD_DIED', message: expect.stringContaining('status 3') });
  const mostMilliseconds = 2000;

  test.each([2, 4])('in a call fails the job within 2 s, of %d threads', async (threads) => {
    const runtime = await openFaulty(threads, 'dies in a call');
    const begin = performance.now();
    expect(() => callFaulty(runtime, 10_000)).toThrow(died);
    expect(performance.now() - begin).toBeLessThan(mostMilliseconds);
    expect(() => runtime.work.join()).toThrow(died);
  });

  test('from outside, inside a long kernel, fails the job within 2 s', async () => {
    const { arena, work } = await openFaulty(2, 'is terminated');
    const [depth, positions] = [1024, 1 << 20];
    const panel = arena.allocateWords('panel', 4 * depth);
    const x = arena.allocateWords('x', positions);
    const y = [0, 1].map(() => arena.allocateWords('y', 4 * positions));
    const begin = performance.now();
    const compute = () => {
      while (performance.now() - begin < 10_000) {
        // Two of about 0.3 s; every feature is the same one.
        for (const each of y) work.add('gemm', each, positions, panel, x, 0, depth, positions, 0, 0, 0, 4);
        work.join();
      }
    };
    expect(compute).toThrow(expect.objectContaining({ code: 'THREAD_DIED', message: expect.stringContaining('status 1') }));
    expect(performance.now() - begin).toBeLessThan(500 + mostMilliseconds);
  });

  test.each([
    ['that sees no events', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, mostMilliseconds / 2)],
    ['that is free', () => pause(mostMilliseconds / 2)],
  ])('while idle fails the next join of a thread %s', async (_what, wait) => {
    const runtime = await openFaulty(2, 'dies in its sleep');
    await wait();
    expect(() => runtime.work.join()).toThrow(died);
    runtime.dispose();
    expect(() => runtime.work.join()).toThrow(died);
  });

  test('before it is ready is said at once, and so is arithmetic unlike that of other hosts', async () => {
    await expect(openFaulty(2, 'never starts')).rejects.toMatchObject({
      name: 'CapabilityError',
      code: 'THREADS_UNSTARTED',
      message: expect.stringContaining('no such luck'),
    });
    await expect(openFaulty(2, 'adds in 32 bits')).rejects.toMatchObject({
      code: 'THREADS_UNSTARTED',
      message: expect.stringContaining('other results than all others: expected that sums of squares have 64 bits'),
    });
    const nowhere = open({ threads: 3, workerUrl: new URL('./none.js', import.meta.url) });
    await expect(nowhere).rejects.toMatchObject({ code: 'THREADS_UNSTARTED', message: expect.stringContaining('none.js') });
  });
});

describe('dispose', () => {
  test('may be called again, and ends the work', async () => {
    const runtime = await open({ threads: 2 });
    runtime.dispose();
    runtime.dispose();
    expect(() => runtime.work.add('mapExp', 0, 0, 0)).toThrow(/disposed of/);
    expect(() => runtime.work.join()).toThrow(/disposed of/);
  });
});

describe('a process with threads', () => {
  let program: Program;
  beforeAll(async () => {
    program = await bundleProgram(new URL('./thread-program.ts', import.meta.url));
  });
  afterAll(() => program.remove());

  test.each(['1', '2', '4'])('ends by itself with %s threads that nobody disposed of', async (threads) => {
    expect(await program.run([], threads)).toBe(`${expected}\n`);
  });

  test.each(['--liftoff-only', '--no-liftoff'])('gives the same bits under node %s', async (flag) => {
    expect(await program.run([flag], '3')).toBe(`${expected}\n`);
  });
});
