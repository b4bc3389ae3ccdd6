import { spansOf } from '../data/tag-scheme.js';
import { ConfigError } from '../errors.js';
import { codePointOffsets, type TextSentence } from '../text/sentences.js';
import type { ScoredTags, TaggerTask } from './tagger.js';

export interface EntityOptions {
  /** Task to take entities from; default: the only one of type spans. */
  readonly task?: string;
  /** `simple`: one entity a span; `none`: one a token that is not outside. Default: simple. */
  readonly aggregation?: 'none' | 'simple';
  /** What `start` and `end` count. Default: UTF-16 code units, as JavaScript strings do; Python counts code points. */
  readonly offsets?: 'utf16' | 'codepoints';
}

/** A span of the text; `end` is exclusive. */
export interface Entity {
  readonly entity_group: string;
  /** Mean of the probabilities of its tokens' tags. */
  readonly score: number;
  /** The text from start to end. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** A token with its tag, as it is without aggregation. */
export interface TokenEntity {
  readonly entity: string;
  readonly score: number;
  /** Place of the token in the text, from 0. */
  readonly index: number;
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Entities of a tagged text, in its order. Spans are conlleval's: sequences of tags that no scheme allows are repaired, so that every
 * tag other than `O` belongs to one.
 *
 * @throws {ConfigError} TAGGER_NOT_SPANS when tags without spans are to be grouped
 */
export function entitiesOf(
  text: string,
  sentences: readonly TextSentence[],
  scored: readonly ScoredTags[],
  task: TaggerTask,
  { aggregation = 'simple', offsets = 'utf16' }: EntityOptions,
): Entity[] | TokenEntity[] {
  const places = offsets === 'codepoints' ? codePointOffsets(text) : null;
  const place = (offset: number): number => (places ? places[offset]! : offset);
  const part = (start: number, end: number) => ({ word: text.slice(start, end), start: place(start), end: place(end) });
  if (aggregation === 'none') {
    let first = 0;
    return sentences.flatMap(({ starts, ends, tokens }, s): TokenEntity[] => {
      const { tags, scores } = scored[s]!;
      const begin = first;
      first += tokens.length;
      return tags.flatMap((entity, i) =>
        entity === 'O' ? [] : [{ entity, score: scores[i]!, index: begin + i, ...part(starts[i]!, ends[i]!) }],
      );
    });
  }
  const { scheme } = task;
  if (scheme === null) {
    const message = `task ${task.name} has tags, not spans, so its tokens form no groups; ask for aggregation none`;
    throw new ConfigError('TAGGER_NOT_SPANS', message);
  }
  return sentences.flatMap(({ starts, ends }, s): Entity[] => {
    const { tags, scores } = scored[s]!;
    return spansOf(tags, scheme).map(({ start, end, type }) => {
      const sum = scores.subarray(start, end).reduce((total, score) => total + score, 0);
      return { entity_group: type, score: sum / (end - start), ...part(starts[start]!, ends[end - 1]!) };
    });
  });
}

/**
 * One sentence of given tokens in the text that they make with a space between them.
 * @param glued `glued[i]`: no space follows token i
 */
export function placeTokens(tokens: readonly string[], glued: readonly boolean[] = []): TextSentence[] {
  const starts = new Int32Array(tokens.length);
  let at = 0;
  for (const [i, token] of tokens.entries()) {
    starts[i] = at;
    at += token.length + (glued[i] ? 0 : 1);
  }
  return [{ tokens, starts, ends: starts.map((start, i) => start + tokens[i]!.length) }];
}
