import path from 'node:path';
import {
  type Config,
  canonicalJson,
  compactOrigin,
  decodeUtf8,
  fingerprintOf,
  type ModelContents,
  ModelFileError,
  openModelFile,
  readModelFile,
  runtimeInfo,
  type TrainEvent,
  train,
} from 'sparsetag';
import type { Arguments } from '../arguments.js';
import { type Command, DATA, JSON_OPTION } from '../command.js';
import { readConfig } from '../config-file.js';
import { readConfigVectors } from '../corpus-files.js';
import { dataDirectory } from '../data/cache.js';
import { EXIT } from '../exit-codes.js';
import { readModel, readModelBytes, readTextFile } from '../files.js';
import { TrainProgressView } from '../render/train-progress.js';
import { formatVerification, type Verification } from '../render/verification.js';
import { RUNTIME_OPTIONS, runtimeOptionsOf } from '../runtime-options.js';
import { isDigested, parseTrace, recipeHash, type Trace } from '../trace.js';
import { UsageError } from '../usage-error.js';
import { type Difference, modelDifference, TraceComparison } from '../verify/comparison.js';
import { findCorpora } from '../verify/find-data.js';
import { likeModel, type OtherInputs, recipeOf, requireRecipe } from '../verify/recipe.js';
import { kernelHash } from '../version-report.js';

export const verify: Command = {
  name: 'verify',
  summary: 'train a model again and compare, bit by bit',
  usage: 'MODEL [FILE|DIR...] [options]',
  description: `Trains again what a model file says it is: its config names the data by content, and the files are found by content among those
given, those that --config names, and the folder of data sets that is named like the corpus. With the trace beside the model
(model.trace.jsonl) the first different step is told, and --steps compares only the first steps. A compact model is made compact again. Exit
status 5: not the same.`,
  options: {
    config: { value: 'FILE', short: 'c', help: 'config that names the files; every setting is taken from the model all the same' },
    vectors: { value: 'FILE', help: 'the word vectors, if the model has some' },
    subnets: { value: 'MODEL', help: 'the model whose masks it took, if it did' },
    steps: { value: 'N', help: 'train N steps again and compare them with the trace' },
    trace: { value: 'FILE', help: 'the trace, if it is not beside the model' },
    data: DATA,
    ...RUNTIME_OPTIONS,
    json: JSON_OPTION,
  },
  takesSettings: false,
  positionals: [1, Number.POSITIVE_INFINITY],
  examples: [
    ['sparsetag verify runs/first/model.safetensors --config examples/quickstart.json', 'the whole training again'],
    ['sparsetag verify model.safetensors train.txt dev.txt test.txt --steps 200', 'its first 200 steps'],
  ],
  async run(args, host) {
    const [file, ...places] = args.positionals as [string, ...string[]];
    const runtime = runtimeOptionsOf(args, host);
    const steps = stepsOf(args);
    const { fingerprint, contents } = await readModel(file, openModelFile);
    const config = recipeOf(contents);
    const recipe = recipeHash(canonicalJson(contents.config));
    const trace = await readTrace(file, args, recipe);
    if (steps !== null && !trace)
      throw new UsageError('--steps compares with a trace, and there is none beside the model', 'name it with --trace');
    const signal = host.interruptible();
    const named = args.value('config') === undefined ? null : await readConfig(args.value('config')!, [], args.value('data'));
    const folders = config.corpora.map(({ name }) => path.join(dataDirectory(args.value('data')), name));
    const ofConfig = named?.corpora.flatMap(({ train, dev, test }) => (test === null ? [train, dev] : [train, dev, test])) ?? [];
    const corpora = await findCorpora(config, places, [...ofConfig, ...folders]);
    const options = { ...(await otherInputs(config, named, args, signal)), signal, runtime };
    requireRecipe(contents, config, corpora, options);

    const view = new TrainProgressView(host.terminal);
    const comparison = new TraceComparison(trace);
    let done = 0;
    let again: (TrainEvent & { readonly type: 'done' }) | null = null;
    for await (const event of train(config, corpora, { ...options, digestsAfter: isDigested, checkpointAfter: () => false })) {
      // One step more than asked for: what follows the last one is compared too.
      if (event.type === 'step' && steps !== null && event.step > steps && comparison.differences.length === 0) break;
      view.show(event);
      comparison.check(event);
      if (event.type === 'step') done = event.step;
      if (comparison.isSettled) break;
      if (event.type === 'done') again = event;
    }
    view.end();
    const made = again && likeModel(contents, readModelFile(again.model), options);
    const found = made && fingerprintOf(made);
    const isOther = made !== null && found !== fingerprint;
    const differences = [...comparison.differences, ...(isOther ? differencesOf(contents, made) : [])];
    const equal = differences.length === 0;
    const result: Verification = {
      schema: 1,
      equal,
      steps: done,
      fingerprint,
      found,
      source: compactOrigin(contents)?.source ?? null,
      recipe,
      wasm: await kernelHash(runtimeInfo(runtime).build),
      corpora: contents.corpora,
      differences,
    };
    await host.write(args.has('json') ? `${JSON.stringify(result)}\n` : formatVerification(result));
    return equal ? EXIT.ok : EXIT.mismatch;
  },
};

function stepsOf(args: Arguments): number | null {
  const text = args.value('steps');
  if (text === undefined) return null;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--steps: expected a number from 1; found ${text}`);
}

async function otherInputs(config: Config, named: Config | null, args: Arguments, signal: AbortSignal): Promise<OtherInputs> {
  const fileOf = (group: 'vectors' | 'subnets'): string | null => {
    if (config[group].file === null) return null;
    const file = args.value(group) ?? named?.[group].file ?? null;
    if (file !== null) return file;
    throw new UsageError(`the model was trained with ${group} of a file`, `name it with --${group}, or --config`);
  };
  const vectors = await readConfigVectors({ ...config, vectors: { ...config.vectors, file: fileOf('vectors') } }, signal);
  const subnets = fileOf('subnets');
  return { vectors, subnets: subnets === null ? null : await readModelBytes(subnets, openModelFile) };
}

/** @throws {ModelFileError} TRACE_RECIPE for the trace of another run */
async function readTrace(model: string, args: Arguments, recipe: string): Promise<Trace | null> {
  const named = args.value('trace');
  const file = named ?? model.replace(/(\.safetensors)?$/, '.trace.jsonl');
  const bytes = await readTextFile(file).catch((error: unknown) => {
    if (named !== undefined) throw error;
    return null;
  });
  if (bytes === null) return null;
  const trace = parseTrace(decodeUtf8(bytes, file), file);
  if (trace.recipe === recipe) return trace;
  throw new ModelFileError(
    'TRACE_RECIPE',
    `${file} is the trace of a run with another config or other data than the model's; name the right one with --trace`,
  );
}

/** Models with other fingerprints differ at least in what was found out about them. */
function differencesOf(model: ModelContents, other: ModelContents): Difference[] {
  return [modelDifference(model, other) ?? { step: null, what: 'results', elements: null, expected: null, found: null }];
}
