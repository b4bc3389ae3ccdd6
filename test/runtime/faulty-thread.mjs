// Stands in for the script of kernel threads: the same, with the fault that the environment names.
import { syncBuiltinESMExports } from 'node:module';
import workerThreads from 'node:worker_threads';

const fault = process.env.THREAD_FAULT;
const { Instance } = WebAssembly;
const { wait } = Atomics;
const sleep = (milliseconds) => wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/** Stands in for the kernel `mapExp`. */
const FAULTY_CALLS = {
  'dies in a call'() {
    sleep(300);
    process.exit(3);
  },
  'is slow'() {
    sleep(2500);
  },
};

WebAssembly.Instance = class {
  constructor(module, imports) {
    const { exports } = new Instance(module, imports);
    const addsInSingle = fault === 'adds in 32 bits' && { sumOfSquares: (...values) => Math.fround(exports.sumOfSquares(...values)) };
    this.exports = { ...exports, mapExp: FAULTY_CALLS[fault] ?? exports.mapExp, ...addsInSingle };
  }
};
if (fault === 'is terminated') {
  workerThreads.Worker = class extends workerThreads.Worker {
    constructor(...values) {
      super(...values);
      setTimeout(() => this.terminate(), Number(process.env.THREAD_FAULT_AFTER ?? 500));
    }
  };
  syncBuiltinESMExports();
}
if (fault === 'dies in its sleep') Atomics.wait = () => process.exit(3);
if (fault === 'never starts') throw new Error('no such luck');

await import('../../dist/kernel-thread.js');
