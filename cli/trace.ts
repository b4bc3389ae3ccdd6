// The trace of a run, model.trace.jsonl: what verify compares another run with, step by step. FORMAT.md is its specification.
import { createHash } from 'node:crypto';
import { JsonError, ModelFileError, parseJson, type TrainEvent } from 'sparsetag';

const FORMAT = 'sparsetag.trace';
const VERSION = 1;

/** What a run did, as far as it was written down. */
export interface Trace {
  /** SHA-256 of the canonical config that it was made by. */
  readonly recipe: string;
  /** Loss of each step, as its bits in hexadecimal. */
  readonly losses: ReadonlyMap<number, string>;
  /** Digests of the weights after some steps. */
  readonly digests: ReadonlyMap<number, ReadonlyMap<string, readonly string[]>>;
}

/** The recipe of a run. @param canonical its canonical config as canonical JSON */
export function recipeHash(canonical: string): string {
  return createHash('sha256').update(canonical).digest('hex');
}

/** Steps after which a trace has digests of the weights: the powers of two. */
export function isDigested(step: number): boolean {
  return Number.isInteger(Math.log2(step));
}

/** The bits of a loss, an f64, as 16 hexadecimal digits. */
export function lossBits(loss: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, loss);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

/** The line of a trace that an event makes; null: none. */
export function traceLine(event: TrainEvent): string | null {
  if (event.type === 'start') return JSON.stringify({ format: FORMAT, version: VERSION, recipe: event.recipe });
  if (event.type === 'step') return JSON.stringify({ step: event.step, loss: lossBits(event.loss) });
  if (event.type !== 'digests') return null;
  const tensors = event.tensors.map(({ name, digests }) => [name, digests]);
  return JSON.stringify({ step: event.step, tensors: Object.fromEntries(tensors) });
}

/** Whether a line of a trace is of a run that has done no more than `steps`. */
export function isUpTo(steps: number): (line: string) => boolean {
  return (line) => {
    const step = /^\{"step":(\d+),/.exec(line)?.[1];
    return step === undefined || Number(step) <= steps;
  };
}

/** @throws {ModelFileError} TRACE_FORMAT with the number of the line */
export function parseTrace(text: string, file: string): Trace {
  const losses = new Map<number, string>();
  const digests = new Map<number, Map<string, readonly string[]>>();
  let recipe: string | null = null;
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const fields = parseLine(line, `${file}:${i + 1}`);
    const { step, loss, tensors } = fields;
    if (recipe === null && fields.format === FORMAT && fields.version === VERSION && typeof fields.recipe === 'string')
      recipe = fields.recipe;
    else if (recipe !== null && isStep(step) && typeof loss === 'string') losses.set(step, loss);
    else if (recipe !== null && isStep(step) && isTensors(tensors)) digests.set(step, new Map(Object.entries(tensors)));
    else throw unknown(`${file}:${i + 1}`, 'it has neither the loss of a step nor digests of weights');
  }
  if (recipe === null) throw unknown(`${file}:1`, 'it is empty');
  return { recipe, losses, digests };
}

function parseLine(line: string, place: string): Readonly<Record<string, unknown>> {
  try {
    const value = parseJson(line);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw unknown(place, cause.message);
  }
  throw unknown(place, 'it is no object');
}

function unknown(place: string, reason: string): ModelFileError {
  return new ModelFileError('TRACE_FORMAT', `${place}: this is no line of a trace of version ${VERSION}: ${reason}`);
}

function isStep(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isTensors(value: unknown): value is Readonly<Record<string, string[]>> {
  const isList = (item: unknown): boolean => Array.isArray(item) && item.every((digest) => typeof digest === 'string');
  return typeof value === 'object' && value !== null && Object.values(value).every(isList);
}
