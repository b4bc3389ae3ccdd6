import { SYNTHETIC_COLUMNS, syntheticSplitSentences } from 'sparsetag/conformance';
import type { Column } from './columns.js';
import type { StoredFile, StoredFiles } from './run-store.js';

const SAMPLE_SENTENCES = 300;
/** What can be learned from it. */
export const SAMPLE_COLUMNS: readonly Column[] = [
  { column: SYNTHETIC_COLUMNS.pos, name: 'pos', type: 'tags', sample: ['NN', 'DT', 'VBD'] },
  { column: SYNTHETIC_COLUMNS.chunk, name: 'chunk', type: 'spans', sample: ['B-NP', 'I-NP', 'B-VP'] },
  { column: SYNTHETIC_COLUMNS.ner, name: 'ner', type: 'spans', sample: ['B-PER', 'B-LOC', 'B-ORG'] },
];
/**
 * A text to try a training on: an artificial language, made from a seed.
 * @param breathe is awaited after each sentence
 */
export async function sampleFiles(breathe: () => Promise<unknown> = async () => {}): Promise<StoredFiles> {
  const { train, dev, test } = syntheticSplitSentences({ seed: 7, sentences: SAMPLE_SENTENCES });
  const file = async (name: string, sentences: Iterable<string>): Promise<StoredFile> => {
    let text = '';
    for (const sentence of sentences) {
      text += sentence;
      await breathe();
    }
    return { file: name, bytes: new TextEncoder().encode(text) };
  };
  return { train: await file('train', train), dev: await file('dev', dev), test: await file('test', test) };
}
