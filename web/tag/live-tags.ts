import { type ScoredTags, type SessionTagger, splitText, type TextSentence } from 'sparsetag';

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

/**
 * Tags a text that changes under the person's hands. A sentence's tags never depend on those beside it, so only sentences that
 * are new are tagged.
 */
export class LiveTags {
  readonly #known = new Map<string, Map<string, ScoredTags>>();

  constructor(private readonly tagger: SessionTagger) {}

  /** @param tasks names of the tasks that are wanted */
  async tag(text: string, tasks: readonly string[]): Promise<LiveText> {
    const split = splitText(text).map((sentence) => ({ ...sentence, key: sentence.tokens.join(' ') }));
    const missing = [...new Map(split.filter(({ key }) => !this.#knows(key, tasks)).map((sentence) => [sentence.key, sentence.tokens]))];
    const begin = performance.now();
    if (missing.length > 0) {
      const scored = await this.tagger.scoreBatch(
        missing.map(([, tokens]) => tokens),
        tasks,
      );
      missing.forEach(([key], i) => {
        this.#known.set(key, new Map([...(this.#known.get(key) ?? []), ...Object.entries(scored[i]!)]));
      });
    }
    const milliseconds = performance.now() - begin;
    const sentences = split.map((sentence) => ({ ...sentence, tags: this.#known.get(sentence.key)! }));
    this.#forget(sentences);
    return { text, sentences, tagged: missing.reduce((sum, [, tokens]) => sum + tokens.length, 0), milliseconds };
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
