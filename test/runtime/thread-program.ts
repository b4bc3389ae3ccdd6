// A program that uses threads, for processes of their own: node program.mjs BUILD_URL THREADS
import { createRuntime } from '../../src/runtime/runtime.js';
import { digestOfProducts } from './products.js';

const [build, threads] = process.argv.slice(2) as [string, string];
const runtime = await createRuntime({
  threads: Number(threads),
  wasmUrl: new URL(threads === '1' ? 'kernels.simd.wasm' : 'kernels.threads.wasm', build),
  workerUrl: new URL('kernel-thread.js', build),
});
console.log(digestOfProducts(runtime));
// It ends by itself, although nothing was disposed of.
