import {
  type ConlluSentence,
  codePointOffsets,
  formatConll,
  formatConllu,
  formatJsonLine,
  type JsonFields,
  makeConlluRows,
} from 'sparsetag';
import type { InputFormat, InputSentence } from './sentence-input.js';
import type { Offsets } from './sentence-places.js';

export const OUTPUT_FORMATS = ['conll', 'conllu', 'jsonl'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What is added to a sentence, one value a token: tags, or their probabilities. */
export interface AddedColumn {
  readonly name: string;
  readonly values: readonly string[] | readonly number[];
}

/** What is written where nothing else is asked for: the format that was read. */
export function outputFor(input: InputFormat): OutputFormat {
  return input === 'tokens' || input === 'text' ? 'conll' : input;
}

/**
 * A sentence with its tags. What was read stays where the format has a place for it: columns in CoNLL, comments, nodes and
 * MISC in CoNLL-U, fields in JSON Lines.
 *
 * - conll: a column a task, after those that were read;
 * - conllu: an attribute a task in MISC, `ner=B-PER`;
 * - jsonl: a field a task, with a list of tags; of a text also where its tokens are in the input.
 *
 * @param offsets what those places count
 * @throws {CorpusError} CORPUS_FIELD_NOT_WRITABLE for a token that the format cannot hold
 */
export function formatSentence(
  format: OutputFormat,
  sentence: InputSentence,
  columns: readonly AddedColumn[],
  offsets: Offsets = 'utf16',
): string {
  switch (format) {
    case 'conll': {
      const rows = sentence.format === 'conll' ? sentence.rows : sentence.tokens.map((token) => [token]);
      const added = columns.map(({ values }) => values.map(String));
      const isTabbed = sentence.format === 'conll' && sentence.separator === '\t';
      const isSpaced = [sentence.tokens, ...added].some((fields) => fields.some((field) => field.includes(' ')));
      return formatConll(rows, added, isTabbed || isSpaced ? '\t' : ' ');
    }
    case 'conllu': {
      const kept = sentence.format === 'conllu' ? sentence.sentence : conlluOf(sentence);
      return formatConllu(
        kept,
        columns.map(({ name, values }) => ({ name, values: values.map(String) })),
      );
    }
    case 'jsonl': {
      return formatJsonLine(fieldsOf(sentence, offsets), {
        tokens: sentence.tokens,
        ...Object.fromEntries(columns.map(({ name, values }) => [name, values])),
      });
    }
  }
}

function fieldsOf(sentence: InputSentence, offsets: Offsets): JsonFields {
  if (sentence.format === 'jsonl') return sentence.fields;
  if (sentence.format !== 'text') return { schema: 1 };
  const { text } = sentence;
  const points = offsets === 'codepoints' ? codePointOffsets(text) : null;
  const place = (at: number): number => (points ? sentence.codePointOffset + points[at]! : sentence.offset + at);
  return { schema: 1, text, starts: Array.from(sentence.starts, place), ends: Array.from(sentence.ends, place) };
}

/** A comment line has to stay below the limit of lines. */
const LONGEST_COMMENT = 60_000;

function conlluOf(sentence: InputSentence): Pick<ConlluSentence, 'comments' | 'rows'> {
  if (sentence.format !== 'text') return { comments: [], rows: makeConlluRows(sentence.tokens) };
  const { tokens, starts, ends, text } = sentence;
  const glued = tokens.map((_, i) => i + 1 < tokens.length && ends[i] === starts[i + 1]);
  const comments = text.length > LONGEST_COMMENT ? [] : [`# text = ${text.replace(/\s+/g, ' ')}`];
  return { comments, rows: makeConlluRows(tokens, glued) };
}
