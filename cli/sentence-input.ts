import {
  type ConllSeparator,
  type ConlluSentence,
  decodeUtf8Stream,
  type JsonFields,
  readConllStream,
  readConlluStream,
  readJsonLinesStream,
  readTokenLinesStream,
  type StreamedSentence,
  splitTextStream,
} from 'sparsetag';

export const INPUT_FORMATS = ['text', 'tokens', 'conll', 'conllu', 'jsonl'] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

/** A sentence to tag, with all that was read, to write it again. */
export type InputSentence = { readonly tokens: readonly string[] } & (
  | { readonly format: 'tokens' }
  | ({ readonly format: 'text' } & StreamedSentence)
  | { readonly format: 'conll'; readonly rows: readonly (readonly string[])[]; readonly separator: ConllSeparator }
  | { readonly format: 'conllu'; readonly sentence: ConlluSentence }
  | { readonly format: 'jsonl'; readonly fields: JsonFields }
);

export interface TextInput {
  readonly format: InputFormat;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Someone types: answer each sentence at once. */
  readonly isLive: boolean;
}

const PEEK_BYTES = 65536;
const PEEK_LINES = 64;

/**
 * Decides how to read a stream. `auto` looks at its first block of lines; of a terminal it expects a sentence a line.
 */
export async function chooseInput(chunks: AsyncIterable<Uint8Array>, format: InputFormat | 'auto', isLive: boolean): Promise<TextInput> {
  if (format !== 'auto') return { format, chunks, isLive };
  if (isLive) return { format: 'tokens', chunks, isLive };
  const source = chunks[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  let text = '';
  while (!endsBlock(text) && text.length < PEEK_BYTES) {
    const next = await source.next();
    if (next.done) break;
    seen.push(next.value);
    text = Buffer.concat(seen).toString('utf8');
  }
  return { format: guessFormat(text), chunks: chain(seen, source), isLive };
}

/** Whether `text` goes on after its first block of lines. */
function endsBlock(text: string): boolean {
  const body = text.replace(/^\uFEFF?(\s*\n)*/, '');
  return /\n[ \t\r]*\n/.test(body) || body.split('\n').length > PEEK_LINES;
}

/** What the first block of lines looks like: JSON objects, CoNLL-U, columns, or a sentence a line. */
export function guessFormat(text: string): InputFormat {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const begin = lines.findIndex((line) => line.trim() !== '');
  if (begin < 0) return 'tokens';
  const length = lines.slice(begin).findIndex((line) => line.trim() === '');
  const block = lines.slice(begin, length < 0 ? undefined : begin + length).slice(0, PEEK_LINES);
  if (/^\s*\{\s*"/.test(block[0]!)) return 'jsonl';
  const first = block.find((line) => !line.startsWith('#'));
  if (first !== undefined && /^1(-\d+)?\t/.test(first) && first.split('\t').length === 10) return 'conllu';
  if (block[0]!.includes('\t') || block[0]!.startsWith('-DOCSTART-')) return 'conll';
  const counts = new Set(block.map((line) => line.trim().split(/ +/).length));
  return block.length > 1 && counts.size === 1 ? 'conll' : 'tokens';
}

async function* chain(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    // Who stops early closes the file.
    await rest.return?.();
  }
}

/** @throws {CorpusError} those of the format's reader */
export async function* readInput({ format, chunks }: TextInput, file: string, tokenColumn: number): AsyncGenerator<InputSentence> {
  switch (format) {
    case 'text':
      for await (const sentence of splitTextStream(decodeUtf8Stream(chunks, file))) yield { format, ...sentence };
      break;
    case 'tokens':
      for await (const tokens of readTokenLinesStream(chunks, file)) yield { format, tokens };
      break;
    case 'conll':
      for await (const { tokens, rows, separator } of readConllStream(chunks, { file, tokenColumn, columns: [] }))
        yield { format, tokens, rows, separator };
      break;
    case 'conllu':
      for await (const sentence of readConlluStream(chunks, file)) yield { format, tokens: sentence.tokens, sentence };
      break;
    case 'jsonl':
      for await (const { tokens, fields } of readJsonLinesStream(chunks, file)) yield { format, tokens, fields };
  }
}

/** Groups of up to `size`, in order. */
export async function* batched<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
