// JSON Lines: one sentence an object, `{"tokens": ["EU", ...], "ner": ["B-ORG", ...]}`, or a text with character spans,
// `{"text": "EU rejects ...", "tokens": [...], "spans": [{"start": 0, "end": 2, "label": "ORG"}]}`.
import type { Sentence } from '../data/sentence.js';
import { CorpusError } from '../errors.js';
import { JsonError, type JsonValue, type MemberOffsets, parseJson } from './canonical-json.js';
import { MAXIMUM_SENTENCE_LENGTH, MAXIMUM_SENTENCE_TOKENS, MAXIMUM_TOKEN_LENGTH } from './limits.js';
import { LineReader } from './line-reader.js';
import { decodeUtf8Pieces, decodeUtf8Stream } from './utf8.js';

export type JsonFields = Readonly<Record<string, JsonValue>>;

export interface JsonSentence {
  readonly tokens: readonly string[];
  /** Every field of the line, in its order. */
  readonly fields: JsonFields;
  /** Line in the file, from 1. */
  readonly line: number;
  /** Where the key of each field begins in its line, in UTF-16 code units from 0. */
  readonly offsets: ReadonlyMap<string, number>;
}

class JsonLinesParser {
  #line = 0;

  constructor(private readonly file: string) {}

  *take(lines: Iterable<string>): Generator<JsonSentence> {
    for (const line of lines) {
      this.#line++;
      if (line.trim() !== '') yield this.#sentence(line);
    }
  }

  #sentence(text: string): JsonSentence {
    const offsets: MemberOffsets = new Map();
    let value: JsonValue;
    try {
      value = parseJson(text, {}, offsets);
    } catch (cause) {
      if (!(cause instanceof JsonError)) throw cause;
      throw this.#refuse('JSON_LINES_SYNTAX', cause.offset + 1, `this is no JSON: ${cause.message}`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#refuse('JSON_LINES_FIELD', 1, 'expected an object a line, like {"tokens": ["EU", "rejects"]}');
    const fields = value as JsonFields;
    const isText = fields.tokens === undefined && typeof fields.text === 'string';
    const tokens = isText ? splitAtSpaces(fields.text as string) : fields.tokens;
    const column = columnOf(isText ? 'text' : 'tokens', offsets);
    if (!isStrings(tokens)) throw this.#refuse('JSON_LINES_FIELD', column, 'field tokens: expected a list of strings (or a field text)');
    if (tokens.length === 0) throw this.#refuse('JSON_LINES_FIELD', column, 'the sentence has no token; leave the line out');
    if (tokens.length > MAXIMUM_SENTENCE_TOKENS)
      throw this.#refuse(
        'CORPUS_SENTENCE_TOO_LONG',
        column,
        `the sentence has ${tokens.length} tokens, expected at most ${MAXIMUM_SENTENCE_TOKENS}; split it`,
      );
    const bad = tokens.findIndex((token) => token === '' || token.length > MAXIMUM_TOKEN_LENGTH);
    if (bad >= 0)
      throw this.#refuse(
        'CORPUS_TOKEN_TOO_LONG',
        column,
        `token ${bad} has ${tokens[bad]!.length} UTF-16 units, expected 1 to ${MAXIMUM_TOKEN_LENGTH}`,
      );
    return { tokens, fields, line: this.#line, offsets };
  }

  #refuse(code: string, column: number, message: string): CorpusError {
    return new CorpusError(code, message, { file: this.file, line: this.#line, column });
  }
}

/** Column of a field's key, from 1; 1 where the line has no such field. */
function columnOf(field: string, offsets: ReadonlyMap<string, number>): number {
  return 1 + (offsets.get(field) ?? 0);
}

const lineReader = (file: string): LineReader =>
  new LineReader(MAXIMUM_SENTENCE_LENGTH, (line) => {
    const message = `the line has more than ${MAXIMUM_SENTENCE_LENGTH} UTF-16 units; write one sentence a line`;
    return new CorpusError('CORPUS_LINE_TOO_LONG', message, { file, line, column: MAXIMUM_SENTENCE_LENGTH + 1 });
  });

/**
 * Sentences of JSON Lines as they come, in memory bounded by the longest line. Empty lines are skipped.
 * @throws {CorpusError} JSON_LINES_SYNTAX, JSON_LINES_FIELD, CORPUS_TOKEN_TOO_LONG, CORPUS_SENTENCE_TOO_LONG, CORPUS_LINE_TOO_LONG, TEXT_NOT_UTF8, TEXT_NUL
 */
export async function* readJsonLinesStream(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<JsonSentence> {
  const [lines, parser] = [lineReader(file), new JsonLinesParser(file)];
  for await (const text of decodeUtf8Stream(chunks, file)) yield* parser.take(lines.push(text));
  yield* parser.take(lines.finish());
}

/** {@link readJsonLinesStream} of bytes at hand. */
export function parseJsonLinesBytes(bytes: Uint8Array, file: string): JsonSentence[] {
  const [lines, parser] = [lineReader(file), new JsonLinesParser(file)];
  const sentences: JsonSentence[] = [];
  for (const text of decodeUtf8Pieces(bytes, file)) for (const sentence of parser.take(lines.push(text))) sentences.push(sentence);
  return [...sentences, ...parser.take(lines.finish())];
}

/**
 * The sentence as a corpus has it. A column is the name of a field with a label a token; or of a field with character spans
 * (`[{start, end, label}]`, UTF-16 code units of `text`, the end exclusive), which become BIO labels.
 *
 * @throws {CorpusError} JSON_LINES_FIELD, JSON_LINES_SPAN
 */
export function jsonLabels({ tokens, fields, line, offsets }: JsonSentence, columns: readonly (number | string)[], file: string): Sentence {
  const broken = tokens.findIndex((token) => UNSTORABLE.test(token));
  if (broken >= 0) {
    const message = `token ${broken} holds a tab or a line end, which no vocabulary can; leave it out`;
    throw new CorpusError('JSON_LINES_FIELD', message, { file, line, column: columnOf('tokens', offsets) });
  }
  const labels = columns.map((column) => {
    const value = Object.hasOwn(fields, column) ? fields[column] : undefined;
    const position = { file, line, column: columnOf(`${column}`, offsets) };
    const refuse = (code: string, message: string): CorpusError => new CorpusError(code, message, position);
    // An empty list beside a text is a list of spans: the sentence has none.
    if (isStrings(value) && (value.length > 0 || typeof fields.text !== 'string')) {
      if (value.length === tokens.length && value.every(isLabel)) return value;
      throw refuse(
        'JSON_LINES_FIELD',
        `field ${column} has ${value.length} labels for ${tokens.length} tokens, or one that is ${NO_LABEL}`,
      );
    }
    if (isSpans(value)) return labelsOfSpans(value, tokens, fields.text, `${column}`, refuse);
    const names = Object.keys(fields).join(', ');
    throw refuse(
      'JSON_LINES_FIELD',
      `field ${column}: expected a list of labels, one a token, or of spans {start, end, label}; there is ${names}`,
    );
  });
  const starts = columns.map((column) => new Uint32Array(tokens.length).fill(columnOf(`${column}`, offsets)));
  return { tokens, labels, line, lines: new Uint32Array(tokens.length).fill(line), starts };
}

/** What would divide the columns and lines of a vocabulary. */
const UNSTORABLE = /[\t\r\n]/;
const NO_LABEL = `empty, longer than ${MAXIMUM_TOKEN_LENGTH} UTF-16 units, or holds a tab or a line end`;

function isLabel(label: string): boolean {
  return label !== '' && label.length <= MAXIMUM_TOKEN_LENGTH && !UNSTORABLE.test(label);
}

interface CharacterSpan {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

function labelsOfSpans(
  spans: readonly CharacterSpan[],
  tokens: readonly string[],
  text: JsonValue | undefined,
  field: string,
  refuse: (code: string, message: string) => CorpusError,
): string[] {
  if (typeof text !== 'string')
    throw refuse('JSON_LINES_SPAN', `field ${field} has character spans, but there is no field text that they count in`);
  const starts = placesOf(tokens, text);
  if (!starts) throw refuse('JSON_LINES_SPAN', 'the tokens do not follow each other in the text');
  const labels = tokens.map(() => 'O');
  const firsts = new Map(starts.map((start, i) => [start, i]));
  const lasts = new Map(starts.map((start, i) => [start + tokens[i]!.length, i]));
  for (const { start, end, label } of spans) {
    const first = firsts.get(start) ?? -1;
    const last = lasts.get(end) ?? -1;
    if (!isLabel(label)) throw refuse('JSON_LINES_SPAN', `span ${start} to ${end} has a label that is ${NO_LABEL}`);
    if (first < 0 || last < first)
      throw refuse(
        'JSON_LINES_SPAN',
        `span ${start} to ${end} (${label}) does not begin and end with tokens; correct its offsets or give tokens that fit`,
      );
    for (let i = first; i <= last; i++) {
      if (labels[i] !== 'O') throw refuse('JSON_LINES_SPAN', `spans overlap at token ${i} (${tokens[i]}); a token has one label`);
      labels[i] = `${i === first ? 'B' : 'I'}-${label}`;
    }
  }
  return labels;
}

/** Where each token begins in `text`, found one after the other; null where one is not there. */
export function placesOf(tokens: readonly string[], text: string): number[] | null {
  const places: number[] = [];
  let from = 0;
  for (const token of tokens) {
    const place = text.indexOf(token, from);
    if (place < 0) return null;
    places.push(place);
    from = place + token.length;
  }
  return places;
}

/** One sentence as a line: its fields in their order, then those of `added`, which replace fields of their name. */
export function formatJsonLine(fields: JsonFields, added: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ ...fields, ...added })}\n`;
}

function splitAtSpaces(text: string): string[] {
  return text.split(/[ \t\r\n]+/).filter((token) => token !== '');
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isSpans(value: unknown): value is CharacterSpan[] {
  return (
    Array.isArray(value) &&
    value.every(
      (item) =>
        typeof item === 'object' &&
        item !== null &&
        Number.isInteger(item.start) &&
        Number.isInteger(item.end) &&
        typeof item.label === 'string',
    )
  );
}
