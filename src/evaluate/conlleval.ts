import type { TagScheme } from '../config/config.js';
import { ConfigError, CorpusError } from '../errors.js';

/** Gold and predicted labels of one sentence, one each a token. */
export interface LabelPair {
  readonly gold: readonly string[];
  readonly predicted: readonly string[];
}

/** Spans counted, and the rates that follow from them, in percent (0 where the denominator is 0). */
export interface SpanRates {
  /** Spans in the gold labels. */
  readonly gold: number;
  /** Spans in the predicted labels. */
  readonly predicted: number;
  /** Predicted spans whose start, end and type are those of a gold span. */
  readonly correct: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface TypeScore extends SpanRates {
  readonly type: string;
}

/** What conlleval finds in a labelled text: all spans together, and by type in code point order. */
export interface SpanScore extends SpanRates {
  readonly tokens: number;
  /** Tokens whose predicted label is the gold label. */
  readonly correctTokens: number;
  /** The same in percent of the tokens. */
  readonly accuracy: number;
  readonly types: readonly TypeScore[];
}

/** A label cut at its first hyphen. */
interface Label {
  readonly prefix: string;
  readonly type: string;
}

const OUTSIDE: Label = { prefix: 'O', type: '' };

// The current prefixes before which (after the previous one, within one type) a span ends, and at which one starts.
const ENDS: Readonly<Record<string, string>> = { B: 'BO', I: 'BO', E: 'EIO' };
const STARTS: Readonly<Record<string, string>> = { B: 'B', I: 'B', O: 'BIE', E: 'EI' };

const isOutside = (prefix: string): boolean => prefix === 'O' || prefix === '.';
const isBracket = (prefix: string): boolean => prefix === '[' || prefix === ']';
const follows = (table: Readonly<Record<string, string>>, previous: string, current: string): boolean =>
  current.length === 1 && Object.hasOwn(table, previous) && table[previous]!.includes(current);

/** Whether a span ends between two neighbouring labels. */
function spanEnds(previous: Label, current: Label): boolean {
  if (isBracket(previous.prefix)) return true;
  if (!isOutside(previous.prefix) && previous.type !== current.type) return true;
  return follows(ENDS, previous.prefix, current.prefix);
}

/** Whether a span starts at the second of two neighbouring labels. */
function spanStarts(previous: Label, current: Label): boolean {
  if (isBracket(current.prefix)) return true;
  if (!isOutside(current.prefix) && previous.type !== current.type) return true;
  return follows(STARTS, previous.prefix, current.prefix);
}

function parseLabel(text: string, bioes: boolean): Label {
  const hyphen = text.indexOf('-');
  const prefix = hyphen < 0 ? text : text.slice(0, hyphen);
  const type = hyphen < 0 ? '' : text.slice(hyphen + 1);
  return {
    prefix: bioes && prefix === 'E' ? 'I' : bioes && prefix === 'S' ? 'B' : prefix,
    // The script takes the type "0", which Perl holds for false, for no type.
    type: type === '0' ? '' : type,
  };
}

/** Sort key of a UTF-16 code unit under which strings compare by code point, which is how their UTF-8 bytes compare. */
const codePointKey = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointKey(x) - codePointKey(y);
  }
  return a.length - b.length;
}

// In the script's own order of operations, so that the printed digits are its digits.
const percent = (part: number, whole: number): number => (whole > 0 ? (100 * part) / whole : 0);

function rates(gold: number, predicted: number, correct: number): SpanRates {
  const precision = percent(correct, predicted);
  const recall = percent(correct, gold);
  const f1 = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  return { gold, predicted, correct, precision, recall, f1 };
}

/**
 * Scores spans sentence by sentence, exactly as the conlleval script of the CoNLL shared tasks does.
 *
 * @remarks Source: behaviour of conlleval, version of 2004-01-26. Illegal sequences are repaired, not discarded: an
 * I-X after O starts a span, an I-Y after B-X ends X and starts Y. A sentence break counts as O. The script does not
 * know BIOES; its labels are read as BIO (E as I, S as B).
 */
export class SpanCounter {
  readonly #bioes: boolean;
  readonly #labels = new Map<string, Label>();
  readonly #types = new Map<string, { gold: number; predicted: number; correct: number }>();
  #lastGold = OUTSIDE;
  #lastPredicted = OUTSIDE;
  /** The spans that are open in both labellings began together and have the same type. */
  #matching = false;
  #tokens = 0;
  #correctTokens = 0;

  /** @param scheme of both labellings; `bio` and `iob1` are read by the same rules */
  constructor(scheme: TagScheme = 'bio') {
    this.#bioes = scheme === 'bioes';
  }

  /**
   * Counts one sentence.
   * @throws {ConfigError} SPAN_LABEL_COUNT when the two labellings differ in length
   */
  add(gold: readonly string[], predicted: readonly string[]): void {
    if (gold.length !== predicted.length) {
      throw new ConfigError(
        'SPAN_LABEL_COUNT',
        `A sentence has ${gold.length} gold labels but ${predicted.length} predicted ones; give one of each for every token.`,
      );
    }
    this.#step(OUTSIDE, OUTSIDE);
    for (let i = 0; i < gold.length; i++) {
      const g = this.#label(gold[i]!);
      const p = this.#label(predicted[i]!);
      this.#step(g, p);
      this.#tokens++;
      if (g.prefix === p.prefix && g.type === p.type) this.#correctTokens++;
    }
  }

  /** The score of all sentences so far. */
  score(): SpanScore {
    let gold = 0;
    let predicted = 0;
    let correct = 0;
    const types: TypeScore[] = [];
    for (const [type, counts] of this.#types) {
      // A span that is still open at the end of the text is correct if it matched up to there.
      const open = this.#matching && type === this.#lastGold.type ? 1 : 0;
      gold += counts.gold;
      predicted += counts.predicted;
      correct += counts.correct + open;
      types.push({ type, ...rates(counts.gold, counts.predicted, counts.correct + open) });
    }
    types.sort((a, b) => compareCodePoints(a.type, b.type));
    return {
      tokens: this.#tokens,
      correctTokens: this.#correctTokens,
      accuracy: percent(this.#correctTokens, this.#tokens),
      ...rates(gold, predicted, correct),
      types,
    };
  }

  #label(text: string): Label {
    let label = this.#labels.get(text);
    if (!label) {
      label = parseLabel(text, this.#bioes);
      this.#labels.set(text, label);
    }
    return label;
  }

  #counts(type: string): { gold: number; predicted: number; correct: number } {
    let counts = this.#types.get(type);
    if (!counts) {
      counts = { gold: 0, predicted: 0, correct: 0 };
      this.#types.set(type, counts);
    }
    return counts;
  }

  #step(gold: Label, predicted: Label): void {
    const lastGold = this.#lastGold;
    const lastPredicted = this.#lastPredicted;
    if (this.#matching) {
      const goldEnds = spanEnds(lastGold, gold);
      const predictedEnds = spanEnds(lastPredicted, predicted);
      if (goldEnds && predictedEnds && lastGold.type === lastPredicted.type) {
        this.#counts(lastGold.type).correct++;
        this.#matching = false;
      } else if (goldEnds !== predictedEnds || gold.type !== predicted.type) {
        this.#matching = false;
      }
    }
    const goldStarts = spanStarts(lastGold, gold);
    const predictedStarts = spanStarts(lastPredicted, predicted);
    if (goldStarts && predictedStarts && gold.type === predicted.type) this.#matching = true;
    if (goldStarts) this.#counts(gold.type).gold++;
    if (predictedStarts) this.#counts(predicted.type).predicted++;
    this.#lastGold = gold;
    this.#lastPredicted = predicted;
  }
}

/**
 * Scores the spans of labelled sentences as conlleval does.
 * @throws {ConfigError} SPAN_LABEL_COUNT when a sentence has more labels of one kind than of the other
 */
export function scoreSpans(sentences: Iterable<LabelPair>, scheme: TagScheme = 'bio'): SpanScore {
  const counter = new SpanCounter(scheme);
  for (const { gold, predicted } of sentences) counter.add(gold, predicted);
  return counter.score();
}

/** Length of a string in UTF-8 bytes, which is what Perl pads by. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/**
 * A percentage as C's `%6.2f` writes it. `toFixed` rounds the same binary value, but takes exact ties up where C takes
 * them to the even digit; with two decimals the exact ties are the odd multiples of 1/8.
 */
function formatPercent(value: number): string {
  const eighths = value * 8;
  const isTie = eighths % 2 === 1;
  const hundredths = Math.floor(value * 100);
  const text = isTie && hundredths % 2 === 0 ? (hundredths / 100).toFixed(2) : value.toFixed(2);
  return text.padStart(6);
}

const formatRates = ({ precision, recall, f1 }: SpanRates): string =>
  `precision: ${formatPercent(precision)}%; recall: ${formatPercent(recall)}%; FB1: ${formatPercent(f1)}`;

/** The report of the conlleval script, to the character; ends with a line feed. */
export function formatConlleval(score: SpanScore): string {
  let text = `processed ${score.tokens} tokens with ${score.gold} phrases; found: ${score.predicted} phrases; correct: ${score.correct}.\n`;
  if (score.tokens > 0) text += `accuracy: ${formatPercent(score.accuracy)}%; ${formatRates(score)}\n`;
  for (const counts of score.types) {
    const indent = ' '.repeat(Math.max(0, 17 - utf8Length(counts.type)));
    const line = `${indent}${counts.type}: ${formatRates(counts)}  ${counts.predicted}\n`;
    // The script merges the sorted type names of both sides, but does not recognise the empty name as a repetition.
    const isRepeated = counts.type === '' && counts.gold > 0 && counts.predicted > 0;
    text += isRepeated ? line + line : line;
  }
  return text;
}

const BOUNDARY = '-X-';

/**
 * Reads the text that the conlleval script reads: a token a line, columns separated by spaces or tabs, the last two
 * being the gold and the predicted label; sentences end at empty lines or at lines whose first column is `-X-`.
 *
 * @param file name for messages
 * @throws {CorpusError} CONLLEVAL_COLUMNS when a line has a single column or another number of them than the first line
 */
export function* parseConlleval(text: string, file = '<input>'): Generator<LabelPair> {
  let gold: string[] = [];
  let predicted: string[] = [];
  let columns = -1;
  let line = 0;
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  while (start < text.length) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    const fields = text
      .slice(start, end)
      .replace(/\r$/, '')
      .split(/[ \t]+/);
    while (fields.at(-1) === '') fields.pop();
    line++;
    start = end + 1;
    if (fields.length > 0) {
      if (columns < 0) columns = fields.length;
      if (fields.length !== columns || columns < 2) {
        const expected = columns < 2 ? 'at least 2 (gold and predicted label last)' : `${columns} as in the lines before`;
        throw new CorpusError('CONLLEVAL_COLUMNS', `${fields.length} columns; expected ${expected}.`, { file, line, column: 1 });
      }
    }
    if (fields.length > 0 && fields[0] !== BOUNDARY) {
      gold.push(fields[columns - 2]!);
      predicted.push(fields[columns - 1]!);
    } else if (gold.length > 0) {
      yield { gold, predicted };
      gold = [];
      predicted = [];
    }
  }
  if (gold.length > 0) yield { gold, predicted };
}
