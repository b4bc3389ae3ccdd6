/**
 * The candidate that `name` was most likely meant to be, or `null` when none is near.
 *
 * Nearness is the number of letters inserted, deleted, replaced or swapped with their neighbour; a third of the
 * longer name may differ. A candidate that `name` abbreviates (`dim` of `dimension`) is near too. Ties go to the earlier candidate.
 */
export function nearestName(name: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const allowed = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
    const abbreviates = name.length >= 3 && candidate !== name && (candidate.startsWith(name) || candidate.endsWith(name));
    // Lengths that differ by more need no counting, which takes long where a name is long.
    if (!abbreviates && Math.abs(name.length - candidate.length) > allowed) continue;
    const distance = abbreviates ? 1 : editDistance(name, candidate);
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Restricted Damerau–Levenshtein distance in UTF-16 code units; letters that differ only in ASCII case count as equal. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = letter(a, i - 1) === letter(b, j - 1);
      let cost = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && letter(a, i - 1) === letter(b, j - 2) && letter(a, i - 2) === letter(b, j - 1);
      if (swapped) cost = Math.min(cost, beforePrevious[j - 2]! + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}

function letter(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;
}
