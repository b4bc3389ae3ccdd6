import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, TensorInfo } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors.js';
import { createRuntime, type Runtime, type RuntimeOptions } from '../runtime/runtime.js';
import { BILSTM, BILSTM_GRADIENT, type BilstmMasks, type BilstmWeights, bilstm } from './bilstm.js';
import type { ChainScores } from './chain.js';
import { CRF_DECODE, crfDecode } from './crf-decode.js';
import { CRF_LOSS, crfLoss } from './crf-loss.js';
import { ENCODE, ENCODE_GRADIENT } from './encode.js';
import { Encoder, type EncoderOptions } from './encoder.js';
import { Heap, type WasmBackend } from './heap.js';
import { MAGNITUDE_MASKS, magnitudeMasks } from './magnitude-masks.js';
import { BACKEND, type Op, requireBackend, type Tf } from './op.js';
import { PRUNE, prune } from './prune.js';

const OPS: readonly Op[] = [BILSTM, BILSTM_GRADIENT, CRF_LOSS, CRF_DECODE, MAGNITUDE_MASKS, PRUNE, ENCODE, ENCODE_GRADIENT];

/**
 * Loads the kernels and registers the ops on the backend `wasm`, with their gradients.
 *
 * @param tf TensorFlow.js, as the program imports it
 * @throws {CapabilityError} TFJS_MISSING, TFJS_BACKEND, and what loading kernels throws
 * @throws {ConfigError} TFJS_REGISTERED when they are registered already
 */
export async function registerOps(tf: Tf, options: RuntimeOptions = {}): Promise<Ops> {
  requireBackend(tf);
  requireUnregistered(tf);
  const runtime = await createRuntime(options);
  try {
    requireUnregistered(tf);
    for (const op of OPS) register(tf, op, runtime);
  } catch (error) {
    runtime.dispose();
    throw error;
  }
  return new Ops(tf, runtime, options);
}

function requireUnregistered(tf: Tf): void {
  if (!tf.getKernel(BILSTM.name, BACKEND)) return;
  throw new ConfigError(
    'TFJS_REGISTERED',
    'the ops of SparseTag are registered already; use what registerOps returned, or dispose it first',
  );
}

function register(tf: Tf, op: Op, runtime: Runtime): void {
  tf.registerKernel({
    kernelName: op.name,
    backendName: BACKEND,
    kernelFunc({ inputs, backend, attrs }) {
      const { arena } = runtime;
      const mark = arena.mark();
      try {
        const heap = new Heap(backend as WasmBackend, arena);
        return op.run({ runtime, heap, inputs: Object.values(inputs) as TensorInfo[], attributes: attrs ?? {} });
      } finally {
        arena.release(mark);
      }
    },
  });
  if (op.gradient) tf.registerGradient({ kernelName: op.name, ...op.gradient(tf) });
}

/**
 * The ops of SparseTag in TensorFlow.js. B sentences of T tokens at most, I input features, H hidden units, K tags; `lengths`
 * int32 [B] are the tokens of each sentence, 1 to T. All throw `ConfigError` TFJS_SHAPE, TFJS_DTYPE or TFJS_LENGTH for tensors that
 * do not fit, TFJS_DISPOSED after `dispose`, and `CapabilityError` TFJS_BACKEND when another backend was set since.
 */
export class Ops {
  readonly #tf: Tf;
  readonly #runtime: Runtime;
  readonly #options: RuntimeOptions;

  /** @internal */
  constructor(tf: Tf, runtime: Runtime, options: RuntimeOptions) {
    this.#tf = tf;
    this.#runtime = runtime;
    this.#options = options;
  }

  /**
   * One bidirectional LSTM layer: `x` [B, T, I] to [B, T, 2H], forward features first, 0 behind each sentence. Under `masks` pruned
   * weights count as 0 and have the gradient 0; where a mask keeps little, they are not computed. Gradients of `x` and all weights.
   */
  bilstm(x: Tensor3D, lengths: Tensor1D, weights: BilstmWeights, masks?: BilstmMasks): Tensor3D {
    return bilstm(this.#tf, x, lengths, weights, masks);
  }

  /**
   * Negative log-likelihood of the gold `tags` int32 [B, T] under a linear-chain CRF, mean over sentences; `emissions` [B, T, K].
   * Gradients of emissions and chain.
   * @throws {ConfigError} TFJS_TAG when a tag is not 0 to K - 1
   */
  crfLoss(emissions: Tensor3D, tags: Tensor2D, lengths: Tensor1D, chain: ChainScores): Scalar {
    return crfLoss(this.#tf, emissions, tags, lengths, chain);
  }

  /** The best tags of each sentence, int32 [B, T], -1 behind its end (Viterbi; ties to the lower tag). No gradient. */
  crfDecode(emissions: Tensor3D, lengths: Tensor1D, chain: ChainScores): Tensor2D {
    return crfDecode(this.#tf, emissions, lengths, chain);
  }

  /**
   * Magnitude pruning over all of `weights` together: bool masks, of their shapes, that keep the `keep` largest of the weights that
   * `masks` (default: all) keep. No gradient.
   * @throws {ConfigError} TFJS_KEEP
   */
  magnitudeMasks(weights: readonly Tensor[], keep: number, masks?: readonly Tensor[]): Tensor[] {
    return magnitudeMasks(this.#tf, weights, keep, masks);
  }

  /** The weights with 0 for those that the bool `mask` prunes. Their gradient is 0 there too. */
  prune<T extends Tensor>(weights: T, mask: Tensor): T {
    return prune(this.#tf, weights, mask);
  }

  /**
   * Loads one task of a model file. The encoder has kernel memory of its own until it is disposed.
   * @throws {ModelFileError} when the bytes are no model file, or none that can tag; {ConfigError} TFJS_TASK; {ResourceError}
   */
  loadEncoder(model: Uint8Array, task: string, options: EncoderOptions = {}): Promise<Encoder> {
    return Encoder.load(this.#tf, model, task, options, this.#options);
  }

  /** Takes the ops out of TensorFlow.js again and ends the threads of their kernels. Encoders are disposed by themselves. */
  dispose(): void {
    if (this.#runtime.disposed) return;
    for (const { name, gradient } of OPS) {
      this.#tf.unregisterKernel(name, BACKEND);
      if (gradient) this.#tf.unregisterGradient(name);
    }
    this.#runtime.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
