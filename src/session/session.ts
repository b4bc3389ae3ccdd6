import type { Config } from '../config/config.js';
import type { Corpus, Sentence } from '../data/sentence.js';
import { ResourceError } from '../errors.js';
import type { ModelSummary } from '../inspect/model-summary.js';
import { builtFile } from '../runtime/built-file.js';
import type { RuntimeOptions } from '../runtime/runtime.js';
import type { RuntimeInfo } from '../runtime/runtime-info.js';
import type { Entity, EntityOptions, TokenEntity } from '../tagger/entities.js';
import type { GoldColumn, TaskScore } from '../tagger/evaluate.js';
import type { ScoredSentence, TaggedSentence, TaggerTask } from '../tagger/tagger.js';
import type { TrainEvent } from '../train/events.js';
import type { TrainOptions } from '../train/train.js';
import { Connection } from './connection.js';
import { EventReceiver } from './event-port.js';
import { type SentEvent, unpackEvent } from './sent-event.js';
import type { CorpusFiles, LoadedTagger, SentPruneOptions, Source } from './verbs.js';

export interface SessionOptions extends Omit<RuntimeOptions, 'profile' | 'workerUrl'> {
  /** The script of the session's worker, `worker.js` of the build; default: the file beside this module. */
  readonly workerUrl?: URL;
  /** The script of kernel threads, `kernel-thread.js` of the build; default: the file beside the worker's script. */
  readonly kernelThreadUrl?: URL;
  readonly signal?: AbortSignal;
}

/** What calls of a session take. */
export interface CallOptions {
  /** Rejects the call with its reason; the worker stops as soon as it hears of it. */
  readonly signal?: AbortSignal;
}

/** As `TrainOptions`, without what cannot be sent to a worker. */
export interface SessionTrainOptions extends Pick<TrainOptions, 'signal' | 'vectors' | 'subnets' | 'resume' | 'masks'> {
  /** A `checkpoint` event follows so many steps; default: one follows each epoch. */
  readonly checkpointEvery?: number;
}

/** As `PruneOptions`, without what cannot be sent to a worker. */
export type SessionPruneOptions = SentPruneOptions & CallOptions;

/**
 * Starts a worker that trains and tags, with kernel threads of its own where the host has shared memory, and resolves when it
 * answers. The results have the bits of `train` and `Tagger`, on any number of threads.
 *
 * @throws {ConfigError} THREADS_OUT_OF_RANGE, {ResourceError} SESSION_DIED when the worker cannot be started
 */
export async function connect(options: SessionOptions = {}): Promise<Session> {
  const { workerUrl = builtFile('worker.js'), kernelThreadUrl, wasmUrl, signal, ...runtime } = options;
  signal?.throwIfAborted();
  const connection = new Connection(workerUrl);
  try {
    await connection.configure({ ...runtime, wasmUrl: wasmUrl?.href, workerUrl: kernelThreadUrl?.href });
    return new Session(connection, await connection.call('info', [], signal));
  } catch (error) {
    connection.end(new ResourceError('SESSION_ENDED', 'the session could not be started'));
    throw error;
  }
}

/**
 * The verbs of the library in a worker. Calls may overlap; the worker takes them one after the other, and a training lets others in
 * every few steps, and within long ones. In Node a session keeps the process alive only while a call has not ended.
 */
export class Session {
  readonly #connection: Connection;

  constructor(
    connection: Connection,
    /** What computes, and in one line why not on more threads. */
    readonly info: RuntimeInfo,
  ) {
    this.#connection = connection;
  }

  /**
   * Loads a model file.
   * @throws {ModelFileError} {CapabilityError} {ResourceError}
   */
  async load(model: Source, { signal }: CallOptions = {}): Promise<SessionTagger> {
    return new SessionTagger(this.#connection, await this.#connection.call('load', [model], signal));
  }

  /**
   * What a model file holds, and what the masks of its tasks keep and share.
   * @throws {ModelFileError}
   */
  inspect(model: Source, { signal }: CallOptions = {}): Promise<ModelSummary> {
    return this.#connection.call('inspect', [model], signal);
  }

  /**
   * The model file of a model with smaller subnets, as `prune` of the library makes it.
   * @throws {ConfigError} PRUNE_KEEP, PRUNE_TASK; {ModelFileError}
   */
  prune(model: Source, { signal, ...options }: SessionPruneOptions): Promise<Uint8Array> {
    return this.#connection.call('prune', [model, options], signal);
  }

  /**
   * Trains as `train` of the library does: the same events, the same bits. Who stops taking events stops the training within 64 of
   * them, and who leaves the loop ends it.
   *
   * @param corpora those that the config names; files are read in the worker
   */
  async *train(
    config: Config,
    corpora: readonly (Corpus | CorpusFiles)[],
    { signal, ...options }: SessionTrainOptions = {},
  ): AsyncGenerator<TrainEvent> {
    signal?.throwIfAborted();
    const { port1, port2 } = new MessageChannel();
    const receiver = new EventReceiver<SentEvent>(port1);
    const { result, cancel } = this.#connection.begin('train', [config, corpora, options, port2], [port2]);
    // Where the worker dies it cannot say that no more events follow.
    result.catch(() => receiver.end());
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      for await (const sent of receiver.events()) yield unpackEvent(sent);
      await result;
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      cancel();
      receiver.end();
    }
  }

  /** Ends the worker and its threads. Calls that have not ended fail with SESSION_DISPOSED. */
  dispose(): void {
    this.#connection.end(new ResourceError('SESSION_DISPOSED', 'the session was disposed; connect again'));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A `Tagger` in the worker of a session. Holds memory there until `dispose`. */
export class SessionTagger {
  readonly fingerprint: string;
  readonly tasks: readonly TaggerTask[];
  readonly #connection: Connection;
  readonly #number: number;

  constructor(connection: Connection, { number, fingerprint, tasks }: LoadedTagger) {
    this.#connection = connection;
    this.#number = number;
    this.fingerprint = fingerprint;
    this.tasks = tasks;
  }

  /** Tags one sentence of tokens. */
  async tag(tokens: readonly string[], options?: CallOptions): Promise<TaggedSentence> {
    return (await this.tagBatch([tokens], undefined, options))[0]!;
  }

  /** @param tasks names of the tasks; default: all */
  tagBatch(sentences: readonly (readonly string[])[], tasks?: readonly string[], { signal }: CallOptions = {}): Promise<TaggedSentence[]> {
    return this.#connection.call('tag', [this.#number, sentences, tasks], signal);
  }

  /** @param tasks names of the tasks; default: all */
  scoreBatch(
    sentences: readonly (readonly string[])[],
    tasks?: readonly string[],
    { signal }: CallOptions = {},
  ): Promise<ScoredSentence[]> {
    return this.#connection.call('score', [this.#number, sentences, tasks], signal);
  }

  /** As `Tagger.entities`. */
  entities(
    text: string | readonly string[],
    options: EntityOptions & CallOptions & { readonly aggregation: 'none' },
  ): Promise<TokenEntity[]>;
  entities(text: string | readonly string[], options?: EntityOptions & CallOptions): Promise<Entity[]>;
  entities(text: string | readonly string[], { signal, ...options }: EntityOptions & CallOptions = {}): Promise<Entity[] | TokenEntity[]> {
    return this.#connection.call('entities', [this.#number, text, options], signal);
  }

  /** As `evaluate` of the library. */
  evaluate(sentences: readonly Sentence[], columns: readonly GoldColumn[], { signal }: CallOptions = {}): Promise<TaskScore[]> {
    return this.#connection.call('evaluate', [this.#number, sentences, columns], signal);
  }

  /** Gives back its memory in the worker; may be called again, and after the session has ended. */
  dispose(): void {
    this.#connection.call('unload', [this.#number]).catch(() => {});
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
