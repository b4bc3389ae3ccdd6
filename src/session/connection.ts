import { type Remote, transfer, wrap } from 'comlink';
import { ResourceError } from '../errors.js';
import { startWorker, type WorkerHandle } from '../runtime/worker.js';
import type { SentRuntimeOptions, SessionHost, VerbArguments, VerbName, VerbResult } from './host.js';
import { type Outcome, unwrap } from './outcome.js';

/** A call that has not ended. */
interface Pending {
  reject(error: unknown): void;
}

/**
 * A worker and the calls that it has not answered. Every call ends: with what the worker says, with the reason of its signal, or
 * with the end of the worker. The connection keeps the worker's proxy, which would close the port if it were collected.
 */
export class Connection {
  readonly #worker: WorkerHandle;
  readonly #remote: Remote<SessionHost>;
  readonly #pending = new Set<Pending>();
  #ended: ResourceError | null = null;
  #calls = 0;

  constructor(url: URL) {
    this.#worker = startWorker(url, (reason) =>
      this.end(
        new ResourceError('SESSION_DIED', `the worker of the session died, and what it had loaded is lost (${reason}); connect again`),
      ),
    );
    this.#remote = wrap<SessionHost>(this.#worker.port);
    this.#worker.hold(false);
  }

  configure(options: SentRuntimeOptions): Promise<void> {
    return this.#track(() => this.#remote.configure(options));
  }

  /**
   * Calls a verb; `signal` rejects the call at once and stops the worker's part as soon as that hears of it.
   * @param moved what goes to the worker without a copy
   */
  call<V extends VerbName>(verb: V, values: VerbArguments<V>, signal?: AbortSignal, moved: Transferable[] = []): Promise<VerbResult<V>> {
    const { result, cancel } = this.begin(verb, values, moved);
    if (!signal) return result;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        cancel();
        reject(signal.reason);
      };
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      result.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  /** Calls a verb whose end the caller awaits even if it is cancelled. */
  begin<V extends VerbName>(
    verb: V,
    values: VerbArguments<V>,
    moved: Transferable[] = [],
  ): { readonly result: Promise<VerbResult<V>>; readonly cancel: () => void } {
    this.#calls += 1;
    const number = this.#calls;
    const call = this.#remote.call as unknown as (...sent: unknown[]) => Promise<Outcome<VerbResult<V>>>;
    const result = this.#track(() => call(number, verb, transfer(values, moved))).then(unwrap);
    return { result, cancel: () => void (this.#ended ?? this.#remote.cancel(number)) };
  }

  /** Ends the worker; calls that it has not answered, and those to come, fail with `error`. */
  end(error: ResourceError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#worker.terminate();
    this.#worker.port.close();
    for (const { reject } of this.#pending) reject(error);
    this.#pending.clear();
  }

  #track<T>(run: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      const pending: Pending = { reject };
      const settled = (): void => {
        this.#pending.delete(pending);
        if (this.#pending.size === 0) this.#worker.hold(false);
      };
      this.#pending.add(pending);
      this.#worker.hold(true);
      run().then(resolve, reject).finally(settled);
    });
  }
}
