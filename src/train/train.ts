import { canonicalConfig, NUMERICS_VERSION } from '../config/canonical.js';
import type { Config } from '../config/config.js';
import { resolveConfig } from '../config/validate.js';
import type { Corpus, WordVectors } from '../data/sentence.js';
import { ConfigError, ModelFileError } from '../errors.js';
import { maskOverlap } from '../evaluate/overlap.js';
import { canonicalJson, toJsonValue } from '../io/canonical-json.js';
import { concatenate } from '../io/container.js';
import type { ModelContents } from '../io/model-contents.js';
import { openModelFile, sealModelFile } from '../io/model-file.js';
import { sha256Hex } from '../io/sha256.js';
import { pauseForHost } from '../runtime/pause.js';
import { createRuntime, type RuntimeOptions } from '../runtime/runtime.js';
import { checkpointParts, readCheckpoint } from './checkpoint.js';
import { contentHashes } from './content-hashes.js';
import type { TaskReport, TrainEvent, TrainReport } from './events.js';
import { type FinishedNetwork, finishNetwork } from './finished-network.js';
import { NetworkRun, type Progress, type RunHooks } from './network-run.js';
import { Pauses } from './pauses.js';
import { type NetworkPlan, planNetworks, plannedSteps, planPhases } from './phases.js';
import { metricOf } from './score.js';
import { encodeCorpora, type TrainingData, trainSentences } from './task-data.js';

export interface TrainOptions {
  /** Word vectors, if the config names a file of them; none: random rows. */
  readonly vectors?: WordVectors | null;
  /** Bytes of the model file that `subnets.file` of the config names. */
  readonly subnets?: Uint8Array | null;
  /** Stops the run within a step, and within a part of a long one: a last `checkpoint` event, then the generator throws the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Whether a `checkpoint` event shall follow a step; asked after every step, with the number of steps done in the whole run.
   * Default: one follows each epoch instead.
   */
  readonly checkpointAfter?: (step: number) => boolean;
  /** Whether a `digests` event shall follow a step; default: never. */
  readonly digestsAfter?: (step: number) => boolean;
  /** Whether a `masks` event shall follow each round that prunes; default: no. */
  readonly masks?: boolean;
  readonly runtime?: RuntimeOptions;
  /** Bytes of a `checkpoint` event of the same config and corpora: continue from there to the same fingerprint. */
  readonly resume?: Uint8Array;
}

/**
 * Trains taggers as the config says and yields what happens; it prints nothing and writes no file. The last event,
 * `done`, has the model file. Tasks share one network (`hard`, `sparse`) or have one each (`single`).
 *
 * Same config, corpora and vectors: same model bytes, whatever the host, the build of the kernels or an interruption.
 *
 * @param corpora those that the config names, in any order
 * @throws {ConfigError} {CorpusError} {NumericsError} {ResourceError} {CapabilityError} {ModelFileError}, or the signal's reason
 */
export function train(config: Config, corpora: readonly Corpus[], options: TrainOptions = {}): AsyncGenerator<TrainEvent> {
  const { resume = null, ...rest } = options;
  return run(config, corpora, rest, { checkpoint: resume });
}

/** @param begin is emptied, for a checkpoint that is kept while the run goes on takes as much memory as its weights */
async function* run(
  given: Config,
  corpora: readonly Corpus[],
  options: Omit<TrainOptions, 'resume'>,
  begin: { checkpoint: Uint8Array | null },
): AsyncGenerator<TrainEvent> {
  const { signal, vectors = null, checkpointAfter, digestsAfter, masks = false } = options;
  // Until the first step there is nothing to save.
  const look = async (): Promise<void> => {
    await pauseForHost();
    signal?.throwIfAborted();
  };
  signal?.throwIfAborted();
  // A program may give what a config file holds, or what is none.
  const config = resolveConfig(given);
  requireData(config, corpora, vectors, options.subnets ?? null);
  const data = encodeCorpora(config, corpora, vectors);
  await look();
  const subnets = options.subnets ? openModelFile(options.subnets) : null;
  const hashes = contentHashes(config, corpora, vectors, subnets?.fingerprint ?? null);
  await look();
  const canonical = canonicalConfig(config, hashes);
  const plans = planNetworks(config.train.sharing, config.tasks.length);
  let resumed = begin.checkpoint && readCheckpoint(begin.checkpoint, canonical);
  begin.checkpoint = null;
  const finished: FinishedNetwork[] = resumed ? [...resumed.finished] : [];
  requirePlanned(finished, plans);
  const pauses = new Pauses(signal, pauseForHost);
  let progress: Progress = { steps: 0, tokens: 0, totalSteps: 0 };
  let wasm: Uint8Array | null = null;

  for (const [g, plan] of plans.entries()) {
    if (g < finished.length) continue;
    const runtime = await createRuntime(options.runtime);
    wasm = runtime.wasmBytes;
    try {
      const network = new NetworkRun(runtime, config, data, vectors, subnets?.contents ?? null, plan);
      if (progress.totalSteps === 0) {
        await look();
        const phases = plans.flatMap((each) => planPhases(config, each, network.keepCounts));
        const totalSteps = phases.reduce((sum, phase) => sum + plannedSteps(phase, trainSentences(data), config.train.batchSize), 0);
        progress = { steps: resumed?.steps ?? 0, tokens: resumed?.tokens ?? 0, totalSteps };
        yield startEvent(config, sha256Hex(canonicalJson(canonical)), data, network, runtime.arena.regions, progress);
      }
      const checkpoint = (): TrainEvent => {
        const { steps, tokens } = progress;
        const parts = () => checkpointParts({ config: canonical, steps, tokens, finished, current: network.save() });
        return { type: 'checkpoint', step: steps, parts, bytes: () => concatenate(parts()) };
      };
      if (resumed) network.restore(resumed.current);
      resumed = null;
      try {
        const hooks: RunHooks = { signal, progress, checkpointAfter, digestsAfter, masks, checkpoint, pauses };
        yield* network.run(hooks);
        finished.push(
          await finishNetwork(network, plan.finished, plans.length > 1 ? config.tasks[plan.finished[0]!]!.name : 'shared', pauses),
        );
      } catch (error) {
        // Where a run looks at its signal, its state is that of its last whole step.
        if (signal?.aborted && error === signal.reason) yield checkpoint();
        throw error;
      }
    } finally {
      runtime.dispose();
    }
  }

  const contents = modelContents(config, canonical, hashes, data, finished);
  const { file, fingerprint } = sealModelFile(contents);
  const origin = { fingerprint, corpora: contents.corpora, wasm: wasm && sha256Hex(wasm) };
  yield { type: 'done', model: file, report: makeReport(config, finished, origin, progress) };
}

/** @throws {ModelFileError} CHECKPOINT_STATE where networks in a checkpoint are not the first of those that the config asks for */
function requirePlanned(finished: readonly FinishedNetwork[], plans: readonly NetworkPlan[]): void {
  const isPlanned = finished.every(
    ({ tasks, prunable }, g) =>
      tasks.map(({ index }) => index).join() === plans[g]?.finished.join() && prunable > 0 && tasks.every(({ kept }) => kept <= prunable),
  );
  if (!isPlanned)
    throw new ModelFileError(
      'CHECKPOINT_STATE',
      'the trained networks in the checkpoint are not those of its config; go on from another, or begin anew',
    );
}

function startEvent(
  config: Config,
  recipe: string,
  data: TrainingData,
  run: NetworkRun,
  regions: readonly { readonly name: string; readonly bytes: number }[],
  { totalSteps }: Progress,
): TrainEvent {
  const { table } = run.network;
  return {
    type: 'start',
    config,
    recipe,
    words: data.words.vocabulary.size,
    characters: data.characters.size,
    parameters: table.parameters.reduce((sum, { size }) => sum + size, 0),
    prunable: table.prunableCount,
    totalSteps,
    memory: regions.map(({ name, bytes }) => ({ name, bytes })),
  };
}

/** The config says what a run was trained on: whatever it names must be given, and nothing else may be used. */
function requireData(config: Config, corpora: readonly Corpus[], vectors: WordVectors | null, subnets: Uint8Array | null): void {
  if ((subnets === null) !== (config.subnets.file === null)) {
    const message =
      subnets === null
        ? `the config takes its masks from ${config.subnets.file}, but that model was not given; pass its bytes as options.subnets`
        : 'a model was given to take masks from, but subnets.file of the config is null; name its file there';
    throw new ConfigError('CONFIG_SUBNETS', message);
  }
  for (const { name, test } of config.corpora) {
    const corpus = corpora.find((candidate) => candidate.name === name);
    if (corpus && (corpus.test === null) !== (test === null)) {
      const [has, not] = test === null ? ['was given with', 'names none'] : ['was given without', `names ${test}`];
      throw new ConfigError('CONFIG_CORPUS_SPLIT', `corpus ${name} ${has} a test split, but the config ${not}; make the two agree`);
    }
  }
  if ((vectors === null) !== (config.vectors.file === null)) {
    const message =
      vectors === null
        ? `the config names word vectors ${config.vectors.file}, but none were given; pass them as options.vectors`
        : 'word vectors were given, but vectors.file of the config is null; name their file there';
    throw new ConfigError('CONFIG_VECTORS', message);
  }
}

function modelContents(
  config: Config,
  canonical: ReturnType<typeof canonicalConfig>,
  hashes: ReadonlyMap<string, string>,
  data: TrainingData,
  finished: readonly FinishedNetwork[],
): ModelContents {
  return {
    numericsVersion: `${NUMERICS_VERSION}`,
    config: toJsonValue(canonical),
    corpora: config.corpora.map(({ name, train, dev, test }) => ({
      name,
      hashes: {
        train: hashes.get(train)!,
        dev: hashes.get(dev)!,
        test: test === null ? null : hashes.get(test)!,
      },
    })),
    vocabulary: { words: data.words.vocabulary.items, characters: data.characters.items },
    tasks: data.tasks.map(({ index, config: task, tags }) => ({
      name: task.name,
      type: task.type,
      head: task.head,
      scheme: task.type === 'spans' ? task.modelScheme : null,
      tags: tags.items,
      network: finished.find((network) => network.tasks.some((t) => t.index === index))!.name,
    })),
    networks: finished.map(({ name, tensors, masks }) => ({ name, tensors, masks })),
    results: toJsonValue({ tasks: tasksOf(config, finished).map(([name, report]) => ({ name, ...report })) }),
  };
}

/** Reports by task, in the order of the config. */
function tasksOf(config: Config, finished: readonly FinishedNetwork[]): [string, TaskReport][] {
  return config.tasks.map((task, index) => {
    const network = finished.find(({ tasks }) => tasks.some((t) => t.index === index))!;
    const own = network.tasks.find((t) => t.index === index)!;
    return [
      task.name,
      {
        metric: metricOf(task),
        dev: own.dev,
        test: own.test,
        kept: own.kept,
        keptFraction: own.kept / network.prunable,
        epoch: network.epoch,
        round: own.round,
      },
    ];
  });
}

function makeReport(
  config: Config,
  finished: readonly FinishedNetwork[],
  origin: Pick<TrainReport, 'fingerprint' | 'corpora' | 'wasm'>,
  progress: Progress,
): TrainReport {
  const masks = config.train.sharing === 'single' ? [] : finished.flatMap(({ tasks }) => tasks.map(({ mask }) => mask));
  const overlap = masks.length > 1 ? maskOverlap(masks, finished[0]!.prunable) : null;
  return {
    schema: 1,
    ...origin,
    sharing: config.train.sharing,
    seed: config.seed,
    tasks: Object.fromEntries(tasksOf(config, finished)),
    prunable: finished[0]!.prunable,
    union: overlap?.union ?? finished[0]!.tasks[0]!.kept,
    overlap: overlap && { raw: overlap.raw, chance: overlap.chance, corrected: overlap.corrected },
    steps: progress.steps,
    tokens: progress.tokens,
  };
}
