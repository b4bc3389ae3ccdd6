import type { Terminal } from './terminal.js';

const REDRAW_MS = 100;
const PLAIN_MS = 5000;

/**
 * One line that changes: drawn over on a terminal, a plain line every few seconds elsewhere. Nothing at all where the
 * terminal is `null`.
 */
export class StatusLine {
  #shownAt = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  /** @param now milliseconds, rising */
  constructor(
    readonly terminal: Terminal | null,
    readonly now: () => number = () => performance.now(),
  ) {}

  /** Shows the line that `make` gives, if it is time to; what does not fit on a terminal is cut off. */
  update(make: (isInteractive: boolean) => string): void {
    if (!this.terminal) return;
    const time = this.now();
    if (time - this.#shownAt < (this.terminal.isInteractive ? REDRAW_MS : PLAIN_MS)) return;
    this.#shownAt = time;
    const { isInteractive, columns } = this.terminal;
    const line = make(isInteractive);
    this.terminal.write(isInteractive ? `\r\u001b[2K${line.slice(0, columns - 1)}` : `${line}\n`);
    this.#isDrawn = isInteractive;
  }

  /** A line that stays, above the one that changes. */
  print(line: string): void {
    this.clear();
    this.terminal?.write(`${line}\n`);
  }

  /** Takes the changing line away. */
  clear(): void {
    if (this.#isDrawn) this.terminal?.write('\r\u001b[2K');
    this.#isDrawn = false;
    if (this.terminal?.isInteractive) this.#shownAt = Number.NEGATIVE_INFINITY;
  }
}

/** `[######----]` */
export function formatBar(fraction: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`;
}
