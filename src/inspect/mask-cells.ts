import type { MaskArea, MaskMatrix, MatrixPlace } from './mask-matrices.js';

/** A matrix has at most so many cells a side. */
const CELLS = 32;

/** A matrix in cells, row by row: how many weights each has, and how many of them are kept. */
export interface MaskCells {
  readonly high: number;
  readonly wide: number;
  readonly size: Uint32Array;
  readonly kept: Uint32Array;
}

/** Cuts a matrix into at most 32 x 32 cells. A weight counts as kept if all of `masks` keep it. */
export function countCells(area: MaskArea, masks: readonly Uint32Array[]): MaskCells {
  return countWhere(area, (word, bit) => masks.every((bits) => (bits[word]! >>> bit) & 1));
}

/** The cells of a matrix for those who draw it: what each task keeps, what it alone keeps, and what all of them keep. */
export interface MatrixCells extends MatrixPlace {
  readonly rows: number;
  readonly columns: number;
  readonly high: number;
  readonly wide: number;
  readonly size: Uint32Array;
  readonly tasks: readonly { readonly task: string; readonly kept: Uint32Array; readonly alone: Uint32Array }[];
  readonly all: Uint32Array;
  readonly union: Uint32Array;
}

export function cellsOf(matrix: MaskMatrix): MatrixCells {
  const { layer, gate, direction, part, rows, columns, masks } = matrix;
  const everyone = masks.map(({ bits }) => bits);
  const { high, wide, size, kept: all } = countCells(matrix, everyone);
  const isKept = (bits: Uint32Array, word: number, bit: number) => (bits[word]! >>> bit) & 1;
  const tasks = masks.map(({ task, bits }) => {
    const others = everyone.filter((other) => other !== bits);
    const alone = countWhere(matrix, (word, bit) => isKept(bits, word, bit) && !others.some((other) => isKept(other, word, bit)));
    return { task, kept: countCells(matrix, [bits]).kept, alone: alone.kept };
  });
  const union = countWhere(matrix, (word, bit) => everyone.some((bits) => isKept(bits, word, bit))).kept;
  return { layer, gate, direction, part, rows, columns, high, wide, size, tasks, all, union };
}

function countWhere({ rows, columns, begin }: MaskArea, isCounted: (word: number, bit: number) => number | boolean): MaskCells {
  // Cells of equal sides: a row more in some of them would show as stripes.
  const [tall, broad] = [Math.ceil(rows / CELLS), Math.ceil(columns / CELLS)];
  const [high, wide] = [Math.ceil(rows / tall), Math.ceil(columns / broad)];
  const [size, kept] = [new Uint32Array(high * wide), new Uint32Array(high * wide)];
  for (let row = 0, e = begin; row < rows; row++) {
    const first = Math.floor(row / tall) * wide;
    for (let column = 0; column < columns; column++, e++) {
      const cell = first + Math.floor(column / broad);
      size[cell]!++;
      if (isCounted(e >> 5, e & 31)) kept[cell]!++;
    }
  }
  return { high, wide, size, kept };
}
