import { CapabilityError } from '../errors.js';
import type { Arena } from './arena.js';
import type { KernelExports } from './kernel-exports.js';
import { PANEL_ROWS } from './layout.js';

// A product of four rows of two weights and four positions, each of whose outputs a host may get wrong in its own way.
// Numbers are given as bits: a host that flushes subnormal numbers does so in JavaScript too.
const POSITIONS = 4;
// biome-ignore format: a row a line
const WEIGHTS = [
  0x3f800000, 0x3f800000, // 1, 1
  0x3f800800, 0x3f800000, // 1 + 2^-12, 1
  0x00000200, 0, // 2^-140, 0
  0x35800000, 0, // 2^-20, 0
];
// biome-ignore format: a feature a line
const FEATURES = [
  0x3f800000, 0x3f800001, 0x00800000, 0x3f800800, // 1, 1 + 2^-23, 2^-126, 1 + 2^-12
  0x33800000, 0x33800000, 0x80400000, 0xbf801000, // 2^-24, 2^-24, -(2^-127), -(1 + 2^-11)
];

interface Product {
  readonly row: number;
  readonly position: number;
  readonly bits: number;
  readonly what: string;
}

const PRODUCTS: readonly Product[] = [
  { row: 0, position: 0, bits: 0x3f800000, what: 'the sum 1 + 2^-24 is rounded to even' },
  { row: 0, position: 1, bits: 0x3f800002, what: 'the sum 1 + 2^-23 + 2^-24 is rounded to even' },
  { row: 0, position: 2, bits: 0x00400000, what: 'the sum 2^-126 - 2^-127 is subnormal' },
  { row: 1, position: 3, bits: 0, what: 'a product is rounded before it is added' },
  { row: 2, position: 0, bits: 0x00000200, what: 'a subnormal weight counts' },
  { row: 3, position: 2, bits: 0x00000008, what: 'the product 2^-20 * 2^-126 is subnormal' },
];

// Kept: -0 and infinity. Pruned: NaN and -0, which become +0.
const SELECTED = [0x80000000, 0x7fc00000, 0x7f800000, 0x80000000];
const SELECTION = 0b0101;
const KEPT = [0x80000000, 0, 0x7f800000, 0];

/** 1 and 2^-26, in one of the four partial sums of squares. */
const SQUARED = [0x3f800000, 0, 0, 0, 0x32800000, 0, 0, 0];
const SUM_OF_SQUARES = 1 + Number.EPSILON;

/**
 * Refuses a host whose arithmetic would give other bits than every other one's (NUMERICS.md): three kernel calls, some
 * microseconds.
 * @throws {CapabilityError} HOST_ARITHMETIC
 */
export function testHost(kernels: KernelExports, arena: Arena): void {
  const mark = arena.mark();
  const place = (bits: readonly number[]): number => {
    const pointer = arena.allocateWords('self-test', bits.length);
    arena.u32(pointer, bits.length).set(bits);
    return pointer;
  };
  const [weights, x, panel] = [place(WEIGHTS), place(FEATURES), place(WEIGHTS)];
  const y = arena.allocateWords('self-test', PANEL_ROWS * POSITIONS);
  const depth = WEIGHTS.length / PANEL_ROWS;
  kernels.packRows(panel, weights, 0, PANEL_ROWS, depth);
  kernels.gemm(y, POSITIONS, panel, x, POSITIONS, depth, POSITIONS, 0, 0, 0, PANEL_ROWS);
  const products = arena.u32(y, PANEL_ROWS * POSITIONS);
  for (const { row, position, bits, what } of PRODUCTS) requireBits(products[row * POSITIONS + position]!, bits, what);

  const selected = place(SELECTED);
  kernels.maskApply(selected, place([SELECTION]), SELECTED.length);
  arena.u32(selected, SELECTED.length).forEach((bits, i) => {
    requireBits(bits, KEPT[i]!, 'masked weights are selected');
  });

  const sum = kernels.sumOfSquares(place(SQUARED), 0, SQUARED.length);
  if (sum !== SUM_OF_SQUARES) refuse('sums of squares have 64 bits', `${SUM_OF_SQUARES}`, `${sum}`);
  arena.release(mark);
}

function requireBits(found: number, expected: number, what: string): void {
  if (found !== expected) refuse(what, hexadecimal(expected), hexadecimal(found));
}

function refuse(what: string, expected: string, found: string): never {
  throw new CapabilityError(
    'HOST_ARITHMETIC',
    `this host would give other results than all others: expected that ${what} (${expected}), found ${found}; use another browser or runtime, and the kernels of this version`,
  );
}

function hexadecimal(bits: number): string {
  return `0x${bits.toString(16).padStart(8, '0')}`;
}
