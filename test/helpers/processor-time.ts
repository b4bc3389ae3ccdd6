const MOST_ATTEMPTS = 5;

/**
 * The least milliseconds of the processor's time that `run` takes in up to five attempts, which end once one takes less than `enough`. Code that is slow is
 * slow each time; a busy machine, a collection of garbage or a compiler's thread lengthens one attempt or another.
 */
export function leastProcessorTime(enough: number, run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < MOST_ATTEMPTS && least >= enough; attempt++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
