/**
 * A computation that yields between its parts, where no kernel runs: whoever drives it may let the host in there, or go no further
 * with it. It yields how much it has done since it last did: the weights of its products, pruned ones too, times their positions.
 */
export type InParts<T> = Generator<number, T, void>;

/** Runs a computation to its end, without a pause. */
export function finish<T>(computation: InParts<T>): T {
  let part = computation.next();
  while (!part.done) part = computation.next();
  return part.value;
}
