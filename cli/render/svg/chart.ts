import { formatCount } from '../quantity.js';
import { document, escapeText, number, STYLE, shorten } from './document.js';

/** One point: a mean with its spread, or a plain value (`sd` 0). */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly sd?: number;
  /** Shown beside the point. */
  readonly label?: string;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Draw a line through the points, in order; default yes. */
  readonly line?: boolean;
}

export interface Chart {
  readonly title: string;
  /** What a person who cannot see the picture should know. */
  readonly description: string;
  readonly x: string;
  /** Only whole numbers on the x axis, as of epochs. */
  readonly wholeX?: boolean;
  readonly y: string;
  readonly series: readonly Series[];
}

const WIDTH = 640;
const HEIGHT = 380;
const PLOT = { left: 62, top: 46, right: 150, bottom: 52 };
const LEGEND_CHARACTERS = 17;
const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'cross'] as const;

/** A line chart as SVG: series differ in colour and in shape, spreads are bars, axes begin where the values do. */
export function drawChart(chart: Chart): string {
  const points = chart.series.flatMap((series) => series.points);
  const x = scale(
    points.map((point) => point.x),
    PLOT.left,
    WIDTH - PLOT.right,
    chart.wholeX === true,
  );
  const y = scale(
    points.flatMap(({ y: value, sd = 0 }) => [value - sd, value + sd]),
    HEIGHT - PLOT.bottom,
    PLOT.top,
  );
  const parts = [
    `<text class="title" x="${PLOT.left}" y="24">${escapeText(chart.title)}</text>`,
    ...x.ticks.map((tick) => axisX(x, tick)),
    ...y.ticks.map((tick) => axisY(y, tick)),
    `<path class="axis" d="M${PLOT.left} ${PLOT.top}V${HEIGHT - PLOT.bottom}H${WIDTH - PLOT.right}"/>`,
    `<text class="label" text-anchor="middle" x="${(PLOT.left + WIDTH - PLOT.right) / 2}" y="${HEIGHT - 12}">${escapeText(chart.x)}</text>`,
    `<text class="label" text-anchor="middle" transform="translate(16 ${(PLOT.top + HEIGHT - PLOT.bottom) / 2}) rotate(-90)">${escapeText(chart.y)}</text>`,
    ...chart.series.map((series, s) => drawSeries(series, s, x.at, y.at)),
    ...chart.series.map((series, s) => legend(series, s)),
  ];
  return document(WIDTH, HEIGHT, chart.title, chart.description, STYLE, parts);
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
  readonly digits: number;
}

function formatTick(tick: number, digits: number): string {
  return digits === 0 ? (tick < 0 ? `−${formatCount(-tick)}` : formatCount(tick)) : tick.toFixed(digits).replace('-', '−');
}

/** Round ticks that enclose the values; a single value gets room around it. */
function scale(values: readonly number[], from: number, to: number, isWhole = false): Scale {
  const least = values.length > 0 ? Math.min(...values) : 0;
  const most = values.length > 0 ? Math.max(...values) : 1;
  const span = most - least || Math.abs(most) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const fitting = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= 6)!;
  const step = isWhole ? Math.max(1, fitting) : fitting;
  const first = Math.floor(least / step);
  const last = Math.max(first + 1, Math.ceil(most / step));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const at = (value: number): number => from + ((value / step - first) / (last - first)) * (to - from);
  return { at, ticks, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

function axisX({ at, digits }: Scale, tick: number): string {
  const x = number(at(tick));
  return `<path class="grid" d="M${x} ${PLOT.top}V${HEIGHT - PLOT.bottom}"/><text class="tick" text-anchor="middle" x="${x}" y="${HEIGHT - PLOT.bottom + 18}">${formatTick(tick, digits)}</text>`;
}

function axisY({ at, digits }: Scale, tick: number): string {
  const y = number(at(tick));
  return `<path class="grid" d="M${PLOT.left} ${y}H${WIDTH - PLOT.right}"/><text class="tick" text-anchor="end" x="${PLOT.left - 8}" y="${number(at(tick) + 4)}">${formatTick(tick, digits)}</text>`;
}

function drawSeries({ points, line = true }: Series, s: number, x: (value: number) => number, y: (value: number) => number): string {
  const path = points.map((point, i) => `${i === 0 ? 'M' : 'L'}${number(x(point.x))} ${number(y(point.y))}`).join('');
  const marks = points.map((point) => {
    const [px, py, sd] = [x(point.x), y(point.y), point.sd ?? 0];
    const bar = sd > 0 ? `<path class="bar" d="M${number(px)} ${number(y(point.y - sd))}V${number(y(point.y + sd))}"/>` : '';
    const label = point.label ? `<text class="note" x="${number(px + 7)}" y="${number(py - 7)}">${escapeText(point.label)}</text>` : '';
    return `${bar}${mark(px, py, s)}${label}`;
  });
  const drawn = line && points.length > 1 ? `<path class="line" d="${path}"/>` : '';
  return `<g class="series s${s % 8}">${drawn}${marks.join('')}</g>`;
}

function legend({ name }: Series, s: number): string {
  const [x, y] = [WIDTH - PLOT.right + 18, PLOT.top + 10 + 20 * s];
  return `<g class="series s${s % 8}">${mark(x, y, s)}</g><text class="label" x="${x + 12}" y="${y + 4}">${escapeText(shorten(name, LEGEND_CHARACTERS))}</text>`;
}

function mark(x: number, y: number, s: number): string {
  const [a, b] = [number(x), number(y)];
  switch (SHAPES[s % SHAPES.length]) {
    case 'circle':
      return `<circle cx="${a}" cy="${b}" r="4"/>`;
    case 'square':
      return `<path d="M${number(x - 3.5)} ${number(y - 3.5)}h7v7h-7z"/>`;
    case 'triangle':
      return `<path d="M${a} ${number(y - 4.5)}l4.5 8h-9z"/>`;
    case 'diamond':
      return `<path d="M${a} ${number(y - 5)}l5 5l-5 5l-5 -5z"/>`;
    default:
      return `<path class="cross" d="M${number(x - 4)} ${number(y - 4)}l8 8m0 -8l-8 8"/>`;
  }
}
