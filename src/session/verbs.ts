import type { Config, LabelColumn } from '../config/config.js';
import { resolveConfig } from '../config/validate.js';
import type { Corpus, Sentence, WordVectors } from '../data/sentence.js';
import { ModelFileError } from '../errors.js';
import { type ModelSummary, summarizeModel } from '../inspect/model-summary.js';
import { makeCorpus } from '../io/corpus.js';
import { openModelFile, writeModelFile } from '../io/model-file.js';
import { pauseForHost } from '../runtime/pause.js';
import type { RuntimeOptions } from '../runtime/runtime.js';
import { type RuntimeInfo, runtimeInfo } from '../runtime/runtime-info.js';
import type { Entity, EntityOptions, TokenEntity } from '../tagger/entities.js';
import { evaluate, type GoldColumn, type TaskScore } from '../tagger/evaluate.js';
import { type PruneOptions, prune } from '../tagger/prune.js';
import { type ScoredSentence, type TaggedSentence, Tagger, type TaggerTask } from '../tagger/tagger.js';
import { train } from '../train/train.js';
import { EventSender } from './event-port.js';
import { packEvent, type SentEvent } from './sent-event.js';

/** Bytes in memory, or a file or blob, which is read in the worker. */
export type Source = Uint8Array | Blob;

/** The files of a corpus that the worker reads; `test: null` when it has no test split. Names are for messages. */
export interface CorpusFiles {
  /** Of a corpus of the config. */
  readonly name: string;
  readonly train: CorpusFile;
  readonly dev: CorpusFile;
  readonly test: CorpusFile | null;
}

export interface CorpusFile {
  readonly file: string;
  readonly bytes: Source;
}

/** What a worker keeps loaded under a number. */
export interface LoadedTagger {
  readonly number: number;
  readonly fingerprint: string;
  readonly tasks: readonly TaggerTask[];
}

/** Options of a training that can be sent. */
export interface SentTrainOptions {
  readonly vectors?: WordVectors | null;
  readonly subnets?: Uint8Array | null;
  readonly resume?: Uint8Array | undefined;
  readonly checkpointEvery?: number | undefined;
  readonly masks?: boolean | undefined;
}

/** Options of pruning that can be sent. */
export type SentPruneOptions = Pick<PruneOptions, 'keep' | 'tasks'>;

type Sentences = readonly (readonly string[])[];

// So long may a call keep the worker from hearing of others, in sentences.
const SENTENCES_AT_ONCE = 128;

/** What a session asks of its worker. Each call has a signal; the state is what is loaded. */
export class Verbs {
  readonly #taggers = new Map<number, Tagger>();
  #loaded = 0;

  constructor(private readonly runtime: RuntimeOptions) {}

  info(_signal: AbortSignal): RuntimeInfo {
    return runtimeInfo(this.runtime);
  }

  async load(signal: AbortSignal, model: Source): Promise<LoadedTagger> {
    const tagger = await Tagger.load(await bytesOf(model), { runtime: this.runtime, signal });
    this.#loaded += 1;
    this.#taggers.set(this.#loaded, tagger);
    return { number: this.#loaded, fingerprint: tagger.fingerprint, tasks: tagger.tasks };
  }

  unload(_signal: AbortSignal, number: number): void {
    this.#taggers.get(number)?.dispose();
    this.#taggers.delete(number);
  }

  tag(signal: AbortSignal, number: number, sentences: Sentences, tasks: readonly string[] | undefined): Promise<TaggedSentence[]> {
    return inParts(signal, sentences, (part) => this.#tagger(number).tagBatch(part, tasks));
  }

  score(signal: AbortSignal, number: number, sentences: Sentences, tasks: readonly string[] | undefined): Promise<ScoredSentence[]> {
    return inParts(signal, sentences, (part) => this.#tagger(number).scoreBatch(part, tasks));
  }

  entities(_signal: AbortSignal, number: number, text: string | readonly string[], options: EntityOptions): Entity[] | TokenEntity[] {
    return this.#tagger(number).entities(text, options);
  }

  evaluate(_signal: AbortSignal, number: number, sentences: readonly Sentence[], columns: readonly GoldColumn[]): TaskScore[] {
    return evaluate(this.#tagger(number), sentences, columns);
  }

  async inspect(_signal: AbortSignal, model: Source): Promise<ModelSummary> {
    return summarizeModel(await bytesOf(model));
  }

  async prune(signal: AbortSignal, model: Source, options: SentPruneOptions): Promise<Uint8Array> {
    const { contents } = openModelFile(await bytesOf(model));
    return writeModelFile(await prune(contents, { ...options, signal, runtime: this.runtime }));
  }

  /** Sends the events through `port`, then the end. */
  async train(
    signal: AbortSignal,
    given: Config,
    corpora: readonly (Corpus | CorpusFiles)[],
    { checkpointEvery, ...options }: SentTrainOptions,
    port: MessagePort,
  ): Promise<void> {
    const checkpointAfter = checkpointEvery === undefined ? undefined : (step: number) => step % checkpointEvery === 0;
    const sender = new EventSender<SentEvent>(port, signal);
    try {
      const config = resolveConfig(given);
      const read = await Promise.all(corpora.map((corpus) => ('columns' in corpus ? corpus : readCorpus(config, corpus))));
      for await (const event of train(config, read, { ...options, checkpointAfter, signal, runtime: this.runtime })) {
        const { sent, transfer } = packEvent(event);
        await sender.send(sent, transfer);
      }
    } finally {
      sender.end();
    }
  }

  #tagger(number: number): Tagger {
    const tagger = this.#taggers.get(number);
    if (tagger) return tagger;
    throw new ModelFileError('TAGGER_DISPOSED', 'this tagger was disposed; load the model again');
  }
}

/** A sentence's tags do not depend on what is tagged with it, so calls that came meanwhile can get their turn between parts. */
async function inParts<T>(signal: AbortSignal, sentences: Sentences, run: (part: Sentences) => T[]): Promise<T[]> {
  const results: T[] = [];
  for (let begin = 0; begin < sentences.length; begin += SENTENCES_AT_ONCE) {
    if (begin > 0) await pauseForHost();
    signal.throwIfAborted();
    results.push(...run(sentences.slice(begin, begin + SENTENCES_AT_ONCE)));
  }
  return results;
}

async function bytesOf(source: Source): Promise<Uint8Array> {
  return source instanceof Blob ? new Uint8Array(await source.arrayBuffer()) : source;
}

async function readCorpus(config: Config, { name, train, dev, test }: CorpusFiles): Promise<Corpus> {
  const corpus = config.corpora.find((candidate) => candidate.name === name);
  // A corpus that the config does not name is refused by the training, which says what it names.
  const plan = corpus ?? { name, train: train.file, dev: dev.file, test: test?.file ?? null, format: 'auto', tokenColumn: 0 };
  const columns = config.tasks.flatMap((task): LabelColumn[] => (task.corpus === name ? [task.column] : []));
  const read = async ({ file, bytes }: CorpusFile) => ({ file, bytes: await bytesOf(bytes) });
  return makeCorpus(plan, columns, { train: await read(train), dev: await read(dev), test: test && (await read(test)) });
}
