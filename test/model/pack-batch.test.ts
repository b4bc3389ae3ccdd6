import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EncodedSentence, WordType } from '../../src/data/encode.js';
import { groupPositions, type PackedBatch, packBatch } from '../../src/model/pack-batch.js';
import { paddingOf, positionOf, type Schedule, scheduleOf } from '../helpers/schedule.js';
import { smallSentences, smallTypes } from '../helpers/small-network.js';

const TYPES = smallTypes(20, 1);

/** Sentences over {@link TYPES}: up to eleven of one to nine tokens. */
const sentencesArbitrary = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 11 })
  .chain((lengths) => fc.integer({ min: 0, max: 1e6 }).map((seed) => smallSentences(lengths, TYPES.length, 4, seed)));

/** Checks `check` on packed batches of random sentences, with their layout by definition. */
function onBatches(check: (batch: PackedBatch, sentences: readonly EncodedSentence[], schedule: Schedule) => void): void {
  fc.assert(
    fc.property(sentencesArbitrary, (sentences) => {
      check(packBatch(sentences, TYPES), sentences, scheduleOf(sentences.map(({ types }) => types.length)));
    }),
  );
}

/** One value a token, laid out by position, `padding` elsewhere. */
function byPosition(schedule: Schedule, numberOf: (sentence: number, token: number) => number, padding: number): number[] {
  const values = new Array<number>(schedule.positions).fill(padding);
  schedule.order.forEach((sentence, b) => {
    for (let t = 0; t < schedule.lengths[b]!; t++) values[positionOf(schedule, b, t)] = numberOf(sentence, t);
  });
  return values;
}

describe('a sentence packed alone', () => {
  test.each([1, 2, 4, 7])('has its time as position, padded to a multiple of four (%i tokens)', (length) => {
    const [sentence] = smallSentences([length], TYPES.length, 4, 3);
    const [alone, inLanes] = [packBatch([sentence!], TYPES, true), packBatch([sentence!], TYPES)];
    const times = Array.from({ length }, (_, t) => t);
    const padding = new Array<number>((4 - (length % 4)) % 4).fill(-1);
    expect(alone.positions).toBe(length + padding.length);
    expect([...alone.base]).toEqual([...times, alone.positions]);
    expect([...alone.listing]).toEqual(times);
    expect([...alone.valid]).toEqual(times.map(() => 1));
    for (const values of ['tags', 'wordRows', 'wordIndex'] as const) {
      expect([...alone[values]]).toEqual([...Array.from(inLanes.listing, (position) => inLanes[values][position]!), ...padding]);
    }
    expect(alone.words.characters).toEqual(inLanes.words.characters);
    expect([alone.isAlone, inLanes.isAlone]).toEqual([true, false]);
  });
});

describe('a packed batch', () => {
  test('ranks sentences by length and gives each time step the groups of four that are still alive', () => {
    onBatches((batch, sentences, schedule) => {
      expect([...batch.order]).toEqual(schedule.order);
      expect([...batch.lengths]).toEqual(schedule.lengths);
      expect([...batch.base]).toEqual(schedule.base);
      expect([...batch.valid]).toEqual(schedule.valid);
      expect(batch.positions).toBe(schedule.positions);
      expect(batch.steps).toBe(schedule.valid.length);
      expect(batch.tokens).toBe(sentences.reduce((sum, { types }) => sum + types.length, 0));
    });
  });

  test('knows the time and rank of every position, padding included', () => {
    onBatches((batch, _, { base }) => {
      for (let t = 0; t + 1 < base.length; t++) {
        for (let p = base[t]!; p < base[t + 1]!; p++) {
          expect(batch.time[p]).toBe(t);
          expect(batch.rank[p]).toBe(p - base[t]!);
        }
      }
    });
  });

  test('lists its tokens sentence by sentence', () => {
    onBatches((batch, _, schedule) => {
      const tokens = schedule.lengths.flatMap((length, b) => Array.from({ length }, (_, t) => positionOf(schedule, b, t)));
      expect([...batch.listing]).toEqual(tokens);
      expect([...batch.listing].sort((a, b) => a - b)).toEqual(
        Array.from({ length: batch.positions }, (_, p) => p).filter((p) => !paddingOf(schedule).includes(p)),
      );
    });
  });

  test('has the tags and word rows of its tokens, -1 at padding', () => {
    onBatches((batch, sentences, schedule) => {
      expect([...batch.tags]).toEqual(byPosition(schedule, (s, t) => sentences[s]!.tags![t]!, -1));
      expect([...batch.wordRows]).toEqual(byPosition(schedule, (s, t) => TYPES[sentences[s]!.types[t]!]!.row, -1));
    });
  });

  test('has no tags where none are known', () => {
    const [sentence] = smallSentences([3], TYPES.length, 4, 1);
    expect([...packBatch([{ ...sentence!, tags: null }], TYPES).tags]).toEqual(new Array<number>(12).fill(-1));
  });

  test('has each distinct word once, in order of first occurrence, with its positions and characters', () => {
    onBatches((batch, sentences, schedule) => {
      const along = schedule.order.flatMap((sentence) => [...sentences[sentence]!.types]);
      const distinct = [...new Set(along)];
      const { words } = batch;
      expect(words.count).toBe(distinct.length);
      expect([...batch.wordIndex]).toEqual(byPosition(schedule, (s, t) => distinct.indexOf(sentences[s]!.types[t]!), -1));
      distinct.forEach((type, w) => {
        const positions = [...batch.listing].filter((_, i) => along[i] === type);
        expect([...words.positions.slice(words.positionStart[w], words.positionStart[w + 1])]).toEqual(positions);
        const own = TYPES[type]!.characters;
        const [from, to] = [words.characterStart[w]!, words.characterStart[w + 1]!];
        expect([...words.characters.slice(from, to)]).toEqual([...own]);
        expect([...words.characterIndex.slice(from, to)]).toEqual([...own.keys()]);
        expect([...words.characterType.slice(from, to)]).toEqual(new Array<number>(own.length).fill(type));
      });
      expect(words.positionStart[words.count]).toBe(batch.tokens);
      expect(words.characterStart[words.count]).toBe(words.characters.length);
    });
  });

  test('tells word types apart that share a row of the word table', () => {
    const types: WordType[] = [
      { row: 5, characters: Int32Array.of(1) },
      { row: 5, characters: Int32Array.of(2, 3) },
    ];
    const batch = packBatch([{ types: Int32Array.of(0, 1, 0), tags: null }], types);
    expect(batch.words.count).toBe(2);
    expect([...batch.listing].map((p) => batch.wordRows[p])).toEqual([5, 5, 5]);
    expect([...batch.words.characters]).toEqual([1, 2, 3]);
  });
});

test('positions are grouped in the order of the listing, those of no group left out', () => {
  const { start, list } = groupPositions(3, Uint32Array.of(4, 0, 2, 1, 3), Int32Array.of(2, 0, -1, 2, 2));
  expect([...start]).toEqual([0, 1, 1, 4]);
  expect([...list]).toEqual([1, 4, 0, 3]);
});
