/** Cuts text that comes in pieces into lines, LF or CRLF; a last line without its end counts. */
export class LineReader {
  #rest = '';
  #lines = 0;

  /**
   * @param maximumLength UTF-16 code units that a line may have, so that reading a stream takes bounded memory
   * @param refuse the error for a longer line: its number from 1, and as much of it as shows that it is too long
   */
  constructor(
    private readonly maximumLength: number,
    private readonly refuse: (line: number, start: string) => Error,
  ) {}

  /** The lines that end within `text`, without their ends, one at a time: what is wrong with a line is told before the next is looked at. */
  *push(text: string): Generator<string> {
    let begin = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
      const line = this.#rest + text.slice(begin, end);
      this.#rest = '';
      begin = end + 1;
      yield this.#checked(line);
    }
    this.#rest += text.slice(begin);
    // A line that is too long already is refused before its end is seen; one more unit may be its CR.
    if (this.#rest.length > this.maximumLength + 1) this.#checked(this.#rest);
  }

  /** The last line, if it has no end. */
  *finish(): Generator<string> {
    if (this.#rest !== '') yield this.#checked(this.#rest);
    this.#rest = '';
  }

  #checked(text: string): string {
    this.#lines++;
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (line.length > this.maximumLength) throw this.refuse(this.#lines, line.slice(0, this.maximumLength + 1));
    return line;
  }
}
