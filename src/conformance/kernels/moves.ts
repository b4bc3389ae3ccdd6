import type { Probe } from '../probe.js';

const FEATURES = 5;
const STRIDE = 24;
const POSITIONS = 21;
const SOURCES = 6;

/** Sources that nobody reads, that one reads and that many read: lists of positions by source. */
const LIST = [0, 3, 4, 9, 20, 1, 2, 5, 6, 7, 8, 10, 11];
const START = [0, 0, 1, 4, 5, 12, 13];

/** Words of 1 to 13 characters. */
const WORD_STARTS = [0, 1, 3, 6, 7, 20];
const WORDS = 5;
const CHARACTERS = 20;
const WIDTH = 3;

function gatherRows(probe: Probe): void {
  const rows = probe.numbers(POSITIONS * 8);
  probe.run('gatherRows', [rows, 8, probe.numbers(FEATURES * STRIDE), STRIDE, FEATURES, probe.integers(9, 0, POSITIONS - 1), 9]);
}

function scatterRows(probe: Probe): void {
  const x = probe.numbers(FEATURES * STRIDE);
  probe.run('scatterRows', [x, STRIDE, probe.numbers(4 * 8), 8, FEATURES, probe.i32([0, 8, 3, 11]), 4]);
}

function embeddingGather(probe: Probe): void {
  const table = probe.numbers(SOURCES * FEATURES);
  const rows = probe.integers(POSITIONS, -1, SOURCES - 1);
  probe.run('embeddingGather', [probe.numbers(FEATURES * STRIDE), STRIDE, table, FEATURES, rows, POSITIONS]);
}

function embeddingScatter(probe: Probe): void {
  const dx = probe.numbers(FEATURES * STRIDE);
  const lists = [probe.i32(START), probe.i32(LIST)] as const;
  probe.run('embeddingScatter', [probe.numbers(SOURCES * FEATURES), FEATURES, dx, STRIDE, ...lists, SOURCES]);
}

function gatherPositions(probe: Probe): void {
  const index = probe.integers(POSITIONS, -1, SOURCES - 1);
  probe.run('gatherPositions', [probe.numbers(FEATURES * STRIDE), STRIDE, probe.numbers(FEATURES * 8), 8, FEATURES, index, POSITIONS]);
}

function scatterPositions(probe: Probe): void {
  const dy = probe.numbers(FEATURES * STRIDE);
  const lists = [probe.i32(START), probe.i32(LIST)] as const;
  probe.run('scatterPositions', [probe.numbers(FEATURES * 8), 8, dy, STRIDE, FEATURES, ...lists, SOURCES, 8]);
}

function charWindows(probe: Probe): void {
  const window = probe.numbers(FEATURES * WIDTH * STRIDE);
  const start = probe.i32(WORD_STARTS);
  probe.run('charWindows', [window, probe.numbers(FEATURES * STRIDE), STRIDE, FEATURES, WIDTH, start, WORDS, CHARACTERS]);
}

function charWindowsBackward(probe: Probe): void {
  const de = probe.numbers(FEATURES * STRIDE);
  const start = probe.i32(WORD_STARTS);
  probe.run('charWindowsBackward', [de, probe.numbers(FEATURES * WIDTH * STRIDE), STRIDE, FEATURES, WIDTH, start, WORDS, CHARACTERS]);
}

function reluMaxPool(probe: Probe): void {
  const [pooled, argument, x] = [probe.zeros(FEATURES * 12), probe.zeros(FEATURES * 12), probe.numbers(FEATURES * STRIDE)];
  probe.run('reluMaxPool', [pooled, argument, 12, x, STRIDE, FEATURES, probe.i32(WORD_STARTS), WORDS, 8]);
}

function reluMaxPoolBackward(probe: Probe): void {
  const argument = probe.i32([0, 1, -1, 6, 19, 0, 0, 0, -1, 2, 4, -1, 8, 0, 0, 0]);
  const dx = probe.numbers(2 * STRIDE);
  probe.run('reluMaxPoolBackward', [dx, STRIDE, CHARACTERS, probe.numbers(16), argument, 8, 2, WORDS]);
}

export const MOVES = {
  gatherRows,
  scatterRows,
  embeddingGather,
  embeddingScatter,
  gatherPositions,
  scatterPositions,
  charWindows,
  charWindowsBackward,
  reluMaxPool,
  reluMaxPoolBackward,
};
