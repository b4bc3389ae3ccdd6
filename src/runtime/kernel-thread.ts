// What a worker of the thread pool runs, on every host.
import { enterThread } from '#platform';
import { Arena, INITIAL_PAGES } from './arena.js';
import { CallList } from './call-list.js';
import type { KernelExports } from './kernel-exports.js';
import { testHost } from './self-test.js';
import type { ThreadStart } from './thread-pool.js';

function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
}

/** How subnormal numbers are treated is a state of each thread; the memory that all share is not this thread's to write to yet. */
function testThread(module: WebAssembly.Module): void {
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: INITIAL_PAGES, shared: true });
  const kernels = instantiate(module, memory);
  testHost(kernels, new Arena(memory, kernels.heapBase()));
}

/** Runs calls until the list ends. The loop stays in JavaScript: kernels are pure, and never wait. */
function runCalls({ module, memory, control, spins }: ThreadStart, ready: () => void): void {
  testThread(module);
  const calls = new CallList(memory, control, instantiate(module, memory));
  ready();
  while (calls.awaitCall(spins)) while (calls.runNext());
}

enterThread<ThreadStart>(runCalls, ({ memory, control }, reason) => new CallList(memory, control).fail(reason));
