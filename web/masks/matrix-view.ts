import type { GATES, MatrixCells } from 'sparsetag';
import { element } from '../ui/element.js';
import { formatCount, formatPercent } from '../ui/numbers.js';

export const GATE_NAMES: Readonly<Record<(typeof GATES)[number], string>> = { i: 'input', f: 'forget', g: 'cell', o: 'output' };

/** Said before a cell was pointed at. */
export const POINT_HINT = 'Point at a cell for its numbers, or go to it with the arrow keys.';

/** What a picture shows of each cell: a task's share of kept weights, or the share that all tasks keep. */
export interface Layer {
  readonly name: string;
  readonly kept: Uint32Array;
  /** What `color` its cells have: a custom property of the style sheet. */
  readonly color: string;
}

/** The layers of a matrix: a picture a task, and one of what all of them keep. */
export function layersOf({ tasks, all }: MatrixCells): Layer[] {
  const own = tasks.map(({ task, kept }, t) => ({ name: task, kept, color: `--hue-${t % 7}` }));
  return tasks.length > 1 ? [...own, { name: 'all of them', kept: all, color: '--hue-7' }] : own;
}

/**
 * A picture of a matrix, a pixel a cell, the stronger the more of its weights are kept. Pointing, or the arrow keys, tell the numbers
 * of a cell.
 *
 * @param tell is given the numbers of the cell that is pointed at
 */
export function matrixView(matrix: MatrixCells, layer: Layer, title: string, tell: (text: string) => void): HTMLElement {
  const { high, wide } = matrix;
  const kept = sum(layer.kept);
  const share = formatPercent(kept / sum(matrix.size));
  const said = `${title}, ${layer.name}: ${share} of the weights kept`;
  const canvas = element('canvas', { attributes: { width: wide, height: high, role: 'img', 'aria-label': said, tabindex: 0 } });
  canvas.style.aspectRatio = '1';
  paint(canvas, matrix, layer);
  let at = 0;
  const point = (cell: number): void => {
    at = cell;
    tell(describeCell(matrix, cell, title));
  };
  canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => {
    const column = Math.min(wide - 1, Math.max(0, Math.floor((offsetX / canvas.clientWidth) * wide)));
    const row = Math.min(high - 1, Math.max(0, Math.floor((offsetY / canvas.clientHeight) * high)));
    point(row * wide + column);
  });
  canvas.addEventListener('focus', () => point(at));
  canvas.addEventListener('keydown', (event) => {
    const next = neighbour(event.key, at, high, wide);
    if (next === null) return;
    event.preventDefault();
    point(next);
  });
  return element(
    'figure',
    { class: 'matrix' },
    canvas,
    element('figcaption', {}, layer.name, ' ', element('span', { class: 'soft' }, share)),
  );
}

function neighbour(key: string, at: number, high: number, wide: number): number | null {
  const [row, column] = [Math.floor(at / wide), at % wide];
  if (key === 'ArrowRight' && column + 1 < wide) return at + 1;
  if (key === 'ArrowLeft' && column > 0) return at - 1;
  if (key === 'ArrowDown' && row + 1 < high) return at + wide;
  if (key === 'ArrowUp' && row > 0) return at - wide;
  return null;
}

/** Numbers of a cell: which weights, and how many of them each task keeps, alone or at all. */
function describeCell({ rows, columns, high, wide, size, tasks, all, union }: MatrixCells, cell: number, title: string): string {
  const [tall, broad] = [Math.ceil(rows / high), Math.ceil(columns / wide)];
  const [row, column] = [Math.floor(cell / wide) * tall, (cell % wide) * broad];
  const range = (from: number, length: number, end: number): string => {
    const last = Math.min(end, from + length) - 1;
    return last > from ? `${from}–${last}` : `${from}`;
  };
  const own = tasks.map(({ task, kept, alone }) => `${task} keeps ${kept[cell]}${tasks.length > 1 ? ` (${alone[cell]} alone)` : ''}`);
  const shared = tasks.length > 1 ? [`all of them ${all[cell]}`, `any ${union[cell]}`] : [];
  return `${title}, rows ${range(row, tall, rows)}, columns ${range(column, broad, columns)}: of ${formatCount(size[cell]!)} ${size[cell] === 1 ? 'weight' : 'weights'} ${[...own, ...shared].join(', ')}.`;
}

/** Paints in the colours of the page as they are now. */
function paint(canvas: HTMLCanvasElement, { size, high, wide }: MatrixCells, { kept, color }: Layer): void {
  const context = canvas.getContext('2d')!;
  // A canvas has an opaque colour as six hexadecimal digits. One image is drawn much faster than a rectangle a cell.
  context.fillStyle = resolveColor(color);
  const rgb = Number.parseInt(`${context.fillStyle}`.slice(1), 16);
  const image = new ImageData(wide, high);
  for (let cell = 0; cell < high * wide; cell++) {
    const share = kept[cell]! / size[cell]!;
    image.data.set([rgb >> 16, (rgb >> 8) & 255, rgb & 255, share === 0 ? 0 : 255 * (0.15 + 0.85 * share)], 4 * cell);
  }
  context.putImageData(image, 0, 0);
}

/** A custom property as a colour that a canvas takes, light or dark as the page is. */
function resolveColor(property: string): string {
  const probe = element('span', { attributes: { hidden: true } });
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
