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
