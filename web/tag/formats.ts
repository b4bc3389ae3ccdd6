import { convertLabels, type Entity, entitiesOf, formatConll, type TaggerTask } from 'sparsetag';
import type { LiveSentence, LiveText } from './live-tags.js';

/** Decimals of a probability that are shown and copied. */
export const DECIMALS = 4;

export const round = (score: number): number => Number(score.toFixed(DECIMALS));

/** Spans of a task in some sentences of a text, in the shape of Hugging Face's pipelines, offsets in UTF-16 units of the text. */
export function entitiesIn(text: string, sentences: readonly LiveSentence[], task: TaggerTask): Entity[] {
  const scored = sentences.map(({ tags }) => tags.get(task.name)!);
  return (entitiesOf(text, sentences, scored, task, {}) as Entity[]).map((entity) => ({ ...entity, score: round(entity.score) }));
}

/** The text with places, tags and scores of each token. */
export function toJson({ text, sentences }: LiveText, tasks: readonly TaggerTask[]): string {
  const shown = sentences.map(({ tokens, starts, ends, tags }) => ({
    tokens,
    starts: [...starts],
    ends: [...ends],
    ...Object.fromEntries(
      tasks.map(({ name }) => [name, { tags: tags.get(name)!.tags, scores: Array.from(tags.get(name)!.scores, round) }]),
    ),
  }));
  return `${JSON.stringify({ schema: 1, text, sentences: shown }, null, 2)}\n`;
}

/** Columns: the token, then a tag a task; spans as BIO. */
export function toConll({ sentences }: LiveText, tasks: readonly TaggerTask[]): string {
  const columnOf = (tags: LiveSentence['tags'], { name, scheme }: TaggerTask): readonly string[] => {
    const own = tags.get(name)!.tags;
    return scheme === null ? own : convertLabels(own, scheme, 'bio');
  };
  return sentences
    .map(({ tokens, tags }) =>
      formatConll(
        tokens.map((token) => [token]),
        tasks.map((task) => columnOf(tags, task)),
      ),
    )
    .join('');
}

/** Entities of every task of type spans; the task is named where there are several. */
export function toEntities({ text, sentences }: LiveText, tasks: readonly TaggerTask[]): string {
  const spans = tasks.filter(({ scheme }) => scheme !== null);
  const entities = spans.flatMap((task) =>
    entitiesIn(text, sentences, task).map((entity) => (spans.length > 1 ? { task: task.name, ...entity } : entity)),
  );
  return `${JSON.stringify(entities, null, 2)}\n`;
}
