import { readConllStream, Utf8Reader } from 'sparsetag';

/** A sentence to tag, with the columns to write it again. */
export interface InputSentence {
  readonly tokens: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly separator: '\t' | ' ';
}

export interface TextInput {
  readonly format: 'tokens' | 'conll';
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Someone types: answer each sentence at once. */
  readonly isLive: boolean;
}

const PEEK_BYTES = 65536;
const PEEK_LINES = 64;

/**
 * Decides how to read a stream. `auto` looks at its first block of lines; of a terminal it expects a sentence a line.
 */
export async function chooseInput(
  chunks: AsyncIterable<Uint8Array>,
  format: 'tokens' | 'conll' | 'auto',
  isLive: boolean,
): Promise<TextInput> {
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

/** CoNLL, if the first block of lines looks like columns. */
export function guessFormat(text: string): 'tokens' | 'conll' {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const begin = lines.findIndex((line) => line.trim() !== '');
  if (begin < 0) return 'tokens';
  const length = lines.slice(begin).findIndex((line) => line.trim() === '');
  const block = lines.slice(begin, length < 0 ? undefined : begin + length).slice(0, PEEK_LINES);
  if (block[0]!.includes('\t') || block[0]!.startsWith('-DOCSTART-')) return 'conll';
  const counts = new Set(block.map((line) => line.trim().split(/ +/).length));
  return block.length > 1 && counts.size === 1 ? 'conll' : 'tokens';
}

async function* chain(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** @throws {CorpusError} as readConllStream; TEXT_NOT_UTF8, TEXT_NUL */
export function readSentences({ format, chunks }: TextInput, file: string, tokenColumn: number): AsyncIterable<InputSentence> {
  return format === 'conll' ? readConllStream(chunks, { file, tokenColumn, columns: [] }) : readTokenLines(chunks, file);
}

/** One sentence a line, tokens between spaces or tabs; empty lines are skipped. */
async function* readTokenLines(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<InputSentence> {
  const reader = new Utf8Reader(file);
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + reader.push(chunk)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield* sentenceOf(line);
  }
  reader.finish();
  yield* sentenceOf(rest);
}

function sentenceOf(line: string): InputSentence[] {
  const tokens = line.split(/[ \t\r]+/).filter((token) => token !== '');
  return tokens.length === 0 ? [] : [{ tokens, rows: tokens.map((token) => [token]), separator: ' ' }];
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
