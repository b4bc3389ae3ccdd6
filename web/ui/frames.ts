/** So long may the page work before it lets the browser lay out, draw and listen, which takes as long again; in milliseconds. */
const SLICE = 4;

/** Divides long work of the page into slices: `await` it between parts, and it waits for the next frame when the slice is over. */
export class Slices {
  #began = performance.now();

  async breathe(): Promise<void> {
    if (performance.now() - this.#began < SLICE) return;
    await nextFrame();
    this.#began = performance.now();
  }
}

/** A hidden page has no frames, so a timer helps out. */
function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden) setTimeout(resolve, 16);
    else requestAnimationFrame(() => resolve());
  });
}
