import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';
import { openSessions } from '../engines/onnx-feeds.mjs';

const { version } = JSON.parse(readFileSync(new URL('node_modules/onnxruntime-node/package.json', import.meta.url), 'utf8'));

export async function open(workload, cell) {
  const options = { intraOpNumThreads: cell.threads, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' };
  return { name: `ONNX Runtime ${version} (native)`, run: await openSessions(ort, workload, cell, options) };
}
