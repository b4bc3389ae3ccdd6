import { conformance, suiteDigest } from '/dist/browser/conformance.js';

/** Runs the suite on one cell; what a host lacks for it is `missing`, anything else that goes wrong an `error`. */
export async function run({ build, threads, kernels }) {
  if (build === 'threads' && typeof SharedArrayBuffer === 'undefined') return { missing: 'no SharedArrayBuffer' };
  const options = {
    wasmUrl: new URL(`/dist/kernels.${build}.wasm`, location.href),
    workerUrl: new URL('/dist/browser/kernel-thread.js', location.href),
  };
  const results = [];
  try {
    for await (const result of conformance({ build, threads, kernels, ...options })) results.push(result);
  } catch (error) {
    return { error: `after ${results.length} cases: ${error}` };
  }
  const faults = results.filter(({ equal }) => !equal).map(({ name }) => name);
  return { schema: 1, cases: results.length, faults, digest: suiteDigest(results) };
}
