import { afterEach, describe, expect, test, vi } from 'vitest';
import { ResourceError } from '../../src/errors.js';
import { Tagger } from '../../src/tagger/tagger.js';
import { train } from '../../src/train/train.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';

const corpus = smallCorpus(60);
const config = smallConfig({ train: { sharing: 'sparse' } });
const { Memory } = WebAssembly;
afterEach(() => {
  vi.unstubAllEnvs();
  WebAssembly.Memory = Memory;
});

describe('a training whose kernel threads are killed at any time', () => {
  const workerUrl = new URL('../runtime/faulty-thread.mjs', import.meta.url);
  const MOST_MILLISECONDS = 2000;

  /** Trains until a thread dies, `after` milliseconds after it was made, and gives what the run had come to. */
  async function trainUntilDeath(after: number, resume: Uint8Array | undefined) {
    // Threads start with a copy of the environment.
    vi.stubEnv('THREAD_FAULT', 'is terminated');
    vi.stubEnv('THREAD_FAULT_AFTER', `${after}`);
    let [last, fingerprint, startedAt]: [Uint8Array | undefined, string | null, number] = [resume, null, Number.NaN];
    const options = { resume, runtime: { threads: 2, workerUrl }, checkpointAfter: (step: number) => step % 3 === 0 };
    try {
      for await (const event of train(config, [corpus], options)) {
        if (event.type === 'start') startedAt = performance.now();
        if (event.type === 'checkpoint') last = event.bytes();
        if (event.type === 'done') fingerprint = event.report.fingerprint;
      }
    } catch (error) {
      // Threads that die before they are ready are another error, at once.
      const code = Number.isNaN(startedAt) ? 'THREADS_UNSTARTED' : 'THREAD_DIED';
      expect(error).toMatchObject({ code });
      if (code === 'THREAD_DIED') expect(performance.now() - startedAt - after).toBeLessThan(MOST_MILLISECONDS);
      return { last, fingerprint: null, isDead: true };
    }
    return { last, fingerprint, isDead: false };
  }

  test('fails within 2 s of each death, and goes on from its last checkpoint to the same model', async () => {
    const whole = await runTraining(config, {}, corpus);
    let [resume, deaths]: [Uint8Array | undefined, number] = [undefined, 0];
    for (let after = 150; ; after = Math.ceil(1.4 * after)) {
      const { last, fingerprint, isDead } = await trainUntilDeath(after, resume);
      resume = last;
      if (isDead) deaths += 1;
      if (fingerprint === null) continue;
      expect(fingerprint).toBe(whole.done.report.fingerprint);
      break;
    }
    expect(deaths).toBeGreaterThan(0);
  });
});

describe('a host that refuses memory', () => {
  /** Memory that can be made `made` times and then grow `grown` times. */
  function refuseAfter(made: number, grown: number): void {
    let [makes, grows] = [0, 0];
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if (++makes > made) throw new RangeError('could not allocate memory');
        super(descriptor);
      }
      override grow(pages: number): number {
        if (++grows > grown) throw new RangeError('could not grow memory');
        return super.grow(pages);
      }
    };
  }
  const eventsOf = async (): Promise<string[]> => {
    const events: string[] = [];
    try {
      for await (const event of train(config, [corpus])) events.push(event.type);
    } catch (error) {
      expect(error).toBeInstanceOf(ResourceError);
      events.push((error as ResourceError).code);
    }
    return events;
  };

  test('at first is told so by a training and a tagger, before they have done anything', async () => {
    const { model } = (await runTraining(config, {}, corpus)).done;
    refuseAfter(0, 0);
    expect(await eventsOf()).toEqual(['MEMORY_REFUSED']);
    await expect(Tagger.load(model)).rejects.toMatchObject({ code: 'MEMORY_REFUSED' });
  });

  test('at any growth is told so before the first step; a run that begins has all the memory it will need', async () => {
    for (let grown = 0; ; grown++) {
      refuseAfter(1, grown);
      const events = await eventsOf();
      if (events.at(-1) === 'done') break;
      expect(events).toEqual(['MEMORY_EXHAUSTED']);
    }
  });

  test('for a long sentence is told so, and the tagger goes on with shorter ones', async () => {
    const { model } = (await runTraining(config, {}, corpus)).done;
    const short = corpus.dev.sentences[0]!.tokens;
    const long = Array.from({ length: 9000 }, (_, i) => short[i % short.length]!);
    const untouched = await Tagger.load(model);
    let refused = 0;
    for (let grown = 0; ; grown++) {
      refuseAfter(1, grown);
      const tagger = await Tagger.load(model).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'MEMORY_EXHAUSTED' });
        return null;
      });
      if (!tagger) continue;
      try {
        expect(tagger.tag(long)).toEqual(untouched.tag(long));
        break;
      } catch (error) {
        expect(error).toMatchObject({ code: 'MEMORY_EXHAUSTED' });
        refused += 1;
      }
      expect(tagger.tag(short)).toEqual(untouched.tag(short));
    }
    expect(refused).toBeGreaterThan(0);
  });
});
