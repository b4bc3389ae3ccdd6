// What readers of text take at most, so that memory is bounded and a file of another kind is told early. Lengths are UTF-16 code units.

/** A token or label that is longer is refused: the columns are not what they are said to be. */
export const MAXIMUM_TOKEN_LENGTH = 1_000;

/** A sentence of more tokens is refused: the blank lines between sentences are missing. */
export const MAXIMUM_SENTENCE_TOKENS = 10_000;

/** A line of columns or of tokens that is longer is refused. */
export const MAXIMUM_LINE_LENGTH = 65_536;

/** A line of more columns is refused. */
export const MAXIMUM_COLUMNS = 256;

/** A sentence whose lines together are longer is refused; a line of JSON, too. */
export const MAXIMUM_SENTENCE_LENGTH = 1 << 24;
