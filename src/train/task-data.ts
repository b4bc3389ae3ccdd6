import type { Config, ModelConfig, TaskConfig } from '../config/config.js';
import { type EncodedSentence, type WordType, WordTypes } from '../data/encode.js';
import { foldCase } from '../data/normalize.js';
import type { Corpus, Split, WordVectors } from '../data/sentence.js';
import {
  buildCharacterVocabulary,
  buildTagSet,
  buildWordVocabulary,
  tagsOf,
  type Vocabulary,
  type WordVocabulary,
} from '../data/vocabulary.js';
import { ConfigError } from '../errors.js';
import type { HeadShape } from '../model/parameters.js';

/** A split that is tagged and scored: encoded sentences with their gold labels in the model's scheme. */
export interface ScoredSplit {
  readonly sentences: readonly EncodedSentence[];
  readonly gold: readonly (readonly string[])[];
}

/** One task's data as numbers. */
export interface TaskData {
  readonly index: number;
  readonly config: TaskConfig;
  readonly tags: Vocabulary;
  readonly train: readonly EncodedSentence[];
  readonly dev: ScoredSplit;
  readonly test: ScoredSplit | null;
}

/** All that training reads, encoded once. */
export interface TrainingData {
  readonly words: WordVocabulary;
  readonly characters: Vocabulary;
  readonly types: readonly WordType[];
  readonly tasks: readonly TaskData[];
}

export function headShape({ config, tags }: Pick<TaskData, 'config' | 'tags'>, { layers }: ModelConfig): HeadShape {
  const { name, head, startEnd, layer } = config;
  return { name, head, startEnd, tags: tags.size, layer: layer === 'top' ? layers : layer };
}

/** Training sentences of each task, in the order of the config. */
export function trainSentences({ tasks }: TrainingData): number[] {
  return tasks.map(({ train }) => train.length);
}

/**
 * Builds vocabularies and encodes every split. Word types are numbered corpus by corpus in the order of the config:
 * train, dev, test.
 * @throws {ConfigError} CONFIG_CORPUS_MISSING; {CorpusError} for labels that do not fit (see buildTagSet)
 */
export function encodeCorpora(config: Config, corpora: readonly Corpus[], vectors: WordVectors | null): TrainingData {
  const ordered = config.corpora.map(({ name }) => {
    const corpus = corpora.find((candidate) => candidate.name === name);
    if (!corpus)
      throw new ConfigError(
        'CONFIG_CORPUS_MISSING',
        `the config names corpus ${name}, but it was not given; have ${corpora.map((c) => c.name).join(', ')}`,
      );
    return corpus;
  });
  const { lowercase, minimumCharCount } = config.model;
  const words = buildWordVocabulary({ corpora: ordered, lowercase, vectors, extend: config.vectors.extend });
  const characters = buildCharacterVocabulary({ corpora: ordered, minimumCount: minimumCharCount });
  const types = new WordTypes(words.vocabulary, characters, lowercase ? foldCase : (token) => token);
  const encoded = new Map<Split, Int32Array[]>();
  for (const corpus of ordered) {
    for (const split of [corpus.train, corpus.dev, corpus.test]) {
      if (split)
        encoded.set(
          split,
          split.sentences.map((sentence) => types.encode(sentence)),
        );
    }
  }
  const tasks = config.tasks.map((task, index): TaskData => {
    const corpus = ordered.find((candidate) => candidate.name === task.corpus)!;
    const tags = buildTagSet(task, corpus);
    const labels = (split: Split): (readonly string[])[] => split.sentences.map((sentence) => tagsOf(task, corpus, sentence));
    const scored = (split: Split): ScoredSplit => ({
      sentences: encoded.get(split)!.map((types) => ({ types, tags: null })),
      gold: labels(split),
    });
    const gold = labels(corpus.train);
    return {
      index,
      config: task,
      tags,
      train: encoded.get(corpus.train)!.map((types, i) => ({ types, tags: Int32Array.from(gold[i]!, (tag) => tags.idOf(tag)!) })),
      dev: scored(corpus.dev),
      test: corpus.test && scored(corpus.test),
    };
  });
  return { words, characters, types: types.types, tasks };
}
