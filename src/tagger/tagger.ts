import type { ModelConfig } from '../config/config.js';
import { type EncodedSentence, WordTypes } from '../data/encode.js';
import { foldCase } from '../data/normalize.js';
import { tableVocabulary, Vocabulary } from '../data/vocabulary.js';
import { ModelFileError } from '../errors.js';
import { type ModelContents, openModelFile } from '../io/model-file.js';
import { predict, predictionBatches } from '../model/predict.js';
import type { RuntimeOptions } from '../runtime/runtime.js';
import { type LoadedNetwork, loadNetwork } from './load-network.js';

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

  private constructor(contents: ModelContents, fingerprint: string, networks: readonly LoadedNetwork[]) {
    this.#networks = networks;
    this.fingerprint = fingerprint;
    this.tasks = contents.tasks.map(({ name, type, head, scheme, tags }) => ({ name, type, head, scheme, tags }));
    this.#tags = contents.tasks.map(({ tags }) => new Vocabulary(tags));
    this.#model = (contents.config as unknown as { model: ModelConfig }).model;
    this.#words = tableVocabulary(contents.vocabulary.words);
    this.#characters = tableVocabulary(contents.vocabulary.characters);
  }

  /**
   * Loads a model file.
   * @throws {ModelFileError} when the bytes are no model file, {CapabilityError}, {ResourceError}
   */
  static async load(source: Uint8Array, options: TaggerOptions = {}): Promise<Tagger> {
    options.signal?.throwIfAborted();
    const { contents, fingerprint } = openModelFile(source);
    const networks = await Promise.all(contents.networks.map((network) => loadNetwork(contents, network, options.runtime)));
    options.signal?.throwIfAborted();
    return new Tagger(contents, fingerprint, networks);
  }

  /** Tags one sentence of tokens. */
  tag(tokens: readonly string[]): TaggedSentence {
    return this.tagBatch([tokens])[0]!;
  }

  /** Tags many sentences; faster than one at a time, with the same tags. */
  tagBatch(sentences: readonly (readonly string[])[]): TaggedSentence[] {
    if (this.#networks.some(({ runtime }) => runtime.disposed))
      throw new ModelFileError('TAGGER_DISPOSED', 'this tagger was disposed; load the model again');
    const types = new WordTypes(this.#words, this.#characters, this.#model.lowercase ? foldCase : (token) => token);
    const places = sentences.flatMap((tokens, i) => (tokens.length > 0 ? [i] : []));
    const encoded = places.map((i): EncodedSentence => ({ types: types.encode({ tokens: sentences[i]! }), tags: null }));
    const batches = predictionBatches(encoded, types.types, BATCH_SENTENCES, BATCH_POSITIONS);
    const paths = new Map<number, Int32Array[]>();
    for (const { network, subnets } of this.#networks) {
      for (const { mask, tasks } of subnets) {
        const local = tasks.map(({ head }) => head);
        network.prepare(mask, local, false);
        predict(network, batches, local).forEach((result, i) => {
          paths.set(tasks[i]!.task, result);
        });
      }
    }
    const result: Record<string, readonly string[]>[] = sentences.map(() => Object.fromEntries(this.tasks.map(({ name }) => [name, []])));
    this.tasks.forEach(({ name }, task) => {
      places.forEach((place, i) => {
        result[place]![name] = Array.from(paths.get(task)![i]!, (id) => this.#tags[task]!.itemOf(id)!);
      });
    });
    return result;
  }

  dispose(): void {
    for (const { runtime } of this.#networks) runtime.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
