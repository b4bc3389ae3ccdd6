// The part of the public API that tags, for programs that only run a trained model.

export { CapabilityError, ConfigError, ModelFileError, ResourceError, SparseTagError } from './errors.js';
export type { KernelBuild, KernelChoice, RuntimeOptions } from './runtime/runtime.js';
export { type RuntimeInfo, runtimeInfo } from './runtime/runtime-info.js';
export type { Entity, EntityOptions, TokenEntity } from './tagger/entities.js';
export { type ScoredSentence, type ScoredTags, type TaggedSentence, Tagger, type TaggerOptions, type TaggerTask } from './tagger/tagger.js';
export { codePointOffsets, splitText, type TextSentence } from './text/sentences.js';
export { VERSION } from './version.js';
