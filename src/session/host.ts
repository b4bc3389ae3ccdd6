import type { RuntimeOptions } from '../runtime/runtime.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { Verbs } from './verbs.js';

/** Options of a runtime that can be sent: addresses as text, and nothing that is a function. */
export interface SentRuntimeOptions extends Omit<RuntimeOptions, 'wasmUrl' | 'workerUrl' | 'profile'> {
  readonly wasmUrl: string | undefined;
  readonly workerUrl: string | undefined;
}

export type VerbName = Exclude<keyof Verbs, symbol>;
/** What a verb is called with, after its signal. */
export type VerbArguments<V extends VerbName> = Parameters<Verbs[V]> extends [AbortSignal, ...infer Rest] ? Rest : never;
export type VerbResult<V extends VerbName> = Awaited<ReturnType<Verbs[V]>>;

/** What the worker of a session exposes: calls by number, so that they can be cancelled. */
export class SessionHost {
  #verbs: Verbs = new Verbs({});
  readonly #running = new Map<number, AbortController>();

  /** Says how everything is computed from now on. */
  configure({ wasmUrl, workerUrl, ...options }: SentRuntimeOptions): void {
    this.#verbs = new Verbs({
      ...options,
      ...(wasmUrl !== undefined && { wasmUrl: new URL(wasmUrl) }),
      ...(workerUrl !== undefined && { workerUrl: new URL(workerUrl) }),
    });
  }

  async call<V extends VerbName>(number: number, verb: V, values: VerbArguments<V>): Promise<Outcome<VerbResult<V>>> {
    const controller = new AbortController();
    this.#running.set(number, controller);
    const run = this.#verbs[verb] as (signal: AbortSignal, ...values: unknown[]) => VerbResult<V> | Promise<VerbResult<V>>;
    const outcome = await outcomeOf(() => run.call(this.#verbs, controller.signal, ...values));
    this.#running.delete(number);
    return outcome;
  }

  cancel(number: number): void {
    this.#running.get(number)?.abort();
  }
}
