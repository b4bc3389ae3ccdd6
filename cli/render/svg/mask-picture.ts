import { countCells, type MaskArea, type MaskCells } from 'sparsetag';
import { document, escapeText, PALETTE, STYLE, shorten } from './document.js';

/** Masks to draw under a title. */
export interface TitledArea extends MaskArea {
  readonly title: string;
}

const SHADES = 8;
const PANEL = 150;
const GAP = 18;
const LEFT = 16;
const TOP = 64;
const CAPTION = 18;
const BAND = CAPTION + PANEL + 28;
const BOTTOM = 40;
const NARROWEST = 420;
const LABEL_CHARACTERS = 22;

/**
 * Which weights tasks keep, as a table of panels: a row a matrix, a column a task, and one for the weights that all of them keep. Matrices are
 * cut into at most 32 x 32 cells; the stronger a cell's colour, the larger the share of its weights that is kept.
 */
export function drawMasks(title: string, matrices: readonly TitledArea[]): string {
  const tasks = matrices[0]!.masks.map(({ task }) => task);
  const columns = tasks.length > 1 ? [...tasks, 'all of them'] : tasks;
  const width = Math.max(NARROWEST, 2 * LEFT + columns.length * (PANEL + GAP) - GAP);
  const height = TOP + matrices.length * BAND + BOTTOM;
  const left = (column: number): number => LEFT + column * (PANEL + GAP);
  const said: string[] = [];
  const parts = [
    `<text class="title" x="${LEFT}" y="24">${escapeText(title)}</text>`,
    ...columns.map((column, c) => `<text class="label" x="${left(c)}" y="48">${escapeText(shorten(column, LABEL_CHARACTERS))}</text>`),
  ];
  matrices.forEach((matrix, m) => {
    const y = TOP + m * BAND;
    const what = `${matrix.title}: ${matrix.rows} rows of ${matrix.columns}`;
    parts.push(`<text class="tick" x="${LEFT}" y="${y + 11}">${escapeText(what)}</text>`);
    columns.forEach((column, c) => {
      const isOne = c < tasks.length;
      const cells = countCells(matrix, isOne ? [matrix.masks[c]!.bits] : matrix.masks.map(({ bits }) => bits));
      const share = `${((100 * sum(cells.kept)) / sum(cells.size)).toFixed(1)} %`;
      said.push(`${matrix.title}, ${column}: ${share}`);
      parts.push(
        `<g class="s${isOne ? c % (PALETTE.length - 1) : PALETTE.length - 1}">${panel(cells, left(c), y + CAPTION)}</g>`,
        `<text class="tick" x="${left(c)}" y="${y + CAPTION + PANEL + 14}">${share}</text>`,
      );
    });
  });
  parts.push(
    `<text class="tick" x="${LEFT}" y="${height - 16}">Share of kept weights; the stronger a cell’s colour, the more of its weights are kept.</text>`,
  );
  const style = `${STYLE}.cell{fill:currentColor}.frame{fill:none;stroke:#999}`;
  return document(width, height, title, `kept weights: ${said.join('; ')}`, style, parts);
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Cells of one shade are one path, and cells side by side one part of it, which keeps the file small. */
function panel({ high, wide, size, kept }: MaskCells, x: number, y: number): string {
  const paths = Array.from({ length: SHADES }, () => '');
  const shadeOf = (cell: number): number => Math.ceil((SHADES * kept[cell]!) / size[cell]!);
  for (let row = 0; row < high; row++) {
    for (let column = 0; column < wide; ) {
      const shade = shadeOf(row * wide + column);
      const from = column;
      while (column < wide && shadeOf(row * wide + column) === shade) column++;
      if (shade > 0) paths[shade - 1] += `M${from} ${row}h${column - from}v1H${from}z`;
    }
  }
  const drawn = paths.map((path, shade) => (path ? `<path class="cell" fill-opacity="${(shade + 1) / SHADES}" d="${path}"/>` : ''));
  const scale = `translate(${x} ${y}) scale(${(PANEL / wide).toFixed(4)} ${(PANEL / high).toFixed(4)})`;
  return `<g transform="${scale}" shape-rendering="crispEdges">${drawn.join('')}</g><rect class="frame" x="${x}" y="${y}" width="${PANEL}" height="${PANEL}"/>`;
}
