import type { Config } from '../config/config.js';
import type { Corpus } from '../data/sentence.js';
import { CapabilityError } from '../errors.js';
import { canonicalJson, toJsonValue } from '../io/canonical-json.js';
import { readModelFile, writeModelFile } from '../io/model-file.js';
import { Sha256, sha256Hex } from '../io/sha256.js';
import { pauseForHost } from '../runtime/pause.js';
import { createRuntime, type RuntimeOptions } from '../runtime/runtime.js';
import { runtimeInfo } from '../runtime/runtime-info.js';
import { type ScoredSentence, Tagger } from '../tagger/tagger.js';
import { splitText } from '../text/sentences.js';
import { type TrainOptions, train } from '../train/train.js';
import goldens from './goldens.json' with { type: 'json' };
import { KERNEL_CASES } from './kernel-cases.js';
import { Probe } from './probe.js';
import { conformanceConfigs, conformanceCorpus } from './trainings.js';

export { SYNTHETIC_COLUMNS, syntheticSplitSentences, syntheticSplits } from './synthetic-corpus.js';

/** Build, threads and choice of kernels that the suite runs on, and where they lie. */
export interface ConformanceOptions extends RuntimeOptions {
  /** Stops the suite within one case or training step; the generator throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The outcome of one case. */
export interface ConformanceResult {
  readonly name: string;
  /** SHA-256 of what was computed here. */
  readonly digest: string;
  /** What it is everywhere; `null` for a case that has no golden digest, which fails. */
  readonly expected: string | null;
  readonly equal: boolean;
}

const GOLDENS: Readonly<Record<string, string>> = goldens;

/** Names of all cases in the order of the suite. */
export const CONFORMANCE_CASES: readonly string[] = Object.keys(GOLDENS);

/** A text that is cut into sentences and tokens first; some words are those of the corpus, some are known to nobody. */
const TEXT = `Mek Saimon sagis ta stulik os. Dor Bank kopet 10 netas en Nord! "Wil ke fuset?" E.g. Straße, naïve ИВАН 3.14 wem;
a, x. Gruv Kor dekt un tis op ad: tis (wis) fo.`;

/**
 * Computes with every kernel, trains in every way of sharing, saves, loads and tags, on data that it makes itself, and
 * compares each outcome with its golden digest. A host on which all are equal gives the bits of every other one.
 *
 * @throws {CapabilityError} CONFORMANCE_THREADS when the host has no threads of this kind, and what `createRuntime` throws
 */
export async function* conformance({ signal, ...runtime }: ConformanceOptions = {}): AsyncGenerator<ConformanceResult> {
  const { reason } = runtimeInfo(runtime);
  if (reason !== null) throw new CapabilityError('CONFORMANCE_THREADS', `the suite cannot run on ${runtime.threads} threads: ${reason}`);
  for await (const [name, digest] of digests(runtime, signal)) {
    const expected = GOLDENS[name] ?? null;
    yield { name, digest, expected, equal: digest === expected };
  }
}

/** One digest of a whole suite: SHA-256 of the lines `DIGEST  NAME`, as `sha256sum` prints them. */
export function suiteDigest(results: readonly Pick<ConformanceResult, 'name' | 'digest'>[]): string {
  return sha256Hex(results.map(({ name, digest }) => `${digest}  ${name}\n`).join(''));
}

type Outcome = readonly [name: string, digest: string];

async function* digests(options: RuntimeOptions, signal: AbortSignal | undefined): AsyncGenerator<Outcome> {
  yield* kernelDigests(options, signal);
  const corpus = conformanceCorpus();
  for (const [name, config] of Object.entries(conformanceConfigs())) {
    const { losses, model } = await trainOnce(config, corpus, { runtime: options, signal });
    yield [`train ${name}: loss of every step`, losses];
    yield [`train ${name}: model file`, sha256Hex(model)];
    if (name === 'sparse') yield* modelDigests(model, options, signal);
  }
}

async function trainOnce(config: Config, corpus: Corpus, options: TrainOptions): Promise<{ losses: string; model: Uint8Array }> {
  const losses = new Sha256();
  for await (const event of train(config, [corpus], options)) {
    if (event.type === 'step') losses.update(new Uint8Array(Float64Array.of(event.loss).buffer));
    if (event.type === 'done') return { losses: losses.hex(), model: event.model };
  }
  throw new Error('a training ended without a model');
}

async function* kernelDigests(options: RuntimeOptions, signal: AbortSignal | undefined): AsyncGenerator<Outcome> {
  const runtime = await createRuntime(options);
  try {
    for (const [i, [name, run]] of Object.entries(KERNEL_CASES).entries()) {
      signal?.throwIfAborted();
      const probe = new Probe(runtime, i);
      run(probe);
      yield [`kernel ${name}`, probe.digest()];
      await pauseForHost();
    }
  } finally {
    runtime.dispose();
  }
}

async function* modelDigests(model: Uint8Array, options: RuntimeOptions, signal: AbortSignal | undefined): AsyncGenerator<Outcome> {
  yield ['saved model', sha256Hex(writeModelFile(readModelFile(model)))];
  const tagger = await Tagger.load(model, { runtime: options, signal });
  try {
    const sentences = splitText(TEXT).map(({ tokens }) => tokens);
    const scored = tagger.scoreBatch(sentences);
    const alone = sentences.flatMap((tokens) => tagger.scoreBatch([tokens]));
    yield ['tags of a text', tagsDigest(scored)];
    yield ['scores of a text', scoresDigest(scored)];
    yield ['scores of its sentences alone', scoresDigest(alone)];
  } finally {
    tagger.dispose();
  }
}

function tagsDigest(sentences: readonly ScoredSentence[]): string {
  const tags = sentences.map((tasks) => Object.entries(tasks).map(([name, task]) => [name, task.tags]));
  return sha256Hex(canonicalJson(toJsonValue(tags)));
}

function scoresDigest(sentences: readonly ScoredSentence[]): string {
  const hash = new Sha256();
  for (const tasks of sentences) {
    for (const { scores } of Object.values(tasks)) hash.update(new Uint8Array(scores.slice().buffer));
  }
  return hash.hex();
}
