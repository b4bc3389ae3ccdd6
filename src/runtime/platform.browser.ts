/** Bytes of a kernel binary that lies beside the built module. */
export async function readKernelBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Lets the host's events (signals, messages, timers) in before the next step of a long computation. */
export function pauseForHost(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Threads that can run at the same time; some hosts do not say. */
export function availableProcessors(): number {
  return navigator.hardwareConcurrency ?? 1;
}

/** Why there is no memory here that threads can share; `null` where there is. */
export function obstacleToSharedMemory(): string | null {
  if (typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated) return null;
  return 'the page is not cross-origin isolated, so it has no shared memory; serve it with the headers COOP: same-origin and COEP: require-corp';
}

/** Why kernels cannot run on several threads here; `null` where they can. */
export function obstacleToThreads(): string | null {
  const obstacle = obstacleToSharedMemory();
  if (obstacle !== null) return obstacle;
  if (typeof document !== 'undefined') return "a window's own thread may not wait for others; run it in a worker";
  return typeof Worker === 'undefined' ? 'there are no workers here' : null;
}

export interface Threads {
  /** Ends the threads at once. */
  terminate(): void;
}

/**
 * Starts `count` workers of the script `url`, gives each `start`, and resolves when all have said that they are ready.
 * @param died is told of a fault in a worker after that, when this thread next sees events: here workers end with the page or by a fault
 */
export async function startThreads(url: URL, start: unknown, count: number, died: (reason: string) => void): Promise<Threads> {
  const workers = Array.from({ length: count }, () => new Worker(url, { type: 'module', name: 'sparsetag kernels' }));
  const threads = { terminate: () => workers.forEach((worker) => void worker.terminate()) };
  const ready = workers.map(
    (worker) =>
      new Promise<void>((resolve, reject) => {
        worker.onmessage = () => resolve();
        const fail = (reason: string): void => {
          died(reason);
          reject(new Error(reason));
        };
        worker.onerror = ({ message }) => fail(message);
        worker.onmessageerror = () => fail('what it said cannot be read');
        worker.postMessage(start);
      }),
  );
  try {
    await Promise.all(ready);
  } catch (error) {
    threads.terminate();
    throw error;
  }
  return threads;
}

/** In a worker of `startThreads`: runs `run` with what it was given. */
export function enterThread<Start>(run: (start: Start, ready: () => void) => void): void {
  addEventListener('message', ({ data }: MessageEvent<Start>) => run(data, () => postMessage('ready')), { once: true });
  // Whoever started it hears of an error, and would wait for ever without one.
  addEventListener('messageerror', () => {
    throw new Error('the host does not let it share the memory');
  });
}

/** A worker that one talks to through `port`. */
export interface WorkerHandle {
  readonly port: MessagePort;
  /** Whether it keeps the process alive; a page keeps no worker waiting. */
  hold(isHeld: boolean): void;
  /** Ends it at once. */
  terminate(): void;
}

/**
 * Starts a worker of the script `url`, which calls `enterWorker`.
 * @param died is told of its end or of a fault in it; after that nothing can be expected of it
 */
export function startWorker(url: URL, died: (reason: string) => void): WorkerHandle {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(url, { type: 'module', name: 'sparsetag session' });
  worker.onerror = (event) => {
    event.preventDefault();
    died(event.message ?? `its script ${url.href} cannot be loaded`);
  };
  worker.onmessageerror = () => died('a message to it cannot be read');
  worker.postMessage(port2, [port2]);
  return { port: port1, hold: () => {}, terminate: () => worker.terminate() };
}

/** In a worker of `startWorker`: runs `run` with its end of the port. */
export function enterWorker(run: (port: MessagePort) => void): void {
  addEventListener('message', ({ data }: MessageEvent<MessagePort>) => run(data), { once: true });
}

/** WebCrypto answers later, and only to whole messages. */
export function hostSha256(): null {
  return null;
}
