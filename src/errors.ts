/** A refusal or failure that SparseTag explains: every error a caller can meet is one of the classes below. */
export class SparseTagError extends Error {
  override readonly name: string = 'SparseTagError';
  /**
   * @param code stable identifier, e.g. `CORPUS_COLUMN_COUNT`
   * @param message what is wrong, where, with the value found and expected, and what to do
   */
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The config (or an API argument) is not usable: unknown key, wrong type, value out of range. */
export class ConfigError extends SparseTagError {
  override readonly name = 'ConfigError';
}

/** Where in a text a fault lies; line and column count from 1, column in UTF-16 code units. */
export interface TextPosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Text data cannot be read as what it is said to be. */
export class CorpusError extends SparseTagError {
  override readonly name = 'CorpusError';
  constructor(
    code: string,
    message: string,
    readonly position?: TextPosition,
    options?: ErrorOptions,
  ) {
    super(code, position ? `${position.file}:${position.line}:${position.column}: ${message}` : message, options);
  }
}

/** The bytes are not a model file (or checkpoint) that this version can read. */
export class ModelFileError extends SparseTagError {
  override readonly name = 'ModelFileError';
}

/** Memory, disk or another resource of the host ran out or was refused. */
export class ResourceError extends SparseTagError {
  override readonly name = 'ResourceError';
}

/** The host cannot run the kernels: no WebAssembly, no SIMD where it was asked for, wrong kernel binary. */
export class CapabilityError extends SparseTagError {
  override readonly name = 'CapabilityError';
}

/** A loss or weight stopped being finite; the message names the step. */
export class NumericsError extends SparseTagError {
  override readonly name = 'NumericsError';
}
