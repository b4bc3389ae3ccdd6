import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parentPort, Worker, workerData } from 'node:worker_threads';

/** Bytes of a kernel binary that lies beside the built module. */
export async function readKernelBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(url));
}

/** Lets the host's events (signals, messages, timers) in before the next step of a long computation. */
export function pauseForHost(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Threads that can run at the same time. */
export function availableProcessors(): number {
  return availableParallelism();
}

/** Why there is no memory here that threads can share; `null` where there is. */
export function obstacleToSharedMemory(): string | null {
  return null;
}

/** Why kernels cannot run on several threads here; `null` where they can. */
export function obstacleToThreads(): string | null {
  return null;
}

export interface Threads {
  /** Ends the threads at once. */
  terminate(): void;
}

/** What a worker of `startThreads` is given: the supervisor how many threads to start, a thread none. */
interface WorkerData<Start> {
  readonly url: string;
  readonly start: Start;
  readonly count: number;
}

/**
 * Starts a supervisor, a worker that starts `count` more of the script `url` and does nothing but watch them: it sees that
 * one has died also while this thread computes or waits, and so sees no events. Resolves when all have said that they are
 * ready. None of them keeps the process alive.
 * @param died is told when the supervisor itself has ended, when this thread next sees events
 */
export function startThreads(url: URL, start: unknown, count: number, died: (reason: string) => void): Promise<Threads> {
  const supervisor = new Worker(url, { workerData: { url: url.href, start, count } });
  const threads = { terminate: () => void supervisor.terminate() };
  return new Promise((resolve, reject) => {
    const end = (reason: string): void => {
      died(reason);
      reject(new Error(reason));
    };
    supervisor.on('error', ({ message }) => end(message));
    supervisor.on('exit', (status) => end(`the supervisor of the threads ended with status ${status}`));
    supervisor.once('message', () => {
      supervisor.unref();
      resolve(threads);
    });
  });
}

/** In a worker of `startThreads`: runs `run` with what it was given, or watches those that do and tells `died` of their end. */
export function enterThread<Start>(run: (start: Start, ready: () => void) => void, died: (start: Start, reason: string) => void): void {
  const { url, start, count } = workerData as WorkerData<Start>;
  const ready = (): void => parentPort!.postMessage('ready');
  if (count === 0) run(start, ready);
  let waitedFor = count;
  const end = (reason: string): void => {
    // Until all are ready, the one who starts them listens: to the error that ends this worker.
    if (waitedFor > 0) throw new Error(reason);
    died(start, reason);
  };
  for (let i = 0; i < count; i++) {
    const thread = new Worker(new URL(url), { workerData: { url, start, count: 0 } });
    thread.on('error', ({ message }) => end(message));
    thread.on('exit', (status) => end(`it ended with status ${status}`));
    thread.once('message', () => {
      waitedFor -= 1;
      if (waitedFor === 0) ready();
    });
  }
}

/** A worker that one talks to through `port`. */
export interface WorkerHandle {
  readonly port: MessagePort;
  /** Whether it keeps the process alive. */
  hold(isHeld: boolean): void;
  /** Ends it at once. */
  terminate(): void;
}

/** The ports of Node can also be told whether to keep the process alive. */
type NodePort = MessagePort & { ref(): void; unref(): void };

/**
 * Starts a worker of the script `url`, which calls `enterWorker`.
 * @param died is told of its end or of a fault in it; after that nothing can be expected of it
 */
export function startWorker(url: URL, died: (reason: string) => void): WorkerHandle {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(url, { workerData: port2, transferList: [port2 as never] });
  worker.on('error', ({ message }) => died(message));
  worker.on('exit', (status) => died(`it ended with status ${status}`));
  worker.on('messageerror', ({ message }) => died(message));
  const port = port1 as NodePort;
  return {
    port,
    hold: (isHeld) => {
      for (const holder of [worker, port]) isHeld ? holder.ref() : holder.unref();
    },
    terminate: () => void worker.terminate(),
  };
}

/** In a worker of `startWorker`: runs `run` with its end of the port. */
export function enterWorker(run: (port: MessagePort) => void): void {
  run(workerData as MessagePort);
}

/** Hashes with the SHA-256 of the host, which is faster than our own and gives the same digests; `null` where none answers at once. */
export function hostSha256(): HostHash | null {
  return createHash('sha256');
}

export interface HostHash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}
