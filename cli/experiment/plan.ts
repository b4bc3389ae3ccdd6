import path from 'node:path';
import { nearestName, type Override } from 'sparsetag';
import { parseConfig, readText } from '../config-file.js';
import { UsageError } from '../usage-error.js';

/** Masks from the model of another cell: of the same seed, or of the next one in the list of seeds. */
export interface MaskSource {
  readonly cell: string;
  readonly seed: 'same' | 'next';
}

/** One way to train, run once a seed. */
export interface Cell {
  readonly name: string;
  readonly overrides: readonly Override[];
  readonly masks: MaskSource | null;
}

/** Lines of a picture: each a list of cells, drawn by the weights they keep. */
export interface Curve {
  readonly title: string;
  readonly cells: readonly string[];
}

/** What an experiment file asks for, checked. */
export interface ExperimentPlan {
  readonly name: string;
  /** What is asked, in a sentence; for the report. */
  readonly about: string;
  /** Path of the config that cells change. */
  readonly base: string;
  readonly seeds: readonly number[];
  /** Those that others take masks from come first. */
  readonly cells: readonly Cell[];
  /** Cells to compare: the first of each pair minus the second. */
  readonly compare: readonly (readonly [string, string])[];
  readonly curves: readonly Curve[];
}

const FIELDS = ['name', 'about', 'base', 'seeds', 'cells', 'grid', 'compare', 'curves'];
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.=-]{0,63}$/;
const SEEDS_MAXIMUM = 0xffffffff;
/** Cells, and seeds, of an experiment, at most. */
const MOST = 1000;

/**
 * Reads an experiment file.
 * @throws {UsageError} when it is not what docs/experiments.md describes, {ConfigError} when it is no JSON
 */
export async function readPlan(file: string): Promise<ExperimentPlan> {
  return makePlan(parseConfig(await readText(file), file), file);
}

/** @param file for messages, and for what is relative to it */
export function makePlan(input: unknown, file: string): ExperimentPlan {
  const refuse = (message: string): UsageError => new UsageError(`${file}: ${message}`, 'docs/experiments.md describes experiment files');
  const fields = asObject(input);
  if (!fields) throw refuse('expected an object');
  for (const field of Object.keys(fields)) {
    if (FIELDS.includes(field)) continue;
    const near = nearestName(field, FIELDS);
    throw refuse(
      `${JSON.stringify(field)} is no field of an experiment; ${near ? `did you mean ${near}?` : `there is ${FIELDS.join(', ')}`}`,
    );
  }
  const { name, about = '', base, seeds, compare = [], curves = [] } = fields;
  if (typeof name !== 'string' || !NAME.test(name)) throw refuse('name: expected letters, digits and . _ = -, at most 64');
  if (typeof about !== 'string') throw refuse('about: expected a text');
  if (typeof base !== 'string' || base === '') throw refuse('base: expected the path of a config');
  if (!isListOf(seeds, isSeed) || seeds.length === 0 || new Set(seeds).size < seeds.length)
    throw refuse(`seeds: expected a list of different integers from 0 to ${SEEDS_MAXIMUM}`);
  if (seeds.length > MOST) throw refuse(`seeds: expected at most ${MOST}; found ${seeds.length}`);
  const given = [...readCells(fields.cells, refuse), ...expandGrid(fields.grid, refuse)];
  if (given.length > MOST) throw refuse(`cells and grid: expected at most ${MOST} cells; found ${given.length}`);
  const cells = orderBySource(given, seeds, refuse);
  const names = cells.map((cell) => cell.name);
  if (cells.length === 0) throw refuse('cells: expected at least one, or a grid');
  const twice = names.find((cell, i) => names.indexOf(cell) < i);
  if (twice !== undefined) throw refuse(`two cells are named ${twice}`);
  const known = (cell: unknown, where: string): string => {
    if (typeof cell === 'string' && names.includes(cell)) return cell;
    const near = typeof cell === 'string' ? nearestName(cell, names) : null;
    throw refuse(`${where}: there is no cell ${JSON.stringify(cell)}; ${near ? `did you mean ${near}?` : `there is ${names.join(', ')}`}`);
  };
  if (!isListOf(compare, Array.isArray) || compare.some((pair) => pair.length !== 2))
    throw refuse('compare: expected a list of pairs of cells');
  if (!isListOf(curves, (curve) => asObject(curve) !== null)) throw refuse('curves: expected a list of { title, cells }');
  return {
    name,
    about,
    base: path.resolve(path.dirname(file), base),
    seeds,
    cells,
    compare: compare.map(([a, b], i) => [known(a, `compare.${i}`), known(b, `compare.${i}`)] as const),
    curves: curves.map((curve, i) => {
      const { title, cells: of } = curve as Record<string, unknown>;
      if (typeof title !== 'string' || !Array.isArray(of) || of.length === 0) throw refuse(`curves.${i}: expected a title and cells`);
      return { title, cells: of.map((cell) => known(cell, `curves.${i}.cells`)) };
    }),
  };
}

type Refuse = (message: string) => UsageError;

function readCells(input: unknown, refuse: Refuse): Cell[] {
  if (input === undefined) return [];
  const cells = asObject(input);
  if (!cells) throw refuse('cells: expected an object of cells by name, each an object of settings');
  return Object.entries(cells).map(([name, settings]) => readCell(name, settings, refuse));
}

function readCell(name: string, input: unknown, refuse: Refuse): Cell {
  if (!NAME.test(name)) throw refuse(`cells: ${JSON.stringify(name)} is no name; use letters, digits and . _ = -, at most 64`);
  const settings = asObject(input);
  if (!settings) throw refuse(`cells.${name}: expected an object of settings, like { "train.sharing": "hard" }`);
  const { 'subnets.file': file, ...others } = settings;
  const overrides = Object.entries(others).map(([setting, value]) => [setting, asText(value)] as const);
  const source = typeof file === 'string' ? /^cell:([^@]+)(@next)?$/.exec(file) : null;
  if (source) return { name, overrides, masks: { cell: source[1]!, seed: source[2] ? 'next' : 'same' } };
  if (file === undefined) return { name, overrides, masks: null };
  if (typeof file === 'string' && file.startsWith('cell:')) throw refuse(`cells.${name}: ${file} is not cell:NAME or cell:NAME@next`);
  return { name, overrides: [...overrides, ['subnets.file', asText(file)]], masks: null };
}

/** Every combination of the values of `grid`: a cell named `axis=value,...` by the last part of each setting. */
function expandGrid(input: unknown, refuse: Refuse): Cell[] {
  if (input === undefined) return [];
  const axes = asObject(input);
  if (!axes || Object.values(axes).some((values) => !Array.isArray(values) || values.length === 0))
    throw refuse('grid: expected an object of settings, each with a list of values');
  const points = Object.values(axes).reduce<number>((product, values) => product * (values as unknown[]).length, 1);
  if (points > MOST) throw refuse(`grid: expected at most ${MOST} cells; found ${points}`);
  return Object.entries(axes)
    .reduce<Override[][]>(
      (made, [setting, values]) =>
        made.flatMap((point) => (values as unknown[]).map((value): Override[] => [...point, [setting, asText(value)]])),
      [[]],
    )
    .map((overrides) => {
      const name = overrides
        .map(([setting, value]) => `${setting.split('.').at(-1)}=${value.replace(/[[\]"]/g, '').replaceAll(',', '-')}`)
        .join('_');
      return readCell(name, Object.fromEntries(overrides), refuse);
    });
}

/** Cells with those that give masks before those that take them. */
function orderBySource(cells: readonly Cell[], seeds: readonly number[], refuse: Refuse): Cell[] {
  const ordered: Cell[] = [];
  const visit = (cell: Cell, path: readonly string[]): void => {
    if (ordered.includes(cell)) return;
    if (path.includes(cell.name)) throw refuse(`cells take masks from each other in a circle: ${[...path, cell.name].join(', ')}`);
    if (cell.masks) {
      const source = cells.find(({ name }) => name === cell.masks!.cell);
      if (!source) throw refuse(`cells.${cell.name}: there is no cell ${cell.masks.cell} to take masks from`);
      if (cell.masks.seed === 'next' && seeds.length < 2) throw refuse(`cells.${cell.name}: @next needs two seeds`);
      visit(source, [...path, cell.name]);
    }
    ordered.push(cell);
  };
  for (const cell of cells) visit(cell, []);
  return ordered;
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[];
function isListOf(value: unknown, isItem: (item: unknown) => boolean): value is unknown[];
function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isSeed(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= SEEDS_MAXIMUM;
}
