import type { GradConfig, NamedAttrMap, NamedTensorMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { CapabilityError, ConfigError } from '../errors.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Heap } from './heap.js';

/** TensorFlow.js as its user imported it. Only its types are imported here, so that there is one of it. */
export type Tf = typeof import('@tensorflow/tfjs-core');

/** The backend of TensorFlow.js that the ops are kernels of. */
export const BACKEND = 'wasm';

/** One call of an op. */
export interface OpCall {
  readonly runtime: Runtime;
  readonly heap: Heap;
  readonly inputs: readonly TensorInfo[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** An op as TensorFlow.js knows it: a kernel by name, and a gradient where it has one. Inputs and outputs go by number. */
export interface Op {
  readonly name: string;
  /** Runs with kernel memory of its own, which is given back when it returns. */
  readonly run: (call: OpCall) => TensorInfo[];
  /** `dy` is a tensor, or an array of them where there are several outputs. */
  readonly gradient?: (tf: Tf) => Omit<GradConfig, 'kernelName'>;
}

/** @throws {CapabilityError} TFJS_MISSING when `tf` is not TensorFlow.js, TFJS_BACKEND when its backend is another one */
export function requireBackend(tf: Tf): void {
  if (typeof (tf as Partial<Tf> | undefined)?.registerKernel !== 'function' || typeof tf.engine !== 'function') {
    const message = 'sparsetag/tfjs needs TensorFlow.js; install @tensorflow/tfjs-core and pass the module: registerOps(tf)';
    throw new CapabilityError('TFJS_MISSING', message);
  }
  // Asked of the engine: `tf.getBackend` would start a backend where there is none yet.
  const { backendName } = tf.engine();
  if (backendName === BACKEND && tf.findBackend(BACKEND)) return;
  const message = `the ops of sparsetag/tfjs run on the backend ${BACKEND}, the present one is ${backendName ?? 'none'}; import @tensorflow/tfjs-backend-wasm, then await tf.setBackend('${BACKEND}')`;
  throw new CapabilityError('TFJS_BACKEND', message);
}

/**
 * Runs an op through the engine of TensorFlow.js, which records it for gradients.
 * @throws {CapabilityError} TFJS_BACKEND; {ConfigError} TFJS_DISPOSED when the op is not registered
 */
export function runOp(tf: Tf, { name }: Op, inputs: readonly Tensor[], attributes: Readonly<Record<string, unknown>> = {}): Tensor[] {
  requireBackend(tf);
  if (!tf.getKernel(name, BACKEND)) throw new ConfigError('TFJS_DISPOSED', 'the ops of SparseTag were disposed; register them again');
  return tf.engine().runKernel(name, inputs as unknown as NamedTensorMap, attributes as NamedAttrMap) as unknown as Tensor[];
}
