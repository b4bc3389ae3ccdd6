// What a worker of the thread pool runs, on every host.
import { enterThread } from '#platform';
import { CallList } from './call-list.js';
import type { KernelExports } from './kernel-exports.js';
import type { ThreadStart } from './thread-pool.js';

/** Runs calls until the list ends. The loop stays in JavaScript: kernels are pure, and never wait. */
function runCalls({ module, memory, control, spins }: ThreadStart, ready: () => void): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const calls = new CallList(memory, control, exports as unknown as KernelExports);
  ready();
  while (calls.awaitCall(spins)) while (calls.runNext());
}

enterThread<ThreadStart>(runCalls, ({ memory, control }, reason) => new CallList(memory, control).fail(reason));
