import { SYNTHETIC_COLUMNS, syntheticSplits } from 'sparsetag/conformance';
import type { Column } from './columns.js';
import type { StoredFile, StoredFiles } from './run-store.js';

const SAMPLE_SENTENCES = 300;
/** What can be learned from it. */
export const SAMPLE_COLUMNS: readonly Column[] = [
  { column: SYNTHETIC_COLUMNS.pos, name: 'pos', type: 'tags', sample: ['NN', 'DT', 'VBD'] },
  { column: SYNTHETIC_COLUMNS.chunk, name: 'chunk', type: 'spans', sample: ['B-NP', 'I-NP', 'B-VP'] },
  { column: SYNTHETIC_COLUMNS.ner, name: 'ner', type: 'spans', sample: ['B-PER', 'B-LOC', 'B-ORG'] },
];
/** A text to try a training on: an artificial language, made from a seed. */
export function sampleFiles(): StoredFiles {
  const { train, dev, test } = syntheticSplits({ seed: 7, sentences: SAMPLE_SENTENCES });
  const file = (name: string, text: string): StoredFile => ({ file: name, bytes: new TextEncoder().encode(text) });
  return { train: file('train', train), dev: file('dev', dev), test: file('test', test) };
}
