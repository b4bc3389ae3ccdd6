/** Cuts text that comes in pieces into lines, LF or CRLF; a last line without its end counts. */
export class LineReader {
  #rest = '';
  #lines = 0;

  /**
   * @param maximumLength UTF-16 code units that a line may have, so that reading a stream takes bounded memory
   * @param refuse the error for a longer line, by its number from 1
   */
  constructor(
    private readonly maximumLength: number,
    private readonly refuse: (line: number) => Error,
  ) {}

  /** The lines that end within `text`, without their ends. */
  push(text: string): string[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    return this.#checked(lines);
  }

  /** The last line, if it has no end. */
  finish(): string[] {
    const lines = this.#rest === '' ? [] : [this.#rest];
    this.#rest = '';
    return this.#checked(lines);
  }

  #checked(lines: readonly string[]): string[] {
    const result = lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
    const long = result.findIndex((line) => line.length > this.maximumLength);
    if (long >= 0) throw this.refuse(this.#lines + long + 1);
    this.#lines += lines.length;
    // A line that is too long already is refused before its end is seen; one more unit may be its CR.
    if (this.#rest.length > this.maximumLength + 1) throw this.refuse(this.#lines + 1);
    return result;
  }
}
