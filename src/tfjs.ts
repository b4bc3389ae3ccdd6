// SparseTag in TensorFlow.js, for programs that train or tag with tensors.

export { CapabilityError, ConfigError, ModelFileError, ResourceError, SparseTagError } from './errors.js';
export type { KernelBuild, KernelChoice, RuntimeOptions } from './runtime/runtime.js';
export type { BilstmMasks, BilstmWeights, LstmMasks, LstmWeights } from './tfjs/bilstm.js';
export type { ChainScores } from './tfjs/chain.js';
export type { Encoder, EncoderHead, EncoderInputs, EncoderOptions } from './tfjs/encoder.js';
export { type Ops, registerOps } from './tfjs/ops.js';
export { VERSION } from './version.js';
