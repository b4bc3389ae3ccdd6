import {
  type Config,
  type Corpus,
  canonicalConfig,
  canonicalJson,
  configSchema,
  contentHashes,
  KernelProfile,
  type ModelContents,
  openModelFile,
  ResourceError,
  readModelFile,
  type TrainEvent,
  type TrainOptions,
  type TrainReport,
  train as trainModel,
  type WordVectors,
} from 'sparsetag';
import type { Arguments } from '../arguments.js';
import { CHECKPOINT_OPTIONS, checkpointsOf } from '../checkpoint-interval.js';
import { type Command, DATA, JSON_OPTION } from '../command.js';
import { readConfig } from '../config-file.js';
import { readConfigVectors, readCorpora } from '../corpus-files.js';
import { EXIT } from '../exit-codes.js';
import { displayName, readModelBytes } from '../files.js';
import type { Host } from '../host.js';
import { writePictures } from '../pictures/write-pictures.js';
import { formatPlan } from '../render/plan.js';
import { formatProfile, formatReport } from '../render/report.js';
import { TrainProgressView } from '../render/train-progress.js';
import { RunFolder, type RunReport } from '../run-folder.js';
import { RUNTIME_OPTIONS, runtimeOptionsOf } from '../runtime-options.js';
import { isDigested, recipeHash } from '../trace.js';
import { UsageError } from '../usage-error.js';

export const train: Command = {
  name: 'train',
  summary: 'train a model as a config says',
  usage: '--config FILE --out DIR [options]',
  description: `Trains taggers for the tasks of a config and writes to DIR: model.safetensors, report.json, config.json (all that
decides the bits), events.jsonl, pictures of masks and training (pictures/index.html), model.trace.jsonl for sparsetag verify,
and while it runs its last two checkpoints. SIGINT and SIGTERM write a checkpoint and end it; a second one ends it at once.
The same config, data and seed give the same model file, byte for byte, also after an interruption and --resume.`,
  options: {
    config: { value: 'FILE', short: 'c', help: 'JSON file of settings; its paths are relative to it' },
    out: { value: 'DIR', short: 'o', help: 'folder of the run' },
    seed: { value: 'N', help: 'the same as --seed=N among the settings' },
    data: DATA,
    resume: { help: 'go on from the newest whole checkpoint in DIR, if there is one' },
    force: { help: 'replace an earlier run in DIR' },
    schema: { help: 'print the JSON Schema of config files and end' },
    'print-config': { help: 'print all that decides the bits, as the model file will hold it, and its SHA-256; train nothing' },
    'dry-run': { help: 'read and check everything and say what would be trained; train nothing' },
    ...CHECKPOINT_OPTIONS,
    ...RUNTIME_OPTIONS,
    profile: { help: 'time every kernel; adds a table to the report' },
    json: { ...JSON_OPTION, help: 'write the report to standard output as JSON' },
    jsonl: { help: 'write every event to standard output as JSON Lines, steps included' },
  },
  takesSettings: true,
  listsSettings: true,
  positionals: [0, 0],
  examples: [
    ['sparsetag train --config examples/quickstart.json --out runs/first', 'a first model'],
    ['sparsetag train -c my.json -o runs/hard --train.sharing=hard --seed 2', 'the same with other settings'],
    ['sparsetag train -c my.json --dry-run', 'what would be trained: tasks, phases, steps, memory'],
    ['sparsetag train -c my.json -o runs/crf --tasks.ner.head=crf --json > report.json', 'the report for a program'],
  ],
  async run(args, host) {
    if (args.has('schema')) {
      await host.write(`${JSON.stringify(configSchema(), null, 2)}\n`);
      return EXIT.ok;
    }
    const runtime = runtimeOptionsOf(args, host);
    const checkpointAfter = checkpointsOf(args);
    const config = await readConfig(required(args, 'config'), settingsOf(args), args.value('data'));
    const signal = host.interruptible();
    const corpora = await readCorpora(config);
    const vectors = await readConfigVectors(config, signal);
    const subnets = config.subnets.file === null ? null : await readModelBytes(config.subnets.file, openModelFile);
    if (args.has('print-config')) {
      await printConfig(config, corpora, vectors, subnets, host);
      return EXIT.ok;
    }
    if (args.has('dry-run')) {
      await dryRun(config, corpora, { vectors, subnets, runtime }, host);
      return EXIT.ok;
    }
    const folder = await RunFolder.open(required(args, 'out'), { resume: args.has('resume'), force: args.has('force'), note: host.note });
    const startedAt = performance.now();
    const view = new TrainProgressView(host.terminal);
    const profile = args.has('profile') ? new KernelProfile(() => performance.now()) : undefined;
    const options = { vectors, subnets, signal, checkpointAfter, digestsAfter: isDigested, runtime: { ...runtime, profile } };
    try {
      for await (const event of trainModel(config, corpora, { ...options, resume: folder.takeCheckpoint() ?? undefined })) {
        view.show(event);
        await folder.record(event);
        if (args.has('jsonl')) await writeEvent(event, host);
        if (event.type !== 'done') continue;
        view.end();
        const report = addCosts(event.report, view.tokensPerSecond, (performance.now() - startedAt) / 1000, profile);
        const contents = readModelFile(event.model);
        await folder.finish(event.model, contents.config, report);
        await drawPictures(folder, contents, host);
        await announce(report, folder, args, host);
      }
    } catch (error) {
      view.end();
      await folder.close().catch(() => {});
      if (signal.aborted || error instanceof ResourceError) noteResumable(folder, host);
      throw error;
    }
    return EXIT.ok;
  },
};

/** A run is finished without its pictures, too. */
async function drawPictures(folder: RunFolder, contents: ModelContents, host: Host): Promise<void> {
  await writePictures(folder.file('pictures'), contents, folder.path).catch((error: unknown) => {
    if (!(error instanceof ResourceError)) throw error;
    host.note(`${error.message}; sparsetag inspect ${displayName(folder.path)} --pictures DIR draws them elsewhere`);
  });
}

function noteResumable({ savedSteps }: RunFolder, host: Host): void {
  if (savedSteps === null) host.note('stopped; there is no checkpoint yet, so the same command begins again');
  else host.note(`stopped; the same command with --resume goes on after step ${savedSteps}`);
}

/** The canonical config, and its hash on standard error: equal hashes, equal models. */
async function printConfig(
  config: Config,
  corpora: readonly Corpus[],
  vectors: WordVectors | null,
  subnets: Uint8Array | null,
  host: Host,
): Promise<void> {
  const fingerprint = subnets && openModelFile(subnets).fingerprint;
  const canonical = canonicalConfig(config, contentHashes(config, corpora, vectors, fingerprint));
  const text = canonicalJson(canonical);
  host.note(`sha256 ${recipeHash(text)} (of the canonical JSON, keys sorted, no spaces)`);
  await host.write(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
}

/** Begins a run and ends it before its first step: corpora are encoded and memory is taken, so what would fail there fails here. */
async function dryRun(config: Config, corpora: readonly Corpus[], options: TrainOptions, host: Host): Promise<void> {
  for await (const event of trainModel(config, corpora, options)) {
    if (event.type !== 'start') break;
    await host.write(formatPlan(event, corpora));
  }
}

/** An event as a line for other programs: `done` without the model, `checkpoint` without its bytes. */
async function writeEvent(event: TrainEvent, host: Host): Promise<void> {
  const { ...fields } = event as Record<string, unknown>;
  delete fields.model;
  delete fields.bytes;
  delete fields.parts;
  await host.write(`${JSON.stringify({ schema: 1, ...fields })}\n`);
}

function required(args: Arguments, name: string): string {
  const value = args.value(name);
  if (value !== undefined) return value;
  throw new UsageError(`sparsetag train needs --${name}`, `usage: sparsetag train ${train.usage}`);
}

function settingsOf(args: Arguments): (readonly [string, string])[] {
  const seed = args.value('seed');
  return seed === undefined ? [...args.settings] : [...args.settings, ['seed', seed]];
}

function addCosts(report: TrainReport, tokensPerSecond: number, wallSeconds: number, profile: KernelProfile | undefined): RunReport {
  const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
  return { ...report, tokensPerSecond, wallSeconds, peakMemoryBytes, ...(profile && { profile: profile.costs }) };
}

async function announce(report: RunReport, folder: RunFolder, args: Arguments, host: Host): Promise<void> {
  host.note(`\nmodel: ${displayName(folder.file('model'))}\n`);
  if (args.has('jsonl')) return;
  if (args.has('json')) await host.write(`${JSON.stringify(report)}\n`);
  else await host.write(formatReport(report) + (report.profile ? formatProfile(report.profile, report.wallSeconds) : ''));
}
