/**
 * A computation that yields between its parts, where no kernel runs: whoever drives it may let the host in there, or go no further
 * with it.
 */
export type InParts<T> = Generator<void, T, void>;

/** Runs a computation to its end, without a pause. */
export function finish<T>(computation: InParts<T>): T {
  let part = computation.next();
  while (!part.done) part = computation.next();
  return part.value;
}
