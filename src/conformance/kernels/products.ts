import { LANES, PANEL_ROWS, roundUp, TILE_POSITIONS } from '../../runtime/layout.js';
import type { Probe } from '../probe.js';

/** `rows` x `columns` weights times `columns` features of `positions`, with a gap behind each feature. */
interface Shape {
  readonly rows: number;
  readonly columns: number;
  readonly positions: number;
  readonly stride: number;
}

/** Below, at and above the tiles of the kernels. */
const SHAPES: readonly Shape[] = [
  { rows: 1, columns: 1, positions: 4, stride: 4 },
  { rows: 5, columns: 7, positions: 12, stride: 16 },
  { rows: 13, columns: 30, positions: 20, stride: 24 },
  { rows: 16, columns: 33, positions: 64, stride: 68 },
];

/** Percentages of kept weights. */
const DENSITIES = [0, 20, 100];

/** Entries of a matrix by row, or of its transpose. */
interface Index {
  readonly start: number;
  readonly index: number;
  readonly value: number;
}

function eachShape(body: (shape: Shape) => void): void {
  for (const shape of SHAPES) body(shape);
}

function eachDensity(body: (shape: Shape, percent: number) => void): void {
  eachShape((shape) => {
    for (const percent of DENSITIES) body(shape, percent);
  });
}

/** Two ranges of rows, cut at a panel. */
function ranges(rows: number): readonly (readonly [number, number])[] {
  const cut = PANEL_ROWS * Math.floor(rows / PANEL_ROWS / 2);
  return [
    [0, cut],
    [cut, rows],
  ];
}

export function rowIndex(probe: Probe, weights: number, mask: number, rows: number, columns: number): Index {
  const [start, index, value] = [probe.zeros(rows + 1), probe.zeros(rows * columns), probe.zeros(rows * columns)];
  probe.result(probe.kernels.csrIndexRows(start, index, mask, rows, columns));
  probe.run('csrGatherRows', [value, weights, start, index, rows, columns]);
  return { start, index, value };
}

export function columnIndex(probe: Probe, weights: number, mask: number, rows: number, columns: number): Index {
  const [start, index, value] = [probe.zeros(columns + 1), probe.zeros(rows * columns), probe.zeros(rows * columns)];
  probe.result(probe.kernels.csrIndexColumns(start, index, mask, rows, columns));
  probe.run('csrGatherColumns', [value, weights, start, index, columns, columns]);
  return { start, index, value };
}

/** The operand of a sentence alone: rows by length, four in lanes. */
export function slices(probe: Probe, weights: number, mask: number, rows: number, columns: number): Index {
  const room = (rows * columns) / LANES + columns;
  const [start, index, value] = [probe.zeros(rows / LANES + 1 + 2 * rows), probe.zeros(2 * room), probe.zeros(LANES * room)];
  probe.result(probe.kernels.sliceRows(start, index, mask, rows, columns));
  probe.run('sliceGather', [value, weights, start, index, rows, columns]);
  return { start, index, value };
}

export function rowPanel(probe: Probe, weights: number, mask: number, rows: number, columns: number): number {
  const panel = probe.zeros(roundUp(rows, PANEL_ROWS) * columns);
  probe.run('packRows', [panel, weights, mask, rows, columns]);
  return panel;
}

export function columnPanel(probe: Probe, weights: number, mask: number, rows: number, columns: number): number {
  const panel = probe.zeros(roundUp(columns, PANEL_ROWS) * rows);
  probe.run('packColumns', [panel, weights, mask, rows, columns]);
  return panel;
}

function tiles(probe: Probe, x: number, { columns, positions, stride }: Shape): number {
  const count = Math.ceil(positions / TILE_POSITIONS);
  const packed = probe.zeros(columns * count * TILE_POSITIONS);
  probe.run('packTiles', [packed, x, stride, columns, positions, 0, 1], [packed, x, stride, columns, positions, 1, count]);
  return packed;
}

/** Weights and a mask over them. */
function masked(probe: Probe, { rows, columns }: Shape, percent: number): readonly [number, number] {
  return [probe.numbers(rows * columns), probe.mask(rows * columns, percent)];
}

function packRows(probe: Probe): void {
  eachDensity((shape, percent) => rowPanel(probe, ...masked(probe, shape, percent), shape.rows, shape.columns));
}

function packColumns(probe: Probe): void {
  eachDensity((shape, percent) => columnPanel(probe, ...masked(probe, shape, percent), shape.rows, shape.columns));
}

function gemm(probe: Probe): void {
  eachDensity((shape, percent) => {
    const { rows, columns, positions, stride } = shape;
    const panel = rowPanel(probe, ...masked(probe, shape, percent), rows, columns);
    const x = probe.numbers(columns * stride);
    for (const [bias, accumulate] of [
      [0, 0],
      [probe.numbers(rows), 1],
    ] as const) {
      const y = probe.numbers(rows * stride);
      probe.run('gemm', ...ranges(rows).map((range) => [y, stride, panel, x, stride, columns, positions, bias, accumulate, ...range]));
    }
  });
}

function gemmWeightGradient(probe: Probe): void {
  eachShape(({ rows, columns, positions, stride }) => {
    const [dw, dy, x] = [probe.zeros(rows * columns), probe.numbers(rows * stride), probe.numbers(columns * stride)];
    probe.run('gemmWeightGradient', [dw, dy, stride, x, stride, columns, positions, 0, rows]);
  });
}

function biasGradient(probe: Probe): void {
  eachShape(({ rows, positions, stride }) => {
    const [db, dy] = [probe.zeros(rows), probe.numbers(rows * stride)];
    probe.run('biasGradient', [db, dy, stride, positions, 0, rows]);
  });
}

function rowsByIndex(probe: Probe): void {
  eachDensity((shape, percent) => rowIndex(probe, ...masked(probe, shape, percent), shape.rows, shape.columns));
}

function columnsByIndex(probe: Probe): void {
  eachDensity((shape, percent) => columnIndex(probe, ...masked(probe, shape, percent), shape.rows, shape.columns));
}

function rowsInSlices(probe: Probe): void {
  eachDensity(({ rows, columns, ...others }, percent) => {
    const shape = { ...others, rows: roundUp(rows, LANES), columns };
    slices(probe, ...masked(probe, shape, percent), shape.rows, columns);
  });
}

function packTiles(probe: Probe): void {
  eachShape((shape) => tiles(probe, probe.numbers(shape.columns * shape.stride), shape));
}

function spmm(probe: Probe): void {
  eachDensity((shape, percent) => {
    const { rows, columns, positions, stride } = shape;
    const { start, index, value } = rowIndex(probe, ...masked(probe, shape, percent), rows, columns);
    const x = tiles(probe, probe.numbers(columns * stride), shape);
    for (const [bias, accumulate] of [
      [0, 0],
      [probe.numbers(rows), 1],
    ] as const) {
      const y = probe.numbers(rows * stride);
      probe.run(
        'spmm',
        ...ranges(rows).map((range) => [y, stride, start, index, value, x, columns, positions, bias, accumulate, ...range]),
      );
    }
  });
}

function spmmWeightGradient(probe: Probe): void {
  eachDensity((shape, percent) => {
    const { rows, columns, positions, stride } = shape;
    const { start, index } = rowIndex(probe, ...masked(probe, shape, percent), rows, columns);
    const [dw, dy, x] = [probe.numbers(rows * columns), probe.numbers(rows * stride), probe.numbers(columns * stride)];
    probe.run('spmmWeightGradient', [dw, dy, stride, x, stride, start, index, columns, positions, 0, rows]);
  });
}

export const PRODUCTS = {
  packRows,
  packColumns,
  gemm,
  gemmWeightGradient,
  biasGradient,
  csrIndexRows: rowsByIndex,
  csrIndexColumns: columnsByIndex,
  csrGatherRows: rowsByIndex,
  csrGatherColumns: columnsByIndex,
  sliceRows: rowsInSlices,
  sliceGather: rowsInSlices,
  packTiles,
  spmm,
  spmmWeightGradient,
};
