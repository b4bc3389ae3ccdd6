import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const NEWLINE = 10;

/**
 * A file of lines that grows. Lines that could not be written are kept, and written with those that follow: a disk that is full
 * for a while leaves no hole.
 */
export class LineLog {
  #pending = '';

  private constructor(
    private readonly handle: FileHandle,
    /** Bytes of the file that are whole lines. */
    private end: number,
  ) {}

  /** Opens a log, made if it is not there, and cuts it off before its first line that `keeps` refuses or that has no end. */
  static async open(file: string, keeps: (line: string) => boolean): Promise<LineLog> {
    const handle = await open(file, constants.O_RDWR | constants.O_CREAT);
    try {
      const bytes = await handle.readFile();
      let end = 0;
      for (let next = bytes.indexOf(NEWLINE); next >= 0; next = bytes.indexOf(NEWLINE, end)) {
        if (!keeps(bytes.toString('utf8', end, next))) break;
        end = next + 1;
      }
      await handle.truncate(end);
      return new LineLog(handle, end);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Whether nothing was ever added. */
  get isEmpty(): boolean {
    return this.end === 0 && this.#pending === '';
  }

  add(line: string): void {
    this.#pending += `${line}\n`;
  }

  /** Writes what was added. */
  async flush(): Promise<void> {
    const bytes = Buffer.from(this.#pending);
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, written, bytes.length - written, this.end + written);
      written += bytesWritten;
    }
    this.end += bytes.length;
    this.#pending = '';
  }

  async close(): Promise<void> {
    try {
      await this.flush();
      await this.handle.sync();
    } finally {
      await this.handle.close();
    }
  }
}
