import {
  CapabilityError,
  ConfigError,
  CorpusError,
  ModelFileError,
  NumericsError,
  ResourceError,
  SparseTagError,
  type TextPosition,
} from '../errors.js';

/** How a call in a worker ended. Messages between threads keep of an error only its text; this keeps what callers act on. */
export type Outcome<T> = { readonly value: T } | { readonly error: SentError };

interface SentError {
  readonly name: string;
  readonly message: string;
  /** Of a `SparseTagError`, else null. */
  readonly code: string | null;
  /** Of a `CorpusError` that has one. */
  readonly position?: TextPosition | undefined;
}

const CLASSES: Readonly<Record<string, new (code: string, message: string) => SparseTagError>> = {
  CapabilityError,
  ConfigError,
  ModelFileError,
  NumericsError,
  ResourceError,
};

/** How `call` ends, in a form that can be sent. */
export async function outcomeOf<T>(call: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await call() };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: `${error}` };
    const position = error instanceof CorpusError ? error.position : undefined;
    return { error: { name, message, code: error instanceof SparseTagError ? error.code : null, position } };
  }
}

/** The value, or the error thrown as it was in the worker: the same class, code, message and position. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if ('value' in outcome) return outcome.value;
  throw errorOf(outcome.error);
}

function errorOf({ name, message, code, position }: SentError): Error {
  if (code === null) return Object.assign(new Error(message), { name });
  if (name === 'CorpusError')
    return position ? new CorpusError(code, withoutPlace(message, position), position) : new CorpusError(code, message);
  const Class = CLASSES[name];
  return new (Class ?? SparseTagError)(code, message);
}

/** A corpus error puts its position before its message by itself. */
function withoutPlace(message: string, { file, line, column }: TextPosition): string {
  return message.slice(`${file}:${line}:${column}: `.length);
}
