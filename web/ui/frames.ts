/**
 * So long may the page work before it lets the browser lay out, paint and listen, in milliseconds. Elements take the browser ten to
 * twenty times as long to lay out and paint as they took to make or change, and that shall fit in a frame.
 */
const SLICES = { draw: 0.5, compute: 4 } as const;

/** Divides long work of the page into slices: `await` it between parts, and it waits for the next frame when the slice is over. */
export class Slices {
  #began = performance.now();
  #length: number;

  /** @param isWanted asked after each frame: whether the work still has a purpose */
  constructor(
    private readonly kind: keyof typeof SLICES,
    private readonly isWanted: () => boolean = () => true,
  ) {
    this.#length = SLICES[kind];
  }

  /** Resolves to false when the work shall be given up. */
  async breathe(): Promise<boolean> {
    const asked = performance.now();
    if (asked - this.#began < this.#length) return true;
    await frame();
    this.#began = performance.now();
    this.#length = this.#began - asked < LONGEST_WAIT ? SLICES[this.kind] : UNSEEN_SLICE;
    return this.isWanted();
  }
}

/** In milliseconds too, where frames are so rare that none is held up. */
const UNSEEN_SLICE = 16;

/** A page has few frames or none while it is hidden, covered or short of a processor; it waits for no longer than this. */
const LONGEST_WAIT = 100;

/** Waits until a frame is painted, not only begun: else what comes next would be laid out with it. */
function frame(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, LONGEST_WAIT);
    requestAnimationFrame(() => setTimeout(resolve));
  });
}
