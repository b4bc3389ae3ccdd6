import type { InParts } from '../model/in-parts.js';

/** Weights times positions of some ten milliseconds: a pause takes a third of one where a browser's other threads are at work. */
const INTERVAL = 1 << 27;

/** What a step counts beside the parts that it told of: heads, words and updates take time too. */
const STEP = INTERVAL / 8;

/** Lets the host's events in, between two parts of a training and where much was done since it last did. */
export class Pauses {
  #done = 0;

  /** @param pause lets the host in */
  constructor(
    private readonly signal: AbortSignal | undefined,
    private readonly pause: () => Promise<void>,
  ) {}

  /**
   * Runs a computation, with pauses between its parts.
   * @throws the signal's reason, between two parts
   */
  async run<T>(computation: InParts<T>): Promise<T> {
    for (;;) {
      this.signal?.throwIfAborted();
      const part = computation.next();
      if (part.done) return part.value;
      await this.#add(part.value);
    }
  }

  /** To be called after each step. */
  afterStep(): Promise<void> {
    return this.#add(STEP);
  }

  async #add(done: number): Promise<void> {
    this.#done += done;
    if (this.#done < INTERVAL) return;
    this.#done = 0;
    await this.pause();
  }
}
