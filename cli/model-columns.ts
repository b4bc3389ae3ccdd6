import { type CorpusFormat, type GoldColumn, type LabelColumn, orderColumns, type StoredConfig, type TaskConfig } from 'sparsetag';
import { UsageError } from './usage-error.js';

/** Where in a file the tokens and the gold labels of a model's tasks are. */
export interface ColumnPlan {
  readonly tokenColumn: number;
  readonly format: CorpusFormat;
  /** Label columns, in the order of `GoldColumn.labels`. */
  readonly columns: readonly LabelColumn[];
  readonly gold: readonly GoldColumn[];
}

/**
 * The columns that the model was trained on, or those that `--columns ner=3,pos=1` names.
 *
 * @throws {UsageError} for a task that the model has not, or text of another form
 */
export function planColumns(
  config: StoredConfig,
  named: string | undefined,
  tokenColumn: string | undefined,
  format: string | undefined,
): ColumnPlan {
  const chosen = named === undefined ? config.tasks.map((task) => [task, task.column] as const) : parseColumns(config, named);
  const columns = orderColumns(chosen.map(([, column]) => column));
  return {
    tokenColumn: tokenColumn === undefined ? config.corpora[0]!.tokenColumn : parseColumn(tokenColumn, '--token-column'),
    format: parseFormat(format ?? 'auto'),
    columns,
    gold: chosen.map(([{ name, scheme }, column]) => ({ task: name, labels: columns.indexOf(column), scheme })),
  };
}

function parseColumns(config: StoredConfig, named: string): (readonly [TaskConfig, LabelColumn])[] {
  return named.split(',').map((part) => {
    const [name = '', column = ''] = part.split('=');
    const task = config.tasks.find((task) => task.name === name);
    if (task && column === '') throw new UsageError(`--columns: task ${name} has no column`, `write --columns ${name}=COLUMN`);
    if (task) return [task, /^\d/.test(column) ? parseColumn(column, '--columns') : column];
    const names = config.tasks.map((task) => task.name).join(', ');
    throw new UsageError(
      `--columns: the model has no task ${JSON.stringify(name)}; it has ${names}`,
      'write --columns TASK=COLUMN,TASK=COLUMN',
    );
  });
}

function parseFormat(text: string): CorpusFormat {
  const formats: readonly CorpusFormat[] = ['auto', 'conll', 'conll2000', 'conll2003', 'conllu', 'jsonl'];
  const format = formats.find((known) => known === text);
  if (format !== undefined) return format;
  throw new UsageError(`--format: expected ${formats.join(', ')}; found ${text}`);
}

/** A column number from 0. */
export function parseColumn(text: string, option: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(`${option}: expected the number of a column, from 0; found ${JSON.stringify(text)}`);
}
