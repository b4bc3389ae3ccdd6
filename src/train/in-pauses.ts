import type { InParts } from '../model/in-parts.js';

/** What a long computation knows of its host. */
export interface Host {
  readonly signal: AbortSignal | undefined;
  /** Lets the host's events in. */
  pause(): Promise<void>;
}

/** Weights times positions of a few milliseconds: a pause costs a tenth of one. */
const PAUSE_INTERVAL = 1 << 25;

/**
 * Runs a computation and lets the host in between its parts, where it has done much since the last time.
 * @throws the signal's reason, between two parts
 */
export async function inPauses<T>(computation: InParts<T>, { signal, pause }: Host): Promise<T> {
  for (let done = 0; ; ) {
    signal?.throwIfAborted();
    const part = computation.next();
    if (part.done) return part.value;
    done += part.value;
    if (done < PAUSE_INTERVAL) continue;
    await pause();
    done = 0;
  }
}
