// The public API. Everything that another package, the command line or the page uses is named here.

export { type CanonicalConfig, canonicalConfig, NUMERICS_VERSION } from './config/canonical.js';
export { describeKind } from './config/check-value.js';
export type {
  Config,
  CorpusConfig,
  CorpusFormat,
  LabelColumn,
  ModelConfig,
  OptimizerConfig,
  PruneConfig,
  Sharing,
  SubnetsConfig,
  TagScheme,
  TaskConfig,
  TrainConfig,
  VectorsConfig,
  WarmupConfig,
} from './config/config.js';
export { configSchema, type JsonSchema } from './config/json-schema.js';
export { nearestName } from './config/nearest-name.js';
export { applyOverrides, type Override } from './config/overrides.js';
export { type Kind, SETTINGS, type Setting, type SettingPath } from './config/settings.js';
export { resolveConfig } from './config/validate.js';
export { type CorpusReport, type DataReport, examineData, type Finding, type SplitReport } from './data/examine.js';
export type { Corpus, Sentence, Split, WordVectors } from './data/sentence.js';
export { checkLabels, convertLabels, type Span, spansOf } from './data/tag-scheme.js';
export { labelPosition } from './data/vocabulary.js';
export {
  CapabilityError,
  ConfigError,
  CorpusError,
  ModelFileError,
  NumericsError,
  ResourceError,
  SparseTagError,
  type TextPosition,
} from './errors.js';
export { tokenAccuracy } from './evaluate/accuracy.js';
export { formatConlleval, type LabelPair, parseConlleval, type SpanScore, scoreSpans } from './evaluate/conlleval.js';
export { type MaskOverlap, maskOverlap, pairwiseOverlap } from './evaluate/overlap.js';
export { cellsOf, countCells, type MaskCells, type MatrixCells } from './inspect/mask-cells.js';
export { type MaskArea, type MaskedTensors, type MaskMatrix, type MatrixPlace, maskMatrices } from './inspect/mask-matrices.js';
export { type ModelSummary, summarizeModel } from './inspect/model-summary.js';
export { GATES, type NetworkSummary, summarizeNetwork, tasksOfNetwork } from './inspect/network-summary.js';
export { canonicalJson, JsonError, type JsonValue, parseJson } from './io/canonical-json.js';
export {
  type ConllOptions,
  type ConllSentence,
  type ConllSeparator,
  formatConll,
  parseConll,
  parseConllBytes,
  readConllStream,
} from './io/conll.js';
export {
  CONLLU_COLUMNS,
  type ConlluAttribute,
  type ConlluRow,
  type ConlluSentence,
  formatConllu,
  makeConlluRows,
  parseConlluBytes,
  readConlluStream,
} from './io/conllu.js';
export { type CorpusText, type CorpusTexts, formatOfFile, makeCorpus, orderColumns, type ReadingPlan, readSentences } from './io/corpus.js';
export {
  formatJsonLine,
  type JsonFields,
  type JsonSentence,
  parseJsonLinesBytes,
  placesOf,
  readJsonLinesStream,
} from './io/json-lines.js';
export type { ModelContents, ModelCorpus, ModelNetwork, ModelTask, NetworkTensor, TensorMask } from './io/model-contents.js';
export { fingerprintOf, openModelFile, readModelFile, writeModelFile } from './io/model-file.js';
export { readTokenLinesStream } from './io/token-lines.js';
export { decodeUtf8, decodeUtf8Stream, Utf8Reader } from './io/utf8.js';
export { readVectors, type VectorsOptions } from './io/vectors.js';
export { type KernelCost, KernelProfile } from './runtime/kernel-profile.js';
export type { KernelBuild, KernelChoice, RuntimeOptions } from './runtime/runtime.js';
export { MAXIMUM_THREADS, type RuntimeInfo, runtimeInfo } from './runtime/runtime-info.js';
export {
  type CallOptions,
  connect,
  Session,
  type SessionOptions,
  type SessionPruneOptions,
  SessionTagger,
  type SessionTrainOptions,
} from './session/session.js';
export type { CorpusFile, CorpusFiles, Source } from './session/verbs.js';
export { type CompactOptions, type CompactOrigin, compactModel, compactOrigin } from './tagger/compact.js';
export { type Entity, type EntityOptions, entitiesOf, placeTokens, type TokenEntity } from './tagger/entities.js';
export { evaluate, type GoldColumn, type TaskScore } from './tagger/evaluate.js';
export { exportOnnx } from './tagger/export-onnx.js';
export { type PruneOptions, prune } from './tagger/prune.js';
export { type StoredConfig, storedConfig } from './tagger/stored-network.js';
export { type ScoredSentence, type ScoredTags, type TaggedSentence, Tagger, type TaggerOptions, type TaggerTask } from './tagger/tagger.js';
export { codePointOffsets, type StreamedSentence, sentencesOf, splitText, splitTextStream, type TextSentence } from './text/sentences.js';
export { checkpointSteps } from './train/checkpoint.js';
export { contentHashes, fileDigest, sentencesHash } from './train/content-hashes.js';
export type { Phase, Scores, TaskReport, TrainEvent, TrainReport } from './train/events.js';
export { type TrainOptions, train } from './train/train.js';
export { digestRuns, type ElementRun, type WeightDigests } from './train/weight-digests.js';
export { VERSION } from './version.js';
