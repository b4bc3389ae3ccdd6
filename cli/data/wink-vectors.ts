import { CorpusError } from 'sparsetag';

/** What to take from the vector file of a wink-embeddings package. */
export interface WinkVectorSelection {
  readonly dimension: number;
  /** Words to take, most frequent first. */
  readonly limit: number;
  /** Name of the file, for messages. */
  readonly file: string;
}

/** Where the table of vectors begins inside the one line of JSON. */
const TABLE = '"vectors":{';
/** `"word":[numbers]`, then a comma or the end of the table. */
const ENTRY = /"((?:[^"\\]|\\.)*)":\[([^\]]*)\][,}]/;
/** More text than this without a whole entry is not such a file. */
const LONGEST_ENTRY = 1 << 16;
/** Text is handed on in pieces of about this many characters. */
const PIECE = 1 << 18;

/**
 * The vectors of a wink-embeddings package as lines of a GloVe text file, several to a piece.
 *
 * The package holds 300 MB of JSON in one line: a table from each word to its numbers, its norm and its rank. It is read
 * as a stream, never more of it at once than a piece and an entry; numbers are handed on as they are written there.
 *
 * @throws {CorpusError} DATA_VECTORS when the bytes are not such a table, end before `limit` words and the end of the
 * table, or words are not in order of rank
 */
export async function* winkVectorLines(
  stream: AsyncIterable<Uint8Array>,
  { dimension, limit, file }: WinkVectorSelection,
): AsyncGenerator<{ readonly text: string; readonly nWords: number }> {
  let nWords = 0;
  let lines = '';
  let nLines = 0;
  for await (const [word, numbers] of entriesOf(stream, file)) {
    if (nWords === limit) break;
    const fields = numbers.split(',');
    if (fields.length !== dimension + 2 || Number(fields[dimension + 1]) !== nWords)
      throw malformed(file, `the entry of "${word}" does not hold ${dimension} numbers, a norm and the rank ${nWords}`);
    nWords++;
    // A word with a space inside would shift the columns of its line.
    if (word === '' || /\s/.test(word)) continue;
    lines += `${word} ${fields.slice(0, dimension).join(' ')}\n`;
    nLines++;
    if (lines.length < PIECE) continue;
    yield { text: lines, nWords: nLines };
    lines = '';
    nLines = 0;
  }
  if (nWords < limit) throw malformed(file, `it holds ${nWords} words, and ${limit} were asked for`);
  yield { text: lines, nWords: nLines };
}

/** Words with the text of their numbers, in the order of the file. */
async function* entriesOf(stream: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<readonly [word: string, numbers: string]> {
  const entryHere = new RegExp(ENTRY, 'y');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let isInTable = false;
  for await (const piece of stream) {
    rest += decoder.decode(piece, { stream: true });
    if (!isInTable) {
      const start = rest.indexOf(TABLE);
      isInTable = start >= 0;
      rest = isInTable ? rest.slice(start + TABLE.length) : rest.slice(1 - TABLE.length);
      if (!isInTable) continue;
    }
    let end = 0;
    entryHere.lastIndex = 0;
    for (let entry = entryHere.exec(rest); entry; entry = entryHere.exec(rest)) {
      end = entryHere.lastIndex;
      yield [JSON.parse(`"${entry[1]}"`) as string, entry[2] as string];
      if (rest[end - 1] === '}') return;
    }
    rest = rest.slice(end);
    if (rest.length > LONGEST_ENTRY) throw malformed(file, 'there is an entry without an end');
  }
  throw malformed(file, isInTable ? 'the table of vectors has no end' : 'there is no table of vectors');
}

function malformed(file: string, fault: string): CorpusError {
  return new CorpusError('DATA_VECTORS', `${file} is not a readable table of word vectors: ${fault}; fetch it again with --force`);
}
