import type { Dice } from '../../src/conformance/dice.js';
import type { SparseTagError } from '../../src/errors.js';

/** A reader under attack. A case is a file: what it is, whole, damaged or hostile, follows from the dice alone. */
export interface Target {
  readonly name: string;
  /** The errors that may refuse a file. */
  readonly refusals: readonly (abstract new (
    ...args: never[]
  ) => SparseTagError)[];
  make(dice: Dice): Uint8Array;
  /**
   * Reads a file and uses what came out of it.
   * @throws one of `refusals` when the file is refused; any other error is a fault
   */
  read(file: Uint8Array): Promise<void>;
}

/** Says what must hold of a file that was accepted. */
export function require(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`the file was accepted, but ${what}`);
}
