// Which counter-based random numbers go where. A number is a pure function of (seed, phase, stream, step, place), so
// nothing depends on the order of execution and a resumed run needs no generator state (NUMERICS.md).

/** Key of every random number of one training phase. */
export interface RandomKey {
  readonly seed: number;
  /** Ordinal of the training phase in the run. */
  readonly phase: number;
}

/** Phase of initial values and of anything outside training. */
export const INITIAL_PHASE = 0xffffffff;

/** Phase of the other initial values that subnets get as a control. */
export const REINITIAL_PHASE = 0xfffffffe;

/** Streams of dropout masks (at most 14 bits). */
export const DROPOUT_STREAM = { word: 1, charEmbedding: 2, charOutput: 3, output: 4, wordRow: 5 } as const;

/** Streams of whole words of random bits. */
export const WORD_STREAM = { shuffle: 64, taskOrder: 65, mask: 66, maskOverlap: 67 } as const;

/** Initial values: parameter i of the table uses this + i. */
export const INITIAL_STREAM = 1024;
/** Initial values of the word table. */
export const WORD_TABLE_STREAM = 1023;
