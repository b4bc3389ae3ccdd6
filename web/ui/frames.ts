/**
 * So long may the page work before it lets the browser lay out, paint and listen, in milliseconds. Elements take the browser ten to
 * twenty times as long to lay out and paint as they took to make or change, and that shall fit in a frame.
 */
const SLICES = { draw: 0.5, compute: 4 } as const;

/** Divides long work of the page into slices: `await` it between parts, and it waits for the next frame when the slice is over. */
export class Slices {
  #began = performance.now();

  /** @param isWanted asked after each frame: whether the work still has a purpose */
  constructor(
    private readonly kind: keyof typeof SLICES,
    private readonly isWanted: () => boolean = () => true,
  ) {}

  /** Resolves to false when the work shall be given up. */
  async breathe(): Promise<boolean> {
    if (performance.now() - this.#began < SLICES[this.kind]) return true;
    await frame();
    this.#began = performance.now();
    return this.isWanted();
  }
}

/** A page has few frames or none while it is hidden, covered or short of a processor; it waits for no longer than this. */
const LONGEST_WAIT = 100;

/** Waits until a frame is painted, not only begun: else what comes next would be laid out with it. */
function frame(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, LONGEST_WAIT);
    requestAnimationFrame(() => setTimeout(resolve));
  });
}
