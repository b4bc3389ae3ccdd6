import type { Sentence, TextSentence } from 'sparsetag';

/** Agreement in percent of tokens and of ends of sentences; `missed`: gold tokens with what the tokenizer has there. */
export function compare(
  sentences: readonly Sentence[],
  splitText: (text: string) => readonly TextSentence[],
): { f1: number; sentenceF1: number; missed: Map<string, number> };
