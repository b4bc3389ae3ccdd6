import { type Cell, COLUMNS, KERNELS, type Outcome } from './cells.js';
import type { Engine } from './engines.js';

/** What the cells of each engine gave. */
export class Matrix {
  readonly #rows: { readonly engine: Engine; readonly version: string; readonly outcomes: Map<string, Outcome> }[] = [];

  /** Begins the row of an engine. */
  add(engine: Engine, version: string): void {
    this.#rows.push({ engine, version, outcomes: new Map() });
  }

  /** Fills a cell of the row that was begun last. */
  record(cell: Cell, outcome: Outcome): void {
    this.#rows.at(-1)!.outcomes.set(cellName(cell), outcome);
  }

  /** The digest of every cell that ran, if they are all one. */
  get digest(): string | null {
    const outcomes = this.#rows.flatMap(({ outcomes }) => [...outcomes.values()]);
    const digests = new Set(outcomes.flatMap((outcome) => ('digest' in outcome ? [outcome.digest] : [])));
    return digests.size === 1 && !outcomes.some((outcome) => 'error' in outcome) ? [...digests][0]! : null;
  }

  /** Whether there is an outcome of every cell of every engine. */
  isWhole(engines: readonly Engine[]): boolean {
    return this.#rows.length === engines.length && this.#rows.every(({ engine, outcomes }) => outcomes.size === engine.cells.length);
  }

  /** The matrix in Markdown: an engine a row, dense and sparse kernels in one column; and why cells are not there. */
  toString(): string {
    const head = ['engine', 'version', ...COLUMNS.map(({ build, threads }) => (build === 'threads' ? `threads × ${threads}` : build))];
    const rows = this.#rows.map(({ engine: { name, note }, version, outcomes }) => [
      note === '' ? name : `${name}, ${note}`,
      version,
      ...COLUMNS.map((column) => summary(KERNELS.map((kernels) => outcomes.get(cellName({ ...column, kernels }))))),
    ]);
    const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
    const reasons = this.#rows.flatMap(({ engine: { name }, outcomes }) =>
      [...outcomes.values()].flatMap((outcome) => ('missing' in outcome ? [`\nn/a in ${name}: ${outcome.missing}.\n`] : [])),
    );
    return table + [...new Set(reasons)].join('');
  }
}

export function cellName({ build, threads, kernels }: Cell): string {
  return `${build}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${kernels} kernels`;
}

/** What the cells of one column gave together. */
function summary(outcomes: readonly (Outcome | undefined)[]): string {
  const parts = new Set(outcomes.flatMap((outcome) => (outcome ? [word(outcome)] : [])));
  return [...parts].join(', ') || '-';
}

function word(outcome: Outcome): string {
  if ('missing' in outcome) return 'n/a';
  if ('error' in outcome) return 'failed';
  return outcome.faults.length === 0 ? 'equal' : `${outcome.faults.length} differ`;
}
