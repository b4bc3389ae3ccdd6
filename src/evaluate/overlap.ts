import { ConfigError } from '../errors.js';

/** How far the masks of several tasks agree. Bit 1 = kept. */
export interface MaskOverlap {
  /** Weights kept by each mask. */
  readonly kept: readonly number[];
  /** Weights kept by every mask, and by at least one. */
  readonly intersection: number;
  readonly union: number;
  /** intersection / union; 0 when nothing is kept. */
  readonly raw: number;
  /** What independent masks of the same sizes are expected to reach. */
  readonly chance: number;
  /** (raw - chance) / (1 - chance): 0 at chance level, 1 for equal masks, negative below chance. */
  readonly corrected: number;
}

/** Number of 1 bits in a 32-bit word. */
export function countWordBits(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  v = (v + (v >>> 4)) & 0x0f0f0f0f;
  return Math.imul(v, 0x01010101) >>> 24;
}

/** Number of 1 bits in a bit string. */
export function countBits(bits: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < bits.length; i++) count += countWordBits(bits[i]!);
  return count;
}

/**
 * Overlap ratio that independent random masks of the given sizes have on average:
 * prod a_t / (1 - prod (1 - a_t)), where a_t is the fraction of the prunable weights that mask t keeps.
 * Order: both products over t ascending. 0 when no mask keeps anything.
 */
export function chanceOverlap(kept: readonly number[], prunable: number): number {
  let all = 1;
  let none = 1;
  for (const count of kept) {
    const fraction = prunable > 0 ? count / prunable : 0;
    all *= fraction;
    none *= 1 - fraction;
  }
  return none < 1 ? all / (1 - none) : 0;
}

/** (raw - chance) / (1 - chance); 0 where chance is 1, since masks that keep everything cannot but agree. */
const correctForChance = (raw: number, chance: number): number => (chance < 1 ? (raw - chance) / (1 - chance) : 0);

/**
 * Mask overlap ratio of all masks together: OR = |M_1 ∩ … ∩ M_T| / |M_1 ∪ … ∪ M_T| over the prunable weights.
 *
 * @remarks Source: Sun et al. 2020, equation 4; the chance level is ours.
 * @param masks bit strings of one length; bits that stand for no weight (padding) are 0
 * @param prunable number of prunable weights, that is, of bits that stand for one
 * @throws {ConfigError} OVERLAP_NO_MASKS, OVERLAP_MASK_LENGTH, OVERLAP_PRUNABLE
 */
export function maskOverlap(masks: readonly Uint32Array[], prunable: number): MaskOverlap {
  const first = masks[0];
  if (!first) throw new ConfigError('OVERLAP_NO_MASKS', 'Overlap needs at least one mask; got none.');
  for (const [t, mask] of masks.entries()) {
    if (mask.length !== first.length) {
      throw new ConfigError(
        'OVERLAP_MASK_LENGTH',
        `Mask ${t} has ${mask.length} words, mask 0 has ${first.length}; compare masks of one network.`,
      );
    }
  }
  let intersection = 0;
  let union = 0;
  for (let i = 0; i < first.length; i++) {
    let all = first[i]!;
    let any = all;
    for (let t = 1; t < masks.length; t++) {
      all &= masks[t]![i]!;
      any |= masks[t]![i]!;
    }
    intersection += countWordBits(all);
    union += countWordBits(any);
  }
  if (!Number.isSafeInteger(prunable) || prunable < union) {
    throw new ConfigError('OVERLAP_PRUNABLE', `The masks keep ${union} weights, but ${prunable} weights are said to be prunable.`);
  }
  const kept = masks.map(countBits);
  const raw = union > 0 ? intersection / union : 0;
  const chance = chanceOverlap(kept, prunable);
  return { kept, intersection, union, raw, chance, corrected: correctForChance(raw, chance) };
}

/**
 * Overlap of each pair of masks: row s, column t compares masks s and t; the diagonal compares a mask with itself.
 * @throws {ConfigError} as {@link maskOverlap}
 */
export function pairwiseOverlap(masks: readonly Uint32Array[], prunable: number): readonly (readonly MaskOverlap[])[] {
  return masks.map((a) => masks.map((b) => maskOverlap([a, b], prunable)));
}
