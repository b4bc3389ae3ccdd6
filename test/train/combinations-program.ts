// A program that trains the small run, for processes of their own: node program.mjs BUILD_URL THREADS KERNELS CONFIG
import type { KernelChoice } from '../../src/runtime/runtime.js';
import { runTraining } from '../helpers/small-run.js';

const [build, threads, kernels, config] = process.argv.slice(2) as [string, string, KernelChoice, string];
const { done } = await runTraining(JSON.parse(config), {
  runtime: {
    kernels,
    threads: Number(threads),
    wasmUrl: new URL(threads === '1' ? 'kernels.simd.wasm' : 'kernels.threads.wasm', build),
    workerUrl: new URL('kernel-thread.js', build),
  },
});
console.log(done.report.fingerprint);
