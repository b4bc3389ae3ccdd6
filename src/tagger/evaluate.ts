import type { TagScheme } from '../config/config.js';
import type { Sentence } from '../data/sentence.js';
import { convertLabels } from '../data/tag-scheme.js';
import { ConfigError } from '../errors.js';
import { AccuracyCounter } from '../evaluate/accuracy.js';
import { SpanCounter, type SpanScore } from '../evaluate/conlleval.js';
import type { Tagger } from './tagger.js';

/** Where the gold labels of a task are. */
export interface GoldColumn {
  readonly task: string;
  /** Index into `Sentence.labels`. */
  readonly labels: number;
  /** Tag scheme of these labels; used for tasks of type `spans`. */
  readonly scheme: TagScheme;
}

/** How well a tagger does one task. Rates are percentages. */
export interface TaskScore {
  readonly task: string;
  readonly metric: 'accuracy' | 'f1';
  readonly score: number;
  readonly tokens: number;
  readonly correctTokens: number;
  /** What conlleval says (`spans` tasks). */
  readonly spans: SpanScore | null;
}

const SENTENCES_AT_ONCE = 1024;

/**
 * Tags sentences and compares the result with gold labels, task by task in the order of `columns`.
 *
 * @throws {ConfigError} EVALUATE_UNKNOWN_TASK for a column of a task that the tagger has not
 * @throws {CorpusError} CORPUS_LABEL_NOT_IN_SCHEME for a gold label of another scheme
 */
export function evaluate(tagger: Tagger, sentences: readonly Sentence[], columns: readonly GoldColumn[]): TaskScore[] {
  const scorers = columns.map((column) => new Scorer(tagger, column));
  for (let begin = 0; begin < sentences.length; begin += SENTENCES_AT_ONCE) {
    const part = sentences.slice(begin, begin + SENTENCES_AT_ONCE);
    const tagged = tagger.tagBatch(part.map(({ tokens }) => tokens));
    for (const scorer of scorers) {
      for (const [i, sentence] of part.entries()) scorer.add(sentence, tagged[i]![scorer.task]!);
    }
  }
  return scorers.map((scorer) => scorer.score());
}

/** Counts for one task. */
class Scorer {
  readonly #accuracy = new AccuracyCounter();
  readonly #spans: SpanCounter | null;
  readonly #modelScheme: TagScheme | null;

  constructor(
    tagger: Tagger,
    readonly column: GoldColumn,
  ) {
    const task = tagger.tasks.find(({ name }) => name === column.task);
    if (!task) {
      const names = tagger.tasks.map(({ name }) => name).join(', ');
      throw new ConfigError('EVALUATE_UNKNOWN_TASK', `the model has no task ${column.task}; it has ${names}`);
    }
    this.#modelScheme = task.scheme;
    this.#spans = task.scheme === null ? null : new SpanCounter(task.scheme);
  }

  get task(): string {
    return this.column.task;
  }

  add(sentence: Sentence, predicted: readonly string[]): void {
    const labels = sentence.labels[this.column.labels]!;
    const gold = this.#modelScheme === null ? labels : convertLabels(labels, this.column.scheme, this.#modelScheme);
    this.#accuracy.add(gold, predicted);
    this.#spans?.add(gold, predicted);
  }

  score(): TaskScore {
    const spans = this.#spans?.score() ?? null;
    const { tokens, correct, accuracy } = this.#accuracy;
    return {
      task: this.task,
      metric: spans ? 'f1' : 'accuracy',
      score: spans ? spans.f1 : accuracy,
      tokens,
      correctTokens: correct,
      spans,
    };
  }
}
