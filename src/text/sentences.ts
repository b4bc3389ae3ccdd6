import { foldCase } from '../data/normalize.js';
import { classOf, LETTER, SPACE } from './characters.js';
import { STARTERS, TITLES } from './rules.js';
import { type TokenSpan, tokenize, unitsOf } from './tokenizer.js';

/** One sentence of a text: its tokens and where they are, in UTF-16 code units of the text; ends are exclusive. */
export interface TextSentence {
  readonly tokens: readonly string[];
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** A sentence of more tokens than this is cut. */
const LONGEST_SENTENCE = 1000;

const CLOSERS = ')]}»”’"\'›';
const OPENERS = '([{«“‘"\'„‹';

/** So many code units are cut into tokens at once. */
const STRETCH = 1000;

/**
 * Sentences and tokens of English text, by rules (docs/text.md) and tables that are the same on every engine. An empty line ends
 * a sentence; a single line end is a space. `text.slice(starts[i], ends[i])` is `tokens[i]`, always.
 */
export function splitText(text: string): TextSentence[] {
  return [...sentencesOf(text)];
}

/** The sentences of `splitText` one after another, for those who must not work long at a time. */
export function* sentencesOf(text: string): Generator<TextSentence, void, undefined> {
  for (const [begin, end] of paragraphs(text)) {
    let sentence: TokenSpan[] = [];
    for (const [from, to] of stretches(text, begin, end)) {
      for (const token of tokenize(text, from, to)) {
        if (sentence.length === LONGEST_SENTENCE || (sentence.length > 0 && endsSentence(text, sentence, token))) {
          yield toSentence(text, sentence);
          sentence = [];
        }
        sentence.push(token);
      }
    }
    if (sentence.length > 0) yield toSentence(text, sentence);
  }
}

/** A paragraph in parts that end before white space, which no token has within. */
function* stretches(text: string, begin: number, end: number): Generator<readonly [number, number]> {
  for (let from = begin, to = begin; from < end; from = to) {
    to = Math.min(end, from + STRETCH);
    while (to < end && classOf(text.charCodeAt(to)) !== SPACE) to++;
    yield [from, to];
  }
}

function toSentence(text: string, spans: readonly TokenSpan[]): TextSentence {
  return {
    tokens: spans.map(({ start, end }) => text.slice(start, end)),
    starts: Int32Array.from(spans, ({ start }) => start),
    ends: Int32Array.from(spans, ({ end }) => end),
  };
}

/** Stretches between empty lines. */
function* paragraphs(text: string): Generator<readonly [number, number]> {
  let begin = 0;
  for (const { index, 0: gap } of text.matchAll(/\n[ \t\r]*\n/g)) {
    yield [begin, index];
    begin = index + gap.length;
  }
  yield [begin, text.length];
}

/** Whether a sentence ends with the last of `sentence`, before `next`. */
function endsSentence(text: string, sentence: readonly TokenSpan[], next: TokenSpan): boolean {
  const last = sentence.at(-1)!;
  if (last.end === next.start) return false;
  let end = sentence.length - 1;
  while (end > 0 && isOneOf(text, sentence[end]!, CLOSERS)) end--;
  const closing = text.slice(sentence[end]!.start, sentence[end]!.end);
  const follower = text.slice(next.start, next.end);
  if (/^[!?…]+$/.test(closing)) return true;
  if (/^\.+$/.test(closing)) return closing.length === 1 || isCapital(follower) || OPENERS.includes(follower[0]!);
  if (!closing.endsWith('.')) return false;
  // An abbreviation ends a sentence where a word follows that begins many.
  const word = foldCase(closing.slice(0, -1));
  if (TITLES.has(word) || word.length === 1) return false;
  return isCapital(follower) && STARTERS.has(foldCase(follower));
}

function isOneOf(text: string, { start, end }: TokenSpan, characters: string): boolean {
  for (let at = start; at < end; at++) if (!characters.includes(text[at]!)) return false;
  return true;
}

function isCapital(word: string): boolean {
  const first = String.fromCodePoint(word.codePointAt(0)!);
  return classOf(first.codePointAt(0)!) === LETTER && foldCase(first) !== first;
}

/** For each UTF-16 offset from 0 to the length of the text, the offset in code points; a lone surrogate counts as one. */
export function codePointOffsets(text: string): Int32Array {
  const offsets = new Int32Array(text.length + 1);
  let points = 0;
  for (let at = 0; at < text.length; points++) {
    const units = unitsOf(text.codePointAt(at)!);
    for (let unit = 0; unit < units; unit++) offsets[at + unit] = points;
    at += units;
  }
  offsets[text.length] = points;
  return offsets;
}

/** Text of a stream longer than this without an empty line is cut at white space. */
const LONGEST_PARAGRAPH = 1 << 18;

/** A sentence of a stream: the places of its tokens count from its own beginning. */
export interface StreamedSentence extends TextSentence {
  /** From its first token to its last. */
  readonly text: string;
  /** Where `text` begins in the stream, in UTF-16 code units and in code points. */
  readonly offset: number;
  readonly codePointOffset: number;
}

/** Sentences of a stream of text, as they end, in bounded memory. */
export async function* splitTextStream(pieces: AsyncIterable<string>): AsyncGenerator<StreamedSentence> {
  let rest = '';
  let [offset, points] = [0, 0];
  for await (const piece of pieces) {
    rest += piece;
    let cut = lastEmptyLine(rest);
    if (cut === 0 && rest.length > LONGEST_PARAGRAPH) cut = lastSpace(rest) || rest.length - (isHighSurrogate(rest.at(-1)!) ? 1 : 0);
    if (cut === 0) continue;
    yield* streamed(rest.slice(0, cut), offset, points);
    offset += cut;
    points += countCodePoints(rest, 0, cut);
    rest = rest.slice(cut);
  }
  yield* streamed(rest, offset, points);
}

function* streamed(text: string, offset: number, codePointOffset: number): Generator<StreamedSentence> {
  let [counted, points] = [0, codePointOffset];
  for (const { tokens, starts, ends } of splitText(text)) {
    const begin = starts[0]!;
    points += countCodePoints(text, counted, begin);
    counted = begin;
    yield {
      tokens,
      text: text.slice(begin, ends.at(-1)!),
      starts: starts.map((at) => at - begin),
      ends: ends.map((at) => at - begin),
      offset: offset + begin,
      codePointOffset: points,
    };
  }
}

function countCodePoints(text: string, begin: number, end: number): number {
  let points = 0;
  for (let at = begin; at < end; at += unitsOf(text.codePointAt(at)!)) points++;
  return points;
}

/** Where the text after the last empty line begins; 0: there is none. */
function lastEmptyLine(text: string): number {
  let end = 0;
  for (const { index, 0: gap } of text.matchAll(/\n[ \t\r]*\n/g)) end = index + gap.length;
  return end;
}

function lastSpace(text: string): number {
  for (let at = text.length - 1; at > 0; at--) if (classOf(text.charCodeAt(at)) === SPACE) return at;
  return 0;
}

function isHighSurrogate(unit: string): boolean {
  return (unit.charCodeAt(0) & 0xfc00) === 0xd800;
}
