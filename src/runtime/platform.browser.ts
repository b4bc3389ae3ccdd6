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

/** A kernel thread that is wanted: who makes it hands it `port`, and tells of its faults at `control`, which ends it by any message. */
interface ThreadRequest {
  readonly url: string;
  readonly port: MessagePort;
  readonly control: MessagePort;
}

/** @param ends of the workers that run, each to be called by who ends all */
function makeThread({ url, port, control }: ThreadRequest, ends: Set<() => void>): void {
  try {
    const worker = new Worker(url, { type: 'module', name: 'sparsetag kernels' });
    worker.onerror = (event) => {
      event.preventDefault();
      control.postMessage(event.message ?? `its script ${url} cannot be loaded`);
    };
    const end = (): void => {
      worker.terminate();
      control.close();
      ends.delete(end);
    };
    ends.add(end);
    control.onmessage = end;
    worker.postMessage(port, [port]);
  } catch (error) {
    control.postMessage(`${error}`);
  }
}

/** Has a kernel thread made: here, or in a worker of `startWorker` by who started that. */
let requestThread = (request: ThreadRequest): void => makeThread(request, new Set());

/**
 * Starts `count` workers of the script `url`, gives each `start`, and resolves when all have said that they are ready.
 * @param died is told of a fault in a worker after that, when this thread next sees events: here workers end with the page or by a fault
 */
export async function startThreads(url: URL, start: unknown, count: number, died: (reason: string) => void): Promise<Threads> {
  const controls = Array.from({ length: count }, () => new MessageChannel());
  const terminate = (): void => {
    for (const { port1 } of controls) port1.postMessage(null);
  };
  const ready = controls.map((control) => {
    const talk = new MessageChannel();
    return new Promise<void>((resolve, reject) => {
      const fail = (reason: string): void => {
        died(reason);
        reject(new Error(reason));
      };
      control.port1.onmessage = ({ data }: MessageEvent<string>) => fail(data);
      talk.port1.onmessage = ({ data: fault }: MessageEvent<string | null>) => (fault === null ? resolve() : fail(fault));
      talk.port1.onmessageerror = () => fail('what it said cannot be read');
      requestThread({ url: url.href, port: talk.port2, control: control.port2 });
      talk.port1.postMessage(start);
    });
  });
  try {
    await Promise.all(ready);
  } catch (error) {
    terminate();
    throw error;
  }
  return { terminate };
}

/** In a worker of `startThreads`: runs `run` with what it was given. */
export function enterThread<Start>(run: (start: Start, ready: () => void) => void): void {
  addEventListener(
    'message',
    ({ data: port }: MessageEvent<MessagePort>) => {
      port.onmessage = ({ data }: MessageEvent<Start>) => run(data, () => port.postMessage(null));
      // Whoever started it would wait for ever without a word.
      port.onmessageerror = () => port.postMessage('the host does not let it share the memory');
    },
    { once: true },
  );
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
 * Starts a worker of the script `url`, which calls `enterWorker`. Its kernel threads are made here: in Firefox, a worker that makes one
 * after it has ended another may hang, and a page does not.
 * @param died is told of its end or of a fault in it; after that nothing can be expected of it
 */
export function startWorker(url: URL, died: (reason: string) => void): WorkerHandle {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(url, { type: 'module', name: 'sparsetag session' });
  const threads = new Set<() => void>();
  worker.onmessage = ({ data }: MessageEvent<ThreadRequest>) => makeThread(data, threads);
  worker.onerror = (event) => {
    event.preventDefault();
    died(event.message ?? `its script ${url.href} cannot be loaded`);
  };
  worker.onmessageerror = () => died('a message to it cannot be read');
  worker.postMessage(port2, [port2]);
  const terminate = (): void => {
    worker.onmessage = null;
    worker.terminate();
    for (const end of threads) end();
  };
  return { port: port1, hold: () => {}, terminate };
}

/** In a worker of `startWorker`: runs `run` with its end of the port. */
export function enterWorker(run: (port: MessagePort) => void): void {
  requestThread = (request) => postMessage(request, { transfer: [request.port, request.control] });
  addEventListener('message', ({ data }: MessageEvent<MessagePort>) => run(data), { once: true });
}

/** WebCrypto answers later, and only to whole messages. */
export function hostSha256(): null {
  return null;
}
