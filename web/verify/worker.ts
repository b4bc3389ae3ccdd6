// Runs the conformance suite beside the page, which stays free, and ends with its worker.
import { type ConformanceOptions, type ConformanceResult, conformance, suiteDigest } from 'sparsetag/conformance';

/** What the page asks for, and what it is told: each outcome, then the digest of the suite or a fault. */
export type Asked = Pick<ConformanceOptions, 'build' | 'threads' | 'kernels'>;
export type Told = { readonly result: ConformanceResult } | { readonly digest: string } | { readonly fault: string };

async function run(asked: Asked): Promise<void> {
  const tell = (told: Told): void => postMessage(told);
  const results: ConformanceResult[] = [];
  try {
    for await (const result of conformance(asked)) {
      results.push(result);
      tell({ result });
    }
    tell({ digest: suiteDigest(results) });
  } catch (error) {
    tell({ fault: error instanceof Error ? error.message : `${error}` });
  }
}

addEventListener('message', ({ data }: MessageEvent<Asked>) => void run(data), { once: true });
