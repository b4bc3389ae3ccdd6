// What a file to train on has: its columns or fields, and which of them look like spans.

/** A column of labels. */
export interface Column {
  /** Number (CoNLL) or name (JSON Lines, CoNLL-U) as the config has it. */
  readonly column: number | string;
  readonly name: string;
  readonly type: 'tags' | 'spans';
  /** Some labels of it, to recognise it by. */
  readonly sample: readonly string[];
}

/** So much of a file is looked at. */
const LOOKED_AT = 65_536;
const SAMPLE = 4;

/** Columns of a file, by its beginning; none where no labels are to be seen. */
export async function columnsOf(file: Blob, name: string): Promise<Column[]> {
  const text = await file.slice(0, LOOKED_AT).text();
  // The last line may be cut.
  const lines = text.split(/\r?\n/).slice(0, file.size > LOOKED_AT ? -1 : undefined);
  if (/\.(jsonl|ndjson)$/.test(name)) return fieldsOf(lines);
  if (/\.conllu$/.test(name)) return conlluColumns(lines);
  return conllColumns(lines);
}

function conllColumns(lines: readonly string[]): Column[] {
  const rows = lines.filter((line) => line.trim() !== '' && !line.startsWith('-DOCSTART-')).map((line) => line.trim().split(/[ \t]+/));
  const width = Math.min(...rows.map((row) => row.length));
  if (!Number.isFinite(width)) return [];
  return Array.from({ length: width - 1 }, (_, i) => {
    const values = rows.map((row) => row[i + 1]!);
    return { column: i + 1, ...describe(values, `column-${i + 1}`) };
  });
}

function conlluColumns(lines: readonly string[]): Column[] {
  const rows = lines.filter((line) => /^\d/.test(line)).map((line) => line.split('\t'));
  const named = [
    ['upos', 3],
    ['xpos', 4],
    ['deprel', 7],
  ] as const;
  return named.flatMap(([name, at]) => {
    const values = rows.flatMap((row) => row[at] ?? []);
    return values.some((value) => value !== '_') ? [{ column: name, name, type: 'tags' as const, sample: sampleOf(values) }] : [];
  });
}

function fieldsOf(lines: readonly string[]): Column[] {
  const values = new Map<string, string[]>();
  for (const line of lines) {
    for (const [name, labels] of Object.entries(parse(line))) {
      if (name === 'tokens' || !Array.isArray(labels) || !labels.every((label) => typeof label === 'string')) continue;
      values.set(name, [...(values.get(name) ?? []), ...labels]);
    }
  }
  return [...values].map(([name, labels]) => ({ ...describe(labels, name), column: name, name: taskName(name) }));
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {};
  }
}

function describe(values: readonly string[], otherwise: string): Omit<Column, 'column'> {
  const isSpans =
    values.length > 0 && values.every((value) => value === 'O' || /^[BIES]-./.test(value)) && values.some((value) => value !== 'O');
  const types = new Set(values.flatMap((value) => (value === 'O' ? [] : [value.slice(2)])));
  const name = !isSpans ? (otherwise.startsWith('column') ? 'pos' : otherwise) : types.has('NP') ? 'chunk' : 'ner';
  return { name, type: isSpans ? 'spans' : 'tags', sample: sampleOf(values) };
}

function sampleOf(values: readonly string[]): string[] {
  return [...new Set(values)].filter((value) => value !== 'O').slice(0, SAMPLE);
}

/** Names of tasks are letters, digits, _ and -. */
function taskName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '-') || 'task';
}
