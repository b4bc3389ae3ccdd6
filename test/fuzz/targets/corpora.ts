import type { Dice } from '../../../src/conformance/dice.js';
import { CorpusError } from '../../../src/errors.js';
import { formatConll, parseConllBytes, readConllStream } from '../../../src/io/conll.js';
import { conlluLabels, formatConllu, parseConlluBytes, readConlluStream } from '../../../src/io/conllu.js';
import { formatJsonLine, jsonLabels, parseJsonLinesBytes, readJsonLinesStream } from '../../../src/io/json-lines.js';
import { readTokenLinesStream } from '../../../src/io/token-lines.js';
import { readVectors } from '../../../src/io/vectors.js';
import { chunksOf } from '../../helpers/text.js';
import { JSON_PIECES, mutateBytes, mutateText, utf8 } from '../mutate.js';
import { require, type Target } from '../target.js';

const WORDS = ['EU', 'rejects', 'German', 'call', '.', '#', '1', 'd\u00e9j\u00e0', '\u{1f600}', "don't", '_', '-DOCSTART', '12.5'];
const LABELS = ['O', 'B-ORG', 'I-ORG', 'S-PER', 'NNP', '_', '1'];

/** What separates, ends, begins or breaks things in one format or another. */
const PIECES = [
  ...['\t', '\t\t', ' ', '  ', '\n', '\n\n', '\r\n', '\r', '\0', '\ufeff', '\u00a0', '\u2028', '\u0085', '\ufffd', '\v'],
  ...[
    '-DOCSTART- -X- O O\n',
    '#',
    '# text = a\n',
    '-X- O O\n',
    '_',
    '|',
    '=',
    'SpaceAfter=No',
    '1-2',
    '2-1',
    '0.1',
    '1.1',
    '01',
    '9999999999999999999',
  ],
  ...['"', '\\', '"tokens":[],', '"text":"a b",', '"ner":[{"start":0,"end":1,"label":"X"}],', '[[', '}', '\\u0000'],
  ...['nan', '1e400', '-', '0x1', '1e-400', '2 3\n', '4294967296 4294967296\n', '1 9007199254740993\n'],
  ...JSON_PIECES,
];

/** Rare, for they cost time. */
const LONG_PIECES = [
  'x'.repeat(1001),
  'a b '.repeat(20_000),
  'a\n'.repeat(10_001),
  '#\n'.repeat(5000),
  '9'.repeat(500),
  '['.repeat(3000),
  ' '.repeat(70_000),
];

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

/** A format: how a good file is made, and how it is read and used. */
interface Format {
  readonly name: string;
  good(dice: Dice): string;
  /** What a file holds, read whole or as a stream of pieces; equal for every cut. */
  read(file: Uint8Array, cut: number): Promise<unknown>;
  /** What was read, written again; null where the format has no writer. */
  write?(read: unknown): string;
}

const FILE = 'corpus';
const COLUMNS = [1, 2];

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function sentence(dice: Dice): string[] {
  return times(1 + dice.roll(5), () => dice.pick(WORDS));
}

const conll: Format = {
  name: 'conll',
  good(dice) {
    const separator = dice.pick(['\t', ' ']);
    return times(
      1 + dice.roll(4),
      () =>
        `${sentence(dice)
          .map((word) => [word, dice.pick(LABELS), dice.pick(LABELS)].join(separator))
          .join('\n')}\n`,
    ).join('\n');
  },
  async read(file, cut) {
    const options = { file: FILE, tokenColumn: 0, columns: COLUMNS };
    if (cut === 0) return parseConllBytes(file, options);
    return (await all(readConllStream(chunksOf(file, cut), options))).map(({ tokens, labels, line, starts }) => ({
      tokens,
      labels,
      line,
      starts,
    }));
  },
};

const conllRows: Format = {
  name: 'conll-rows',
  good: conll.good,
  read: (file, cut) => all(readConllStream(chunksOf(file, cut || 1 << 20), { file: FILE, tokenColumn: 0, columns: [] })),
  write: (read) =>
    (read as Awaited<ReturnType<typeof all<{ rows: string[][]; separator: ' ' | '\t' }>>>)
      .map(({ rows, separator }) => formatConll(rows, [], separator))
      .join(''),
};

const conllu: Format = {
  name: 'conllu',
  good(dice) {
    return times(1 + dice.roll(3), () => {
      const rows = sentence(dice).flatMap((word, i, { length }) => {
        const fields = [`${i + 1}`, word, dice.pick(WORDS), 'X', '_', '_', '0', 'root', '_', `ner=${dice.pick(LABELS)}`];
        const range = dice.chance(10) && i % 2 === 0 && i + 1 < length ? [[`${i + 1}-${i + 2}`, ...fields.slice(1)].join('\t')] : [];
        return [...range, fields.join('\t'), ...(dice.chance(10) ? [[`${i + 1}.1`, ...fields.slice(1)].join('\t')] : [])];
      });
      return `${dice.chance(50) ? '# sent_id = 1\n' : ''}${rows.join('\n')}\n\n`;
    }).join('');
  },
  async read(file, cut) {
    const sentences = cut === 0 ? parseConlluBytes(file, FILE) : await all(readConlluStream(chunksOf(file, cut), FILE));
    for (const each of sentences) conlluLabels(each, ['upos', 3], FILE);
    return sentences;
  },
  write: (read) => (read as ReturnType<typeof parseConlluBytes>).map((each) => formatConllu(each)).join(''),
};

const jsonLines: Format = {
  name: 'jsonl',
  good(dice) {
    return times(1 + dice.roll(4), () => {
      const tokens = sentence(dice);
      const text = tokens.join(' ');
      const spans = dice.chance(50) ? [{ start: 0, end: tokens[0]!.length, label: 'ORG' }] : [];
      const fields = dice.chance(50)
        ? { tokens, ner: tokens.map(() => dice.pick(LABELS)) }
        : { text, ...(dice.chance(50) && { tokens }), ner: spans };
      return `${JSON.stringify(fields)}\n`;
    }).join('');
  },
  async read(file, cut) {
    const sentences = cut === 0 ? parseJsonLinesBytes(file, FILE) : await all(readJsonLinesStream(chunksOf(file, cut), FILE));
    for (const each of sentences) jsonLabels(each, ['ner'], FILE);
    return sentences.map(({ tokens, fields }) => ({ tokens, fields }));
  },
  write: (read) => (read as { tokens: string[]; fields: Record<string, never> }[]).map(({ fields }) => formatJsonLine(fields, {})).join(''),
};

const tokenLines: Format = {
  name: 'tokens',
  good: (dice) => times(1 + dice.roll(4), () => `${sentence(dice).join(' ')}\n`).join(''),
  read: (file, cut) => all(readTokenLinesStream(chunksOf(file, cut || 1 << 20), FILE)),
  write: (read) => (read as string[][]).map((tokens) => `${tokens.join(' ')}\n`).join(''),
};

const vectors: Format = {
  name: 'vectors',
  good(dice) {
    const words = times(1 + dice.roll(5), (i) => `${dice.pick(WORDS)}${i}`);
    const head = dice.chance(30) ? `${words.length} 3\n` : '';
    return (
      head + words.map((word) => `${word} ${times(3, () => dice.pick(['0', '-1.5', '.25', '3e-5', '1234567.125'])).join(' ')}\n`).join('')
    );
  },
  read: (file, cut) => readVectors(chunksOf(file, cut || 1 << 20), { file: FILE, limit: 0 }),
};

function targetOf({ name, good, read, write }: Format): Target {
  return {
    name,
    refusals: [CorpusError],
    make(dice) {
      let text = good(dice);
      for (let changes = dice.roll(4); changes > 0; changes--) text = mutateText(text, dice.chance(1) ? LONG_PIECES : PIECES, dice);
      let file: Uint8Array = utf8(text);
      if (dice.chance(40)) for (let changes = 1 + dice.roll(3); changes > 0; changes--) file = mutateBytes(file, dice);
      return file;
    },
    async read(file) {
      const whole = await outcome(() => read(file, 0));
      for (const cut of [1, 7, 64]) {
        if (cut * 5000 < file.length) continue;
        const inPieces = await outcome(() => read(file, cut));
        if (whole.key !== inPieces.key)
          throw new Error(`read whole: ${whole.key.slice(0, 500)}; in pieces of ${cut}: ${inPieces.key.slice(0, 500)}`);
      }
      if (whole.error) throw requirePlace(whole.error, file);
      if (!write) return;
      // Readers drop a byte order mark that a file begins with, and nothing else: the first token may begin with another.
      const again = await outcome(() => read(utf8(`\uFEFF${write(whole.value)}`), 0));
      require(again.key ===
        whole.key, `read, written and read again it is another: ${whole.key.slice(0, 500)} and ${again.key.slice(0, 500)}`);
    },
  };
}

interface Outcome {
  readonly value?: unknown;
  readonly error?: CorpusError;
  /** Equal for equal outcomes. */
  readonly key: string;
}

async function outcome(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    const value = await run();
    return { value, key: JSON.stringify(value, (name, item) => (name === 'line' ? undefined : item)) };
  } catch (error) {
    if (!(error instanceof CorpusError)) throw error;
    return { error, key: `${error.code} ${error.message}` };
  }
}

/** A refusal names a place, and one that is in the file. */
function requirePlace(error: CorpusError, file: Uint8Array): CorpusError {
  const lines = file.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 1);
  const { line = 0, column = 0 } = error.position ?? {};
  if (line >= 1 && line <= lines && column >= 1) return error;
  throw new Error(`${error.code} names line ${line}, column ${column} of a file of ${lines} lines`);
}

export const CORPUS_TARGETS: readonly Target[] = [conll, conllRows, conllu, jsonLines, tokenLines, vectors].map(targetOf);
