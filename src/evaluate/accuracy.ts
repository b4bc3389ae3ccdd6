import { ConfigError } from '../errors.js';
import type { LabelPair } from './conlleval.js';

/** Counts the tokens whose predicted label equals the gold label: every token weighs the same, sentences do not matter. */
export class AccuracyCounter {
  #tokens = 0;
  #correct = 0;

  /**
   * Counts one sentence.
   * @throws {ConfigError} ACCURACY_LABEL_COUNT when the two labellings differ in length
   */
  add(gold: readonly string[], predicted: readonly string[]): void {
    if (gold.length !== predicted.length) {
      throw new ConfigError(
        'ACCURACY_LABEL_COUNT',
        `A sentence has ${gold.length} gold labels but ${predicted.length} predicted ones; give one of each for every token.`,
      );
    }
    for (let i = 0; i < gold.length; i++) if (gold[i] === predicted[i]) this.#correct++;
    this.#tokens += gold.length;
  }

  get tokens(): number {
    return this.#tokens;
  }

  get correct(): number {
    return this.#correct;
  }

  /** Correct tokens in percent of all; 0 for no tokens. */
  get accuracy(): number {
    return this.#tokens > 0 ? (100 * this.#correct) / this.#tokens : 0;
  }
}

/** Token accuracy in percent: 100 × correct tokens / tokens; 0 for no tokens. */
export function tokenAccuracy(sentences: Iterable<LabelPair>): number {
  const counter = new AccuracyCounter();
  for (const { gold, predicted } of sentences) counter.add(gold, predicted);
  return counter.accuracy;
}
