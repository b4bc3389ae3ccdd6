import * as suite from '/dist/browser/conformance.js';
import { run } from './run.js';

/** Runs the suite on one cell in this window or worker. */
export function runHere(cell) {
  return run(suite, cell, {
    wasmUrl: new URL(`/dist/kernels.${cell.build}.wasm`, location.href),
    workerUrl: new URL('/dist/browser/kernel-thread.js', location.href),
  });
}
