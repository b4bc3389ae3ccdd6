import { formatConll, formatConllu, formatJsonLine, makeConlluRows } from 'sparsetag';
import type { InputFormat, InputSentence } from './sentence-input.js';

export const OUTPUT_FORMATS = ['conll', 'conllu', 'jsonl'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Tags of one task, one a token. */
export interface TaggedColumn {
  readonly name: string;
  readonly tags: readonly string[];
}

/** What is written where nothing else is asked for: the format that was read. */
export function outputFor(input: InputFormat): OutputFormat {
  return input === 'tokens' ? 'conll' : input;
}

/**
 * A sentence with its tags. What was read stays where the format has a place for it: columns in CoNLL, comments, nodes and
 * MISC in CoNLL-U, fields in JSON Lines.
 *
 * - conll: a column a task, after those that were read;
 * - conllu: an attribute a task in MISC, `ner=B-PER`;
 * - jsonl: a field a task, with a list of tags.
 *
 * @throws {CorpusError} CORPUS_FIELD_NOT_WRITABLE for a token that the format cannot hold
 */
export function formatSentence(format: OutputFormat, sentence: InputSentence, columns: readonly TaggedColumn[]): string {
  switch (format) {
    case 'conll': {
      const [rows, separator] =
        sentence.format === 'conll' ? [sentence.rows, sentence.separator] : [sentence.tokens.map((token) => [token]), ' ' as const];
      const isSpaced = sentence.format !== 'conll' && rows.some(([token]) => token!.includes(' '));
      return formatConll(
        rows,
        columns.map(({ tags }) => tags),
        isSpaced ? '\t' : separator,
      );
    }
    case 'conllu': {
      const kept = sentence.format === 'conllu' ? sentence.sentence : { comments: [], rows: makeConlluRows(sentence.tokens) };
      return formatConllu(
        kept,
        columns.map(({ name, tags }) => ({ name, values: tags })),
      );
    }
    case 'jsonl': {
      const fields = sentence.format === 'jsonl' ? sentence.fields : { schema: 1 };
      return formatJsonLine(fields, { tokens: sentence.tokens, ...Object.fromEntries(columns.map(({ name, tags }) => [name, tags])) });
    }
  }
}
