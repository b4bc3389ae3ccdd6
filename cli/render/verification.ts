import type { ModelContents } from 'sparsetag';
import type { Difference } from '../verify/comparison.js';
import { formatCount } from './quantity.js';

/** What `sparsetag verify --json` writes. */
export interface Verification {
  readonly schema: 1;
  readonly equal: boolean;
  /** Steps that were trained again. */
  readonly steps: number;
  readonly fingerprint: string;
  /** Of the model that was trained again, made compact if the model is; null where that was not trained to its end. */
  readonly found: string | null;
  /** Of the model that a compact one was made of; null: this one is not compact. */
  readonly source: string | null;
  /** SHA-256 of the model's config. */
  readonly recipe: string;
  /** SHA-256 of the kernels that trained it again to its end. */
  readonly wasm: string | null;
  readonly corpora: ModelContents['corpora'];
  readonly differences: readonly Difference[];
}

/** The outcome of a verification for people. */
export function formatVerification({ equal, steps, fingerprint, found, source, differences }: Verification): string {
  const trained = `${formatCount(steps)} steps trained again${found === null || source === null ? '' : ' and made compact'}`;
  if (equal) return `${trained}: ${found === null ? 'all as in the trace of the model' : `the same model, fingerprint ${fingerprint}`}\n`;
  const lines = differences.map(({ step, what, elements, expected, found }) => {
    const where = step === null ? 'in the finished model' : `after step ${formatCount(step)}`;
    const range =
      elements &&
      (elements.end - elements.begin === 1 ? `, element ${elements.begin}` : `, elements ${elements.begin} to ${elements.end - 1}`);
    return `first difference ${where}: ${what}${range ?? ''}: expected ${expected}, found ${found}\n`;
  });
  const other = found === null || found === fingerprint ? '' : `fingerprint: expected ${fingerprint}, found ${found}\n`;
  return `${trained}: not the same\n${lines.join('')}${other}`;
}
