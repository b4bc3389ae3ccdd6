import { type ConlluSentence, formatConll, formatConllu, formatJsonLine, type JsonFields, makeConlluRows } from 'sparsetag';
import type { InputFormat, InputSentence } from './sentence-input.js';

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
 * - jsonl: a field a task, with a list of tags; of a text also where its tokens are.
 *
 * @throws {CorpusError} CORPUS_FIELD_NOT_WRITABLE for a token that the format cannot hold
 */
export function formatSentence(format: OutputFormat, sentence: InputSentence, columns: readonly AddedColumn[]): string {
  switch (format) {
    case 'conll': {
      const [rows, separator] =
        sentence.format === 'conll' ? [sentence.rows, sentence.separator] : [sentence.tokens.map((token) => [token]), ' ' as const];
      const isSpaced = sentence.format !== 'conll' && rows.some(([token]) => token!.includes(' '));
      return formatConll(
        rows,
        columns.map(({ values }) => values.map(String)),
        isSpaced ? '\t' : separator,
      );
    }
    case 'conllu': {
      const kept = sentence.format === 'conllu' ? sentence.sentence : conlluOf(sentence);
      return formatConllu(
        kept,
        columns.map(({ name, values }) => ({ name, values: values.map(String) })),
      );
    }
    case 'jsonl': {
      return formatJsonLine(fieldsOf(sentence), {
        tokens: sentence.tokens,
        ...Object.fromEntries(columns.map(({ name, values }) => [name, values])),
      });
    }
  }
}

function fieldsOf(sentence: InputSentence): JsonFields {
  if (sentence.format === 'jsonl') return sentence.fields;
  if (sentence.format !== 'text') return { schema: 1 };
  return { schema: 1, text: sentence.text, starts: [...sentence.starts], ends: [...sentence.ends] };
}

function conlluOf(sentence: InputSentence): Pick<ConlluSentence, 'comments' | 'rows'> {
  if (sentence.format !== 'text') return { comments: [], rows: makeConlluRows(sentence.tokens) };
  const { tokens, starts, ends, text } = sentence;
  const glued = tokens.map((_, i) => i + 1 < tokens.length && ends[i] === starts[i + 1]);
  return { comments: [`# text = ${text.replace(/\s+/g, ' ')}`], rows: makeConlluRows(tokens, glued) };
}
