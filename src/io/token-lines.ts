// Plain sentences: one a line, tokens between spaces or tabs.
import { CorpusError } from '../errors.js';
import { MAXIMUM_LINE_LENGTH, MAXIMUM_SENTENCE_TOKENS, MAXIMUM_TOKEN_LENGTH } from './limits.js';
import { LineReader } from './line-reader.js';
import { decodeUtf8Stream } from './utf8.js';

/**
 * The tokens of each line of a stream, in memory bounded by the longest line. Empty lines are skipped.
 *
 * @param file name for messages
 * @throws {CorpusError} CORPUS_TOKEN_TOO_LONG, CORPUS_SENTENCE_TOO_LONG, CORPUS_LINE_TOO_LONG, TEXT_NOT_UTF8, TEXT_NUL
 */
export async function* readTokenLinesStream(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<readonly string[]> {
  const reader = new LineReader(MAXIMUM_LINE_LENGTH, (line) => {
    const message = `the line has more than ${MAXIMUM_LINE_LENGTH} UTF-16 units; write one sentence a line`;
    return new CorpusError('CORPUS_LINE_TOO_LONG', message, { file, line, column: MAXIMUM_LINE_LENGTH + 1 });
  });
  let line = 0;
  function* sentencesOf(lines: Iterable<string>): Generator<string[]> {
    for (const text of lines) {
      const tokens = tokensOf(text, file, ++line);
      if (tokens.length > 0) yield tokens;
    }
  }
  for await (const text of decodeUtf8Stream(chunks, file)) yield* sentencesOf(reader.push(text));
  yield* sentencesOf(reader.finish());
}

function tokensOf(text: string, file: string, line: number): string[] {
  const tokens = text.split(/[ \t\r]+/).filter((token) => token !== '');
  const long = tokens.find((token) => token.length > MAXIMUM_TOKEN_LENGTH);
  if (long !== undefined) {
    const message = `the token has ${long.length} UTF-16 units, expected at most ${MAXIMUM_TOKEN_LENGTH}; put spaces between tokens`;
    throw new CorpusError('CORPUS_TOKEN_TOO_LONG', message, { file, line, column: text.indexOf(long) + 1 });
  }
  if (tokens.length > MAXIMUM_SENTENCE_TOKENS) {
    const message = `the sentence has ${tokens.length} tokens, expected at most ${MAXIMUM_SENTENCE_TOKENS}; split it`;
    throw new CorpusError('CORPUS_SENTENCE_TOO_LONG', message, { file, line, column: 1 });
  }
  return tokens;
}
