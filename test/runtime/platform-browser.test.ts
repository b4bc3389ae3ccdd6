import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { enterThread, startThreads, startWorker } from '../../src/runtime/platform.browser.js';

// Workers as a page sees them; they do nothing.
class FakeWorker {
  static made: FakeWorker[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { message?: string; preventDefault(): void }) => void) | null = null;
  readonly given: unknown[] = [];
  isEnded = false;

  constructor(readonly url: URL | string) {
    if (`${url}`.endsWith('refused.js')) throw new TypeError('not allowed');
    FakeWorker.made.push(this);
  }

  postMessage(message: unknown): void {
    this.given.push(message);
  }

  terminate(): void {
    this.isEnded = true;
  }
}

beforeEach(() => {
  FakeWorker.made = [];
  vi.stubGlobal('Worker', FakeWorker);
});
afterEach(() => vi.unstubAllGlobals());

const SESSION = new URL('http://localhost/worker.js');

/** A session's worker that has asked for a kernel thread. */
function ask(url: string) {
  const handle = startWorker(SESSION, () => {});
  const [session] = FakeWorker.made;
  const [talk, control] = [new MessageChannel(), new MessageChannel()];
  session!.onmessage!({ data: { url, port: talk.port2, control: control.port2 } });
  const told = new Promise<unknown>((resolve) => {
    control.port1.onmessage = ({ data }) => resolve(data);
  });
  const close = (): void => [control.port1, talk.port1, handle.port].forEach((port) => void port.close());
  return { handle, talk, control, told, thread: FakeWorker.made[1], close };
}

test('a kernel thread of a session is made by who started the session, and given its port', () => {
  const { thread, talk, close } = ask('http://localhost/kernel-thread.js');
  expect(thread!.url).toBe('http://localhost/kernel-thread.js');
  expect(thread!.given).toEqual([talk.port2]);
  close();
});

test('the session ends a kernel thread by a message', async () => {
  const { thread, control, close } = ask('http://localhost/kernel-thread.js');
  control.port1.postMessage(null);
  await vi.waitFor(() => expect(thread!.isEnded).toBe(true));
  close();
});

test('kernel threads end with their session', () => {
  const { handle, thread, close } = ask('http://localhost/kernel-thread.js');
  handle.terminate();
  expect(FakeWorker.made.map(({ isEnded }) => isEnded)).toEqual([true, true]);
  expect(thread!.isEnded).toBe(true);
  close();
});

test('the session is told of a kernel thread that fails, or that cannot be made', async () => {
  const failing = ask('http://localhost/kernel-thread.js');
  failing.thread!.onerror!({ message: 'out of order', preventDefault: () => {} });
  expect(await failing.told).toBe('out of order');
  failing.close();
  FakeWorker.made = [];
  const refused = ask('http://localhost/refused.js');
  expect(await refused.told).toMatch(/not allowed/);
  refused.close();
});

const THREAD = new URL('http://localhost/kernel-thread.js');

/** What a kernel thread does with the port that it was given: it says that it is ready, or what is wrong. */
function answer({ given: [port] }: FakeWorker, word: string | null): Promise<unknown> {
  return new Promise((resolve) => {
    (port as MessagePort).onmessage = ({ data }) => {
      (port as MessagePort).postMessage(word);
      resolve(data);
    };
  });
}

test('threads are ready when all have said so, and end together', async () => {
  const died = vi.fn();
  const starting = startThreads(THREAD, 'start', 2, died);
  expect(FakeWorker.made.map(({ url }) => url)).toEqual([THREAD.href, THREAD.href]);
  expect(await Promise.all(FakeWorker.made.map((worker) => answer(worker, null)))).toEqual(['start', 'start']);
  const threads = await starting;
  FakeWorker.made[1]!.onerror!({ message: 'out of memory', preventDefault: () => {} });
  await vi.waitFor(() => expect(died).toHaveBeenCalledWith('out of memory'));
  threads.terminate();
  await vi.waitFor(() => expect(FakeWorker.made.every(({ isEnded }) => isEnded)).toBe(true));
});

test.each([
  ['cannot be loaded', (worker: FakeWorker) => worker.onerror!({ message: 'no such script', preventDefault: () => {} }), 'no such script'],
  ['cannot read what it is given', (worker: FakeWorker) => void answer(worker, 'no shared memory'), 'no shared memory'],
])('where a thread %s, none is left', async (_, fail, reason) => {
  const starting = startThreads(THREAD, 'start', 2, () => {});
  void answer(FakeWorker.made[0]!, null);
  fail(FakeWorker.made[1]!);
  await expect(starting).rejects.toThrow(reason);
  await vi.waitFor(() => expect(FakeWorker.made.every(({ isEnded }) => isEnded)).toBe(true));
});

test('a thread that cannot read what it is given says so, for whoever started it waits', async () => {
  let enter: ((event: { data: MessagePort }) => void) | null = null;
  vi.stubGlobal('addEventListener', (_: string, listener: typeof enter) => {
    enter = listener;
  });
  enterThread(() => {});
  const { port1, port2 } = new MessageChannel();
  enter!({ data: port2 });
  port2.onmessageerror!(new MessageEvent('messageerror'));
  const told = await new Promise<unknown>((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  expect(told).toMatch(/does not let it share the memory/);
  port1.close();
});
