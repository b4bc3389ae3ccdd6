import { CorpusError } from 'sparsetag';

/** One syntactic word of a treebank sentence, as its CoNLL-U line gives it. */
export interface TreebankToken {
  readonly form: string;
  readonly lemma: string;
  /** Universal part of speech. */
  readonly upos: string;
  /** Language-specific tag; Penn tags in the English treebanks. */
  readonly xpos: string;
  /** Number of the governing word, from 1; 0 for the root. */
  readonly head: number;
  readonly relation: string;
  /** The MISC column, unparsed. */
  readonly misc: string;
}

/** One sentence with the `# key = value` comments that stand above it. */
export interface TreebankSentence {
  readonly comments: ReadonlyMap<string, string>;
  readonly tokens: readonly TreebankToken[];
}

const COLUMNS = 10;
/** Multiword ranges (`3-4`) and empty nodes (`5.1`) are not words of the basic tree. */
const SYNTACTIC_WORD = /^\d+$/;

/**
 * Reads the basic trees of a CoNLL-U text, sentence by sentence.
 *
 * @param file name for messages
 * @throws {CorpusError} CONLLU_COLUMNS when a line has fewer than ten columns, CONLLU_NUMBER when a word's number or
 * head is not what the sentence allows
 */
export function* readConllu(text: string, file: string): Generator<TreebankSentence> {
  let comments = new Map<string, string>();
  let tokens: TreebankToken[] = [];
  let firstLine = 1;
  let number = 0;

  const finish = function* (): Generator<TreebankSentence> {
    for (const [i, token] of tokens.entries())
      if (token.head > tokens.length)
        throw new CorpusError(
          'CONLLU_NUMBER',
          `word ${i + 1} is governed by word ${token.head}, but the sentence has ${tokens.length} words; the file is damaged`,
          { file, line: firstLine, column: 1 },
        );
    if (tokens.length > 0 || comments.size > 0) yield { comments, tokens };
    comments = new Map();
    tokens = [];
  };

  for (const line of text.split(/\r?\n/)) {
    number++;
    if (line.trim() === '') {
      yield* finish();
    } else if (line.startsWith('#')) {
      const equals = line.indexOf('=');
      if (equals > 0) comments.set(line.slice(1, equals).trim(), line.slice(equals + 1).trim());
    } else {
      if (tokens.length === 0) firstLine = number;
      const token = parseWord(line, tokens.length + 1, { file, line: number, column: 1 });
      if (token) tokens.push(token);
    }
  }
  yield* finish();
}

function parseWord(line: string, expected: number, position: { file: string; line: number; column: number }): TreebankToken | null {
  const columns = line.split('\t');
  if (columns.length < COLUMNS)
    throw new CorpusError('CONLLU_COLUMNS', `expected ${COLUMNS} tab-separated columns, found ${columns.length}`, position);
  const [id, form, lemma, upos, xpos, , head, relation, , misc] = columns as [string, ...string[]] & string[];
  if (!SYNTACTIC_WORD.test(id)) return null;
  if (Number(id) !== expected || !SYNTACTIC_WORD.test(head!))
    throw new CorpusError('CONLLU_NUMBER', `expected word ${expected} with a numeric head, found word ${id} with head "${head}"`, position);
  return { form: form!, lemma: lemma!, upos: upos!, xpos: xpos!, head: Number(head), relation: relation!, misc: misc! };
}
