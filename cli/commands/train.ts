import { KernelProfile, readModelFile, type TrainReport, train as trainModel } from 'sparsetag';
import type { Arguments } from '../arguments.js';
import { type Command, DATA, JSON_OPTION } from '../command.js';
import { readConfig } from '../config-file.js';
import { readConfigVectors, readCorpora } from '../corpus-files.js';
import { EXIT } from '../exit-codes.js';
import { displayName, readModelBytes } from '../files.js';
import type { Host } from '../host.js';
import { formatProfile, formatReport } from '../render/report.js';
import { TrainProgressView } from '../render/train-progress.js';
import { RunFolder, type RunReport } from '../run-folder.js';
import { UsageError } from '../usage-error.js';

export const train: Command = {
  name: 'train',
  summary: 'train a model as a config says',
  usage: '--config FILE --out DIR [options]',
  description: `Trains taggers for the tasks of a config and writes to DIR: model.safetensors, report.json, config.json (all that
decides the bits), events.jsonl, and checkpoint.safetensors while it runs. The same config, data and seed give the same
model file, byte for byte, also after an interruption and --resume.`,
  options: {
    config: { value: 'FILE', short: 'c', help: 'JSON file of settings; its paths are relative to it' },
    out: { value: 'DIR', short: 'o', help: 'folder of the run' },
    seed: { value: 'N', help: 'the same as --seed=N among the settings' },
    data: DATA,
    resume: { help: 'go on from the checkpoint in DIR, if there is one' },
    force: { help: 'replace an earlier run in DIR' },
    profile: { help: 'time every kernel; adds a table to the report' },
    json: { ...JSON_OPTION, help: 'write the report to standard output as JSON' },
  },
  takesSettings: true,
  positionals: [0, 0],
  examples: [
    ['sparsetag train --config examples/quickstart.json --out runs/first', 'a first model'],
    ['sparsetag train -c my.json -o runs/hard --train.sharing=hard --seed 2', 'the same with other settings'],
    ['sparsetag train -c my.json -o runs/crf --tasks.ner.head=crf --json > report.json', 'the report for a program'],
  ],
  async run(args, host) {
    const config = await readConfig(required(args, 'config'), settingsOf(args), args.value('data'));
    const signal = host.interruptible();
    const corpora = await readCorpora(config);
    const vectors = await readConfigVectors(config, signal);
    const subnets = config.subnets.file === null ? null : await readModelBytes(config.subnets.file);
    const folder = await RunFolder.open(required(args, 'out'), { resume: args.has('resume'), force: args.has('force') });
    const startedAt = performance.now();
    const view = new TrainProgressView(host.terminal);
    const profile = args.has('profile') ? new KernelProfile(() => performance.now()) : undefined;
    const options = { vectors, subnets, signal, resume: folder.checkpoint ?? undefined, runtime: { profile } };
    try {
      for await (const event of trainModel(config, corpora, options)) {
        view.show(event);
        await folder.record(event);
        if (event.type !== 'done') continue;
        view.end();
        const report = addCosts(event.report, view.tokensPerSecond, (performance.now() - startedAt) / 1000, profile);
        await folder.finish(event.model, readModelFile(event.model).config, report);
        await announce(report, folder, args, host);
      }
    } catch (error) {
      view.end();
      await folder.close().catch(() => {});
      if (signal.aborted)
        host.note(`stopped; the same command with --resume goes on from the last checkpoint in ${displayName(folder.path)}`);
      throw error;
    }
    return EXIT.ok;
  },
};

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
  if (args.has('json')) await host.write(`${JSON.stringify(report)}\n`);
  else await host.write(formatReport(report) + (report.profile ? formatProfile(report.profile, report.wallSeconds) : ''));
}
