import type { ModelConfig } from '../config/config.js';
import { type EncodedSentence, WordTypes } from '../data/encode.js';
import { foldCase } from '../data/normalize.js';
import { tableVocabulary, Vocabulary } from '../data/vocabulary.js';
import { ConfigError, ModelFileError } from '../errors.js';
import type { ModelContents } from '../io/model-contents.js';
import { openModelFile } from '../io/model-file.js';
import type { Prediction } from '../model/head.js';
import { predict, predictionBatches } from '../model/predict.js';
import type { RuntimeOptions } from '../runtime/runtime.js';
import { splitText } from '../text/sentences.js';
import { type Entity, type EntityOptions, entitiesOf, placeTokens, type TokenEntity } from './entities.js';
import { type LoadedNetwork, loadNetwork } from './load-network.js';
import { type StoredConfig, storedConfig } from './stored-network.js';

/** A task that a model tags. */
export interface TaggerTask {
  readonly name: string;
  readonly type: 'tags' | 'spans';
  readonly head: 'softmax' | 'crf';
  /** Tag scheme of a `spans` task, else null. */
  readonly scheme: 'bio' | 'bioes' | null;
  readonly tags: readonly string[];
}

export interface TaggerOptions {
  readonly runtime?: RuntimeOptions;
  readonly signal?: AbortSignal;
}

/** Tags by task name: one tag a token. */
export type TaggedSentence = Readonly<Record<string, readonly string[]>>;

/** Tags of one task, one a token, and the probability of each. */
export interface ScoredTags {
  readonly tags: readonly string[];
  readonly scores: Float32Array;
}

/** Scored tags by task name. */
export type ScoredSentence = Readonly<Record<string, ScoredTags>>;

const BATCH_SENTENCES = 32;
const BATCH_POSITIONS = 4096;

/**
 * A trained model ready to tag. Tagging is synchronous, in this thread; a sentence's tags never depend on what else is
 * tagged with it. Holds kernel memory until `dispose`.
 */
export class Tagger {
  readonly fingerprint: string;
  readonly tasks: readonly TaggerTask[];
  readonly #networks: readonly LoadedNetwork[];
  readonly #model: ModelConfig;
  readonly #words: Vocabulary;
  readonly #characters: Vocabulary;
  readonly #tags: readonly Vocabulary[];

  private constructor(contents: ModelContents, fingerprint: string, model: ModelConfig, networks: readonly LoadedNetwork[]) {
    this.#networks = networks;
    this.fingerprint = fingerprint;
    this.tasks = contents.tasks.map(({ name, type, head, scheme, tags }) => ({ name, type, head, scheme, tags }));
    this.#tags = contents.tasks.map(({ tags }) => new Vocabulary(tags));
    this.#model = model;
    this.#words = tableVocabulary(contents.vocabulary.words);
    this.#characters = tableVocabulary(contents.vocabulary.characters);
  }

  /**
   * Loads a model file.
   * @throws {ModelFileError} when the bytes are no model file, or none that can tag; {CapabilityError}, {ResourceError}
   */
  static async load(source: Uint8Array, options: TaggerOptions = {}): Promise<Tagger> {
    options.signal?.throwIfAborted();
    const { contents, fingerprint } = openModelFile(source);
    const config = storedConfig(contents);
    const networks = await loadAll(contents, config, options.runtime);
    const tagger = new Tagger(contents, fingerprint, config.model, networks);
    if (options.signal?.aborted) tagger.dispose();
    options.signal?.throwIfAborted();
    return tagger;
  }

  /** Tags one sentence of tokens. @throws {ConfigError} TAGGER_TOKENS */
  tag(tokens: readonly string[]): TaggedSentence {
    return this.tagBatch([tokens])[0]!;
  }

  /**
   * Tags many sentences; faster than one at a time, with the same tags.
   *
   * @param tasks names of the tasks; default: all
   * @throws {ConfigError} TAGGER_TASK, TAGGER_TOKENS
   */
  tagBatch(sentences: readonly (readonly string[])[], tasks?: readonly string[]): TaggedSentence[] {
    return this.#predict(sentences, this.#tasksNamed(tasks), false).map((scored) =>
      Object.fromEntries(Object.entries(scored).map(([name, { tags }]) => [name, tags])),
    );
  }

  /**
   * Tags with their probabilities, given the sentence: softmax, or the marginals of the CRF (forward-backward; Lafferty et
   * al. 2001). Tags are those of `tagBatch`: with a CRF the best sequence, whose tags need not be the likeliest one by one.
   *
   * @param tasks names of the tasks; default: all
   * @throws {ConfigError} TAGGER_TASK, TAGGER_TOKENS
   */
  scoreBatch(sentences: readonly (readonly string[])[], tasks?: readonly string[]): ScoredSentence[] {
    return this.#predict(sentences, this.#tasksNamed(tasks), true);
  }

  /**
   * The entities of a text, in the shape of the token-classification pipelines of Hugging Face. A text is cut into
   * sentences and tokens by `splitText`; tokens that are given count as a sentence with a space between them.
   *
   * @throws {ConfigError} TAGGER_TASK, TAGGER_NOT_SPANS, TAGGER_TOKENS
   */
  entities(text: string | readonly string[], options: EntityOptions & { readonly aggregation: 'none' }): TokenEntity[];
  entities(text: string | readonly string[], options?: EntityOptions): Entity[];
  entities(text: string | readonly string[], options: EntityOptions = {}): Entity[] | TokenEntity[] {
    const task = options.task === undefined ? this.#onlySpansTask() : this.#taskNamed(options.task);
    if (typeof text !== 'string') requireTokens(text, 0);
    const whole = typeof text === 'string' ? text : text.join(' ');
    const sentences = typeof text === 'string' ? splitText(text) : placeTokens(text);
    const scored = this.scoreBatch(
      sentences.map(({ tokens }) => tokens),
      [task.name],
    ).map((result) => result[task.name]!);
    return entitiesOf(whole, sentences, scored, task, options);
  }

  #tasksNamed(names: readonly string[] | undefined): readonly TaggerTask[] {
    return names?.map((name) => this.#taskNamed(name)) ?? this.tasks;
  }

  #taskNamed(name: string): TaggerTask {
    const task = this.tasks.find((candidate) => candidate.name === name);
    if (task) return task;
    const names = this.tasks.map((candidate) => candidate.name).join(', ');
    throw new ConfigError('TAGGER_TASK', `the model has no task ${JSON.stringify(name)}; it has ${names}`);
  }

  #onlySpansTask(): TaggerTask {
    const spans = this.tasks.filter(({ type }) => type === 'spans');
    if (spans.length === 1) return spans[0]!;
    const names = spans.map(({ name }) => name).join(', ');
    const message =
      spans.length === 0
        ? 'the model has no task of type spans, so it finds no entities; use tag'
        : `the model has ${spans.length} tasks of type spans (${names}); say which one with the option task`;
    throw new ConfigError(spans.length === 0 ? 'TAGGER_NOT_SPANS' : 'TAGGER_TASK', message);
  }

  #predict(sentences: readonly (readonly string[])[], wanted: readonly TaggerTask[], scored: boolean): ScoredSentence[] {
    if (this.#networks.some(({ runtime }) => runtime.disposed))
      throw new ModelFileError('TAGGER_DISPOSED', 'this tagger was disposed; load the model again');
    sentences.forEach(requireTokens);
    const types = new WordTypes(this.#words, this.#characters, this.#model.lowercase ? foldCase : (token) => token);
    const places = sentences.flatMap((tokens, i) => (tokens.length > 0 ? [i] : []));
    const encoded = places.map((i): EncodedSentence => ({ types: types.encode({ tokens: sentences[i]! }), tags: null }));
    const batches = predictionBatches(encoded, types.types, BATCH_SENTENCES, BATCH_POSITIONS);
    const predictions = new Map<number, Prediction[]>();
    for (const { network, subnets } of this.#networks) {
      for (const { mask, tasks } of subnets) {
        const own = tasks.filter(({ task }) => wanted.includes(this.tasks[task]!));
        if (own.length === 0) continue;
        const heads = own.map(({ head }) => head);
        network.prepare(mask, heads, false);
        predict(network, batches, heads, scored).forEach((result, i) => {
          predictions.set(own[i]!.task, result);
        });
      }
    }
    const empty = { tags: [], scores: new Float32Array(0) };
    const result: Record<string, ScoredTags>[] = sentences.map(() => Object.fromEntries(wanted.map(({ name }) => [name, empty])));
    for (const task of wanted) {
      const index = this.tasks.indexOf(task);
      places.forEach((place, i) => {
        const { tags, probabilities } = predictions.get(index)![i]!;
        const names = Array.from(tags, (id) => this.#tags[index]!.itemOf(id)!);
        result[place]![task.name] = { tags: names, scores: probabilities ?? empty.scores };
      });
    }
    return result;
  }

  dispose(): void {
    for (const { runtime } of this.#networks) runtime.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A string is a list of characters, too, and would be tagged as such. @throws {ConfigError} TAGGER_TOKENS */
function requireTokens(tokens: readonly string[], place: number): void {
  if (Array.isArray(tokens) && tokens.every((token) => typeof token === 'string')) return;
  throw new ConfigError(
    'TAGGER_TOKENS',
    `sentence ${place}: expected an array of tokens; found ${Array.isArray(tokens) ? 'one with something else' : typeof tokens} (splitText makes tokens of a text)`,
  );
}

/** All networks, or none: where one cannot be loaded, the threads of the others end. */
async function loadAll(contents: ModelContents, config: StoredConfig, options: RuntimeOptions | undefined): Promise<LoadedNetwork[]> {
  const loads = await Promise.allSettled(contents.networks.map((network) => loadNetwork(contents, config, network, options)));
  const networks = loads.flatMap((load) => (load.status === 'fulfilled' ? [load.value] : []));
  const failed = loads.find((load) => load.status === 'rejected');
  if (!failed) return networks;
  for (const { runtime } of networks) runtime.dispose();
  throw failed.reason;
}
