import { type ScoredTags, type SessionTagger, sentencesOf, type TextSentence } from 'sparsetag';
import { Slices } from '../ui/frames.js';

/** A sentence of the text with what is known of it. */
export interface LiveSentence extends TextSentence {
  /** Equal for sentences of the same tokens, whose tags are the same. */
  readonly key: string;
  readonly tags: ReadonlyMap<string, ScoredTags>;
}

export interface LiveText {
  readonly text: string;
  readonly sentences: readonly LiveSentence[];
  /** Tokens that were tagged for this, not known from before, and how long that took, in milliseconds. */
  readonly tagged: number;
  readonly milliseconds: number;
}

/** Sentences whose tags are kept. */
const KEPT_SENTENCES = 2000;

/** Tokens that are tagged at once, at least; a longer answer would take long to read, and could not be given up. */
const BATCH_TOKENS = 400;

/**
 * Tags a text that changes under the person's hands. A sentence's tags never depend on those beside it, so only sentences that
 * are new are tagged.
 */
export class LiveTags {
  readonly #known = new Map<string, Map<string, ScoredTags>>();

  constructor(private readonly tagger: SessionTagger) {}

  /**
   * @param tasks names of the tasks that are wanted
   * @param isWanted asked now and then: whether the tags of this text still are
   * @returns null if they are not; what was tagged stays known
   */
  async tag(text: string, tasks: readonly string[], isWanted: () => boolean): Promise<LiveText | null> {
    const slices = new Slices('compute');
    const split: Omit<LiveSentence, 'tags'>[] = [];
    const missing = new Map<string, readonly string[]>();
    for (const sentence of sentencesOf(text)) {
      const key = sentence.tokens.join(' ');
      split.push({ ...sentence, key });
      if (!this.#knows(key, tasks)) missing.set(key, sentence.tokens);
      await slices.breathe();
    }
    let [tagged, milliseconds] = [0, 0];
    for (const batch of batchesOf(missing)) {
      const begin = performance.now();
      await this.#learn(batch, tasks);
      milliseconds += performance.now() - begin;
      tagged += tokensOf(batch);
      if (!isWanted()) return null;
    }
    const sentences = split.map((sentence) => ({ ...sentence, tags: this.#known.get(sentence.key)! }));
    this.#forget(sentences);
    return { text, sentences, tagged, milliseconds };
  }

  async #learn(batch: Batch, tasks: readonly string[]): Promise<void> {
    const scored = await this.tagger.scoreBatch(
      batch.map(([, tokens]) => tokens),
      tasks,
    );
    batch.forEach(([key], i) => {
      this.#known.set(key, new Map([...(this.#known.get(key) ?? []), ...Object.entries(scored[i]!)]));
    });
  }

  #knows(key: string, tasks: readonly string[]): boolean {
    const known = this.#known.get(key);
    return known !== undefined && tasks.every((task) => known.has(task));
  }

  /** Drops the oldest, but none that the text has. */
  #forget(sentences: readonly LiveSentence[]): void {
    if (this.#known.size <= KEPT_SENTENCES) return;
    const needed = new Set(sentences.map(({ key }) => key));
    for (const key of this.#known.keys()) {
      if (this.#known.size <= KEPT_SENTENCES) return;
      if (!needed.has(key)) this.#known.delete(key);
    }
  }
}

/** Sentences with their keys. */
type Batch = (readonly [key: string, tokens: readonly string[]])[];

function tokensOf(batch: Batch): number {
  return batch.reduce((sum, [, tokens]) => sum + tokens.length, 0);
}

function* batchesOf(sentences: ReadonlyMap<string, readonly string[]>): Generator<Batch> {
  let batch: Batch = [];
  for (const sentence of sentences) {
    batch.push(sentence);
    if (tokensOf(batch) < BATCH_TOKENS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
