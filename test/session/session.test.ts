import { Worker } from 'node:worker_threads';
import {
  ConfigError,
  CorpusError,
  connect,
  ModelFileError,
  openModelFile,
  prune,
  ResourceError,
  type Session,
  type SessionOptions,
  summarizeModel,
  Tagger,
  type TrainEvent,
  writeModelFile,
} from 'sparsetag';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { syntheticSplits } from '../../src/conformance/synthetic-corpus.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';
import { bytesOf } from '../helpers/text.js';

const opened: Session[] = [];
async function open(options: SessionOptions = {}): Promise<Session> {
  const session = await connect(options);
  opened.push(session);
  return session;
}
afterEach(() => {
  for (const session of opened.splice(0)) session.dispose();
  vi.restoreAllMocks();
});

/** Collects the workers that are started from now on, to harm them. */
function watchWorkers(): Set<Worker> {
  const started = new Set<Worker>();
  vi.spyOn(Worker.prototype, 'unref').mockImplementation(function (this: Worker) {
    started.add(this);
  });
  return started;
}

const config = smallConfig({ train: { sharing: 'sparse', epochs: 1 } });
let model: Uint8Array;
let fingerprint: string;
let events: TrainEvent[];
beforeAll(async () => {
  const run = await runTraining(config);
  model = run.done.model;
  fingerprint = run.done.report.fingerprint;
  events = run.events;
});

const sentences = [['Mek', 'Bren', 'sagis', '.'], [], ['ta', 'klos']];
/** Without what makes the bytes of a checkpoint, and what tells of the kernels: threads have others, and memory of their own. */
const plain = (event: TrainEvent) => ({
  ...event,
  bytes: null,
  parts: null,
  memory: null,
  ...(event.type === 'done' && { report: { ...event.report, wasm: null } }),
});

describe('a session', () => {
  test('tags, scores, finds entities, evaluates and inspects as the library does', async () => {
    const tagger = await (await open()).load(model);
    const here = await Tagger.load(model);
    expect(tagger.fingerprint).toBe(here.fingerprint);
    expect(tagger.tasks).toEqual(here.tasks);
    expect(await tagger.tagBatch(sentences)).toEqual(here.tagBatch(sentences));
    expect(await tagger.tag(sentences[0]!)).toEqual(here.tag(sentences[0]!));
    expect(await tagger.scoreBatch(sentences, ['ner'])).toEqual(here.scoreBatch(sentences, ['ner']));
    const text = 'Mek Bren sagis. Ta klos.';
    expect(await tagger.entities(text, { task: 'ner' })).toEqual(here.entities(text, { task: 'ner' }));
    expect(await opened[0]!.inspect(new Blob([model as Uint8Array<ArrayBuffer>]))).toEqual(summarizeModel(model));
    const columns = [{ task: 'pos', labels: 0, scheme: 'bio' }] as const;
    const gold = smallCorpus().dev.sentences.slice(0, 5);
    expect((await tagger.evaluate(gold, columns))[0]!.tokens).toBe(gold.reduce((sum, { tokens }) => sum + tokens.length, 0));
  });

  test('prunes as the library does', async () => {
    const session = await open();
    const here = await prune(openModelFile(model).contents, { keep: 0.1 });
    const there = await session.prune(new Blob([model as Uint8Array<ArrayBuffer>]), { keep: 0.1 });
    expect(there).toEqual(writeModelFile(here));
    expect((await session.load(there)).fingerprint).not.toBe(fingerprint);
    await expect(session.prune(model, { keep: 1 })).rejects.toMatchObject({ name: 'ConfigError', code: 'PRUNE_KEEP' });
  });

  test('cuts a long call into parts without changing a tag', async () => {
    const tagger = await (await open()).load(model);
    const many = Array.from({ length: 300 }, (_, i) => sentences[2 * (i % 2)]!);
    const tags = await tagger.tagBatch(many);
    expect(tags).toHaveLength(300);
    expect(tags[298]).toEqual(tags[0]);
  });

  test.each([1, 2])('trains to the same events and bytes on %d threads', async (threads) => {
    const session = await open({ threads });
    expect(session.info).toMatchObject({ threads, reason: null });
    const seen: TrainEvent[] = [];
    for await (const event of session.train(config, [smallCorpus()])) if (event.type !== 'step') seen.push(event);
    expect(seen.map(plain)).toEqual(events.map(plain));
  });

  test('trains on files that its worker reads', async () => {
    const { train, dev, test: heldOut } = syntheticSplits({ seed: 7, sentences: 120 });
    const file = (name: string, text: string) => ({ file: name, bytes: new Blob([text]) });
    const files = { name: 'made', train: file('train', train), dev: file('dev', dev), test: file('test', heldOut) };
    let last: TrainEvent | undefined;
    for await (const event of (await open()).train(config, [files])) last = event;
    expect(last).toMatchObject({ type: 'done', report: { fingerprint } });
  });

  test('goes on from a checkpoint in another session to the same fingerprint', async () => {
    let resume: Uint8Array | undefined;
    for await (const event of (await open()).train(config, [smallCorpus()])) {
      if (event.type !== 'checkpoint') continue;
      resume = event.bytes();
      break;
    }
    let last: TrainEvent | undefined;
    for await (const event of (await open()).train(config, [smallCorpus()], { resume: resume! })) last = event;
    expect(last).toMatchObject({ type: 'done', report: { fingerprint } });
  });

  test('tags while it trains', async () => {
    const session = await open();
    const tagger = await session.load(model);
    let steps = 0;
    for await (const event of session.train(config, [smallCorpus()])) {
      if (event.type !== 'step') continue;
      steps += 1;
      expect(await tagger.tag(['ta'])).toHaveProperty('pos');
      if (steps === 3) break;
    }
    expect(steps).toBe(3);
  });
});

describe('errors of a session', () => {
  test('are those of the library, with class, code and position', async () => {
    const session = await open();
    await expect(session.load(bytesOf('nothing'))).rejects.toThrow(ModelFileError);
    const tagger = await session.load(model);
    const error = await tagger.tagBatch(sentences, ['none']).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: 'TAGGER_TASK', message: expect.stringContaining('it has pos, chunk, ner') });
    const broken = { file: 'a.txt', bytes: bytesOf('ta DT O\n') };
    const events = session.train(config, [{ name: 'made', train: broken, dev: broken, test: broken }]);
    const fault = await events.next().catch((reason: unknown) => reason);
    expect(fault).toBeInstanceOf(CorpusError);
    expect(fault).toMatchObject({ position: { file: 'a.txt', line: 1 }, message: expect.stringMatching(/^a\.txt:1:\d+: (?!a\.txt)/) });
  });

  test('end calls whose worker dies, and say so to later ones', async () => {
    const workers = watchWorkers();
    const session = await open();
    const tagger = await session.load(model);
    const training = session.train(config, [smallCorpus()]);
    await training.next();
    const begun = performance.now();
    const calls = [
      tagger.tagBatch(Array.from({ length: 20_000 }, () => ['ta', 'klos'])),
      (async () => {
        for await (const _ of training);
      })(),
    ];
    for (const worker of workers) await worker.terminate();
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'SESSION_DIED' });
    expect(performance.now() - begun).toBeLessThan(2000);
    await expect(tagger.tag(['ta'])).rejects.toThrow(ResourceError);
  });

  test('say that a session was disposed of', async () => {
    const session = await open();
    const tagger = await session.load(model);
    const call = tagger.tagBatch(Array.from({ length: 5000 }, () => ['ta', 'klos']));
    session.dispose();
    session.dispose();
    await expect(call).rejects.toMatchObject({ code: 'SESSION_DISPOSED' });
    await expect(tagger.tag(['ta'])).rejects.toMatchObject({ code: 'SESSION_DISPOSED' });
    tagger.dispose();
  });

  test('name a worker that cannot be started', async () => {
    await expect(connect({ workerUrl: new URL('file:///nowhere/worker.js') })).rejects.toMatchObject({ code: 'SESSION_DIED' });
    await expect(connect({ threads: 0 })).rejects.toMatchObject({ code: 'THREADS_OUT_OF_RANGE' });
  });

  test('name a tagger that was disposed of', async () => {
    const tagger = await (await open()).load(model);
    tagger.dispose();
    await expect(tagger.tag(['ta'])).rejects.toMatchObject({ code: 'TAGGER_DISPOSED' });
  });
});

describe('a signal', () => {
  test('rejects a call with its reason, and the session goes on', async () => {
    const tagger = await (await open()).load(model);
    const reason = new Error('enough');
    const controller = new AbortController();
    const call = tagger.tagBatch(
      Array.from({ length: 20_000 }, () => ['ta', 'klos', 'ad', 'Bren']),
      undefined,
      { signal: controller.signal },
    );
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    const begun = performance.now();
    expect(await tagger.tag(['ta'])).toHaveProperty('ner');
    expect(performance.now() - begun).toBeLessThan(2000);
    await expect(tagger.tag(['ta'], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(connect({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('ends a training with its reason', async () => {
    const session = await open();
    const controller = new AbortController();
    const reason = new Error('enough');
    const run = (async () => {
      for await (const event of session.train(config, [smallCorpus()], { signal: controller.signal }))
        if (event.type === 'step') controller.abort(reason);
    })();
    await expect(run).rejects.toBe(reason);
  });
});

test('a training whose events nobody takes waits', async () => {
  const session = await open();
  const long = smallConfig({ train: { sharing: 'hard', epochs: 500 } });
  const training = session.train(long, [smallCorpus()]);
  await training.next();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  // Had it gone on, there would be thousands of steps to take before one that was made just now.
  const seen: number[] = [];
  for await (const event of training) {
    if (event.type === 'step') seen.push(event.step);
    if (seen.length === 100) break;
  }
  expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
});
