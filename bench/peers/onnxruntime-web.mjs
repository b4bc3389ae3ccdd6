import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { openSessions } from '../engines/onnx-feeds.mjs';

const { version } = JSON.parse(readFileSync(new URL('node_modules/onnxruntime-web/package.json', import.meta.url), 'utf8'));

export async function open(workload, cell) {
  ort.env.wasm.numThreads = cell.threads;
  const options = { executionProviders: ['wasm'], graphOptimizationLevel: 'all' };
  return { name: `ONNX Runtime Web ${version} (wasm)`, run: await openSessions(ort, workload, cell, options) };
}
