import type { TagScheme } from '../config/config.js';
import { CorpusError, type TextPosition } from '../errors.js';

/** Tokens [start, end) of a sentence under one type. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

/** Prefixes of each scheme's labels in their canonical order; `O` stands outside every span. */
const PREFIXES: ReadonlyMap<string, readonly string[]> = new Map([
  ['bio', ['B', 'I']],
  ['iob1', ['B', 'I']],
  ['bioes', ['B', 'I', 'E', 'S']],
]);

/** The label of a token outside every span. */
export const OUTSIDE = 'O';

/**
 * Says that `scheme` names a tag scheme.
 *
 * @throws {CorpusError} CORPUS_UNKNOWN_SCHEME
 */
export function requireScheme(scheme: string): asserts scheme is TagScheme {
  if (PREFIXES.has(scheme)) return;
  const known = [...PREFIXES.keys()].join(', ');
  throw new CorpusError('CORPUS_UNKNOWN_SCHEME', `unknown tag scheme ${JSON.stringify(scheme)}, expected one of ${known}`);
}

/** All labels that a span type can have in a scheme, in canonical order. */
export function labelsOfType(type: string, scheme: TagScheme): string[] {
  return prefixesOf(scheme).map((prefix) => `${prefix}-${type}`);
}

/** The type of a label, everything after its first hyphen; the empty string for `O`. */
export function typeOfLabel(label: string): string {
  const hyphen = label.indexOf('-');
  return hyphen < 0 ? '' : label.slice(hyphen + 1);
}

/**
 * Says that every label belongs to the scheme: `O`, or a prefix of the scheme, a hyphen and a type. Their sequence is not
 * checked, since {@link spansOf} reads any.
 *
 * @param positionOf where label i stands, for the message
 * @throws {CorpusError} CORPUS_UNKNOWN_SCHEME, CORPUS_LABEL_NOT_IN_SCHEME
 */
export function checkLabels(labels: readonly string[], scheme: string, positionOf?: (index: number) => TextPosition): void {
  requireScheme(scheme);
  const prefixes = prefixesOf(scheme);
  for (const [i, label] of labels.entries()) if (!isInScheme(label, prefixes)) throw notInScheme(label, scheme, positionOf?.(i));
}

/**
 * The spans of any sequence of labels, as conlleval reads it: invalid sequences are repaired, not discarded.
 *
 * With E read as I and S as B, a span starts at B, and at I after O or after another type; it ends before O, before B,
 * before another type and at the end of the sentence. The rule is the same in every scheme.
 *
 * @remarks Source: conlleval.pl behaviour; docs/method.md has the table.
 * @throws {CorpusError} CORPUS_UNKNOWN_SCHEME, CORPUS_LABEL_NOT_IN_SCHEME
 */
export function spansOf(labels: readonly string[], scheme: TagScheme): Span[] {
  const prefixes = prefixesOf(scheme);
  const spans: Span[] = [];
  let start = -1;
  let type = '';
  for (const [i, label] of labels.entries()) {
    if (!isInScheme(label, prefixes)) throw notInScheme(label, scheme);
    const isOutside = label === OUTSIDE;
    const isBegin = label.startsWith('B') || label.startsWith('S');
    const current = typeOfLabel(label);
    const continues = start >= 0 && !isOutside && !isBegin && current === type;
    if (continues) continue;
    if (start >= 0) spans.push({ start, end: i, type });
    start = isOutside ? -1 : i;
    type = current;
  }
  if (start >= 0) spans.push({ start, end: labels.length, type });
  return spans;
}

/**
 * The labels of a sentence of `length` tokens that has these spans, ascending and without overlap.
 *
 * @throws {CorpusError} CORPUS_SPAN_OUT_OF_ORDER when spans are empty, overlap, descend or leave the sentence
 */
export function labelsOf(spans: readonly Span[], length: number, scheme: TagScheme): string[] {
  const labels = new Array<string>(length).fill(OUTSIDE);
  let previous: Span | null = null;
  for (const span of spans) {
    const { start, end, type } = span;
    const free = previous?.end ?? 0;
    if (start < free || end <= start || end > length) {
      const message = `span [${start}, ${end}) of ${type} is not a non-empty range within [${free}, ${length})`;
      throw new CorpusError('CORPUS_SPAN_OUT_OF_ORDER', message);
    }
    const touchesItsType = previous !== null && previous.end === start && previous.type === type;
    for (let i = start; i < end; i++) {
      labels[i] = `${prefixAt(i === start, i === end - 1, touchesItsType, scheme)}-${type}`;
    }
    previous = span;
  }
  return labels;
}

/** The labels of the same spans in another scheme; with `from` = `to`, invalid sequences come out repaired. */
export function convertLabels(labels: readonly string[], from: TagScheme, to: TagScheme): string[] {
  return labelsOf(spansOf(labels, from), labels.length, to);
}

function prefixesOf(scheme: TagScheme): readonly string[] {
  requireScheme(scheme);
  return PREFIXES.get(scheme)!;
}

/** Prefix of a token of a span: its first, its last; in IOB1, B is only for a span that touches one of its own type. */
function prefixAt(isFirst: boolean, isLast: boolean, touchesItsType: boolean, scheme: TagScheme): string {
  if (scheme === 'iob1') return isFirst && touchesItsType ? 'B' : 'I';
  if (scheme === 'bioes' && isLast) return isFirst ? 'S' : 'E';
  return isFirst ? 'B' : 'I';
}

function isInScheme(label: string, prefixes: readonly string[]): boolean {
  return label === OUTSIDE || (label.length > 2 && label[1] === '-' && prefixes.includes(label[0]!));
}

function notInScheme(label: string, scheme: TagScheme, position?: TextPosition): CorpusError {
  const forms = prefixesOf(scheme).map((prefix) => `${prefix}-TYPE`);
  const isBioes = scheme !== 'bioes' && isInScheme(label, prefixesOf('bioes'));
  const advice = isBioes ? 'set the scheme to bioes' : 'set the column or the scheme, or give the task the type tags';
  const message = `label ${JSON.stringify(label)} is not of the scheme ${scheme}, expected ${OUTSIDE}, ${forms.join(', ')}; ${advice}`;
  return new CorpusError('CORPUS_LABEL_NOT_IN_SCHEME', message, position);
}
