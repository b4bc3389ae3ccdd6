import type { EncodedSentence, WordType } from '../data/encode.js';
import { LANES, roundUp } from '../runtime/layout.js';

/**
 * A batch in the layout of the kernels (assembly/README.md): sentences ranked by length, positions time-major in groups
 * of four lanes that retire as sentences end; or one sentence alone, whose position is its time. All arrays are in
 * position order unless said otherwise.
 */
export interface PackedBatch {
  /** Whether this is one sentence without lanes; for tagging only. */
  readonly isAlone: boolean;
  /** `order[rank]` is the sentence's place in the batch as given. */
  readonly order: Int32Array;
  readonly lengths: Int32Array;
  readonly tokens: number;
  /** T, the longest length. */
  readonly steps: number;
  /** P = base[T], a multiple of 4. */
  readonly positions: number;
  /** First position of each time step; T + 1 entries. */
  readonly base: Int32Array;
  /** Sentences longer than t. */
  readonly valid: Int32Array;
  /** Time and rank of each position, the key of its dropout. */
  readonly time: Uint32Array;
  readonly rank: Uint32Array;
  /** Positions sentence by sentence in rank order, tokens ascending. */
  readonly listing: Uint32Array;
  /** Gold tags, -1 at padding and where none are known. */
  readonly tags: Int32Array;
  /** Row of the word table, -1 at padding. */
  readonly wordRows: Int32Array;
  /** Which of the batch's distinct words stands here, -1 at padding. */
  readonly wordIndex: Int32Array;
  readonly words: BatchWords;
}

/** The distinct words of a batch, in order of first occurrence along `listing`. */
export interface BatchWords {
  readonly count: number;
  /** Word w's positions are `positions[positionStart[w] .. positionStart[w + 1])`, in the order of `listing`. */
  readonly positionStart: Uint32Array;
  readonly positions: Uint32Array;
  /** Word w's characters are `characterStart[w] .. characterStart[w + 1])`. */
  readonly characterStart: Uint32Array;
  /** Row of the character table. */
  readonly characters: Int32Array;
  /** Index in the word and word type number of each character, the key of its dropout. */
  readonly characterIndex: Uint32Array;
  readonly characterType: Uint32Array;
}

/**
 * Packs sentences (none empty) into one batch.
 * @param isAlone packs one sentence without lanes
 */
export function packBatch(sentences: readonly EncodedSentence[], types: readonly WordType[], isAlone = false): PackedBatch {
  const order = Int32Array.from(sentences, (_, i) => i).sort((a, b) => sentences[b]!.types.length - sentences[a]!.types.length || a - b);
  const lengths = Int32Array.from(order, (i) => sentences[i]!.types.length);
  const steps = lengths[0] ?? 0;
  const base = new Int32Array(steps + 1);
  const valid = new Int32Array(steps);
  let longer = lengths.length;
  for (let t = 0; t < steps; t++) {
    while (lengths[longer - 1]! <= t) longer--;
    valid[t] = longer;
    base[t + 1] = base[t]! + (isAlone ? 1 : roundUp(longer, LANES));
  }
  base[steps] = roundUp(base[steps]!, LANES);
  const positions = base[steps]!;
  const time = new Uint32Array(positions);
  const rank = new Uint32Array(positions);
  for (let t = 0; t < steps; t++) {
    for (let p = base[t]!; p < base[t + 1]!; p++) {
      time[p] = t;
      rank[p] = p - base[t]!;
    }
  }
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const listing = new Uint32Array(tokens);
  const tags = new Int32Array(positions).fill(-1);
  const wordRows = new Int32Array(positions).fill(-1);
  const wordIndex = new Int32Array(positions).fill(-1);
  const indexOfType = new Map<number, number>();
  const distinct: number[] = [];
  let token = 0;
  for (let b = 0; b < order.length; b++) {
    const sentence = sentences[order[b]!]!;
    for (let t = 0; t < lengths[b]!; t++) {
      const position = base[t]! + b;
      const type = sentence.types[t]!;
      let word = indexOfType.get(type);
      if (word === undefined) {
        word = distinct.length;
        indexOfType.set(type, word);
        distinct.push(type);
      }
      listing[token++] = position;
      wordRows[position] = types[type]!.row;
      wordIndex[position] = word;
      if (sentence.tags) tags[position] = sentence.tags[t]!;
    }
  }
  return {
    isAlone,
    order,
    lengths,
    tokens,
    steps,
    positions,
    base,
    valid,
    time,
    rank,
    listing,
    tags,
    wordRows,
    wordIndex,
    words: packWords(distinct, types, listing, wordIndex),
  };
}

function packWords(distinct: readonly number[], types: readonly WordType[], listing: Uint32Array, wordIndex: Int32Array): BatchWords {
  const { start, list } = groupPositions(distinct.length, listing, wordIndex);
  const characterStart = new Uint32Array(distinct.length + 1);
  distinct.forEach((type, w) => {
    characterStart[w + 1] = characterStart[w]! + types[type]!.characters.length;
  });
  const total = characterStart[distinct.length]!;
  const characters = new Int32Array(total);
  const characterIndex = new Uint32Array(total);
  const characterType = new Uint32Array(total);
  distinct.forEach((type, w) => {
    const from = characterStart[w]!;
    const own = types[type]!.characters;
    characters.set(own, from);
    for (let c = 0; c < own.length; c++) {
      characterIndex[from + c] = c;
      characterType[from + c] = type;
    }
  });
  return { count: distinct.length, positionStart: start, positions: list, characterStart, characters, characterIndex, characterType };
}

/**
 * Groups the positions of `listing` by `groupOf[position]` (0 .. groups - 1; negative: left out), keeping their order:
 * a counting sort. Group g is `list[start[g] .. start[g + 1])`.
 */
export function groupPositions(groups: number, listing: Uint32Array, groupOf: Int32Array): { start: Uint32Array; list: Uint32Array } {
  const start = new Uint32Array(groups + 1);
  for (const position of listing) if (groupOf[position]! >= 0) start[groupOf[position]! + 1]! += 1;
  for (let g = 0; g < groups; g++) start[g + 1]! += start[g]!;
  const next = start.slice();
  const list = new Uint32Array(start[groups]!);
  for (const position of listing) {
    const group = groupOf[position]!;
    if (group >= 0) list[next[group]!++] = position;
  }
  return { start, list };
}
