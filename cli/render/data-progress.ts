import type { DataProgress } from '../data/progress.js';
import { formatBytes } from './quantity.js';
import { formatBar, StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

const VERBS: Readonly<Record<DataProgress['phase'], string>> = { download: 'downloading', verify: 'verifying', convert: 'converting' };

/** Shows how far a data set has come. */
export class DataProgressView {
  readonly #line: StatusLine;

  constructor(
    readonly name: string,
    terminal: Terminal | null,
  ) {
    this.#line = new StatusLine(terminal);
  }

  show({ phase, bytes, totalBytes }: DataProgress): void {
    const isUnknown = phase === 'download' && bytes === 0;
    this.#line.update((isInteractive) => {
      const bar = isInteractive ? `${formatBar(bytes / totalBytes, 20)} ` : '';
      const amount = isUnknown ? formatBytes(totalBytes) : `${bar}${formatBytes(bytes)} of ${formatBytes(totalBytes)}`;
      return `${VERBS[phase]} ${this.name}  ${amount}`;
    });
  }

  end(): void {
    this.#line.clear();
  }
}
