import type { Terminal } from './render/terminal.js';

/** What a command may touch of the process: its streams, its signals, its clock. */
export interface Host {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdinIsTerminal: boolean;
  /** Writes data to standard output and resolves when more may be written. */
  write(data: string | Uint8Array): Promise<void>;
  /** A line for the person at the terminal, on standard error; silent with `--quiet`. */
  note(line: string): void;
  /** Where progress is drawn; `null` with `--quiet`. */
  readonly terminal: Terminal | null;
  /** Turns signals into an abort from now on, so that the command can end cleanly. */
  interruptible(): AbortSignal;
}
