import { element, graphic } from '../ui/element.js';
import type { Point } from './run-record.js';

const WIDTH = 480;
const HEIGHT = 220;
const PLOT = { left: 46, top: 12, right: 12, bottom: 26 };

/** Points of a task. */
export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

/** Lines over steps, a colour and a dash a task, with their last values beside their names. */
export function curves(title: string, lines: readonly Line[], end: number, digits: number): HTMLElement {
  const all = lines.flatMap(({ points }) => points);
  const figure = element('figure', { class: 'curves' }, element('figcaption', {}, title));
  if (all.length === 0) {
    figure.append(element('p', { class: 'empty' }, 'Nothing yet.'));
    return figure;
  }
  const values = all.map(({ y }) => y);
  const ticks = ticksOf(Math.min(...values), Math.max(...values));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const x = (step: number): number => PLOT.left + (step / Math.max(1, end)) * (WIDTH - PLOT.left - PLOT.right);
  const y = (value: number): number => HEIGHT - PLOT.bottom - ((value - low) / (high - low)) * (HEIGHT - PLOT.top - PLOT.bottom);
  const said = lines.map(({ name, points }) => `${name} ${points.at(-1)?.y.toFixed(digits) ?? ''}`);
  const picture = graphic('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': `${title}: ${said.join(', ')}` });
  for (const tick of ticks) {
    const at = y(tick);
    picture.append(
      graphic('path', { class: 'grid', d: `M${PLOT.left} ${at}H${WIDTH - PLOT.right}` }),
      graphic('text', { x: PLOT.left - 6, y: at + 4, 'text-anchor': 'end' }, `${Number(tick.toPrecision(6))}`),
    );
  }
  picture.append(graphic('text', { x: WIDTH - PLOT.right, y: HEIGHT - 6, 'text-anchor': 'end' }, `step ${end}`));
  lines.forEach(({ points }, i) => {
    const d = points.map((point, p) => `${p === 0 ? 'M' : 'L'}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join('');
    picture.append(graphic('path', { class: `line hue-${i % 7} dash-${i % 3}`, d }));
    const [only] = points;
    if (points.length === 1) picture.append(graphic('circle', { class: `dot hue-${i % 7}`, cx: x(only!.x), cy: y(only!.y), r: 3 }));
  });
  const legend = said.map((text, i) => element('li', { class: `hue-${i % 7} dash-${i % 3}` }, text));
  figure.append(picture, element('ul', { class: 'legend' }, ...legend));
  return figure;
}

/** Round numbers that enclose the values. */
function ticksOf(least: number, most: number): number[] {
  const span = most - least || Math.abs(most) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= 5)!;
  const first = Math.floor(least / step);
  const last = Math.max(first + 1, Math.ceil(most / step));
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}
