import { createWriteStream, type WriteStream } from 'node:fs';
import { access, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { type KernelCost, ResourceError, type TrainEvent, type TrainReport } from 'sparsetag';
import { displayName, makeFolder, reasonOf, writeFileAtomically } from './files.js';
import { UsageError } from './usage-error.js';

/** What a run found out, and what it took. */
export interface RunReport extends TrainReport {
  readonly tokensPerSecond: number;
  readonly wallSeconds: number;
  readonly peakMemoryBytes: number;
  /** With `--profile`: what each kernel cost, the dearest first. */
  readonly profile?: readonly KernelCost[];
}

/** Names in a run folder. */
export const RUN_FILES = {
  model: 'model.safetensors',
  report: 'report.json',
  config: 'config.json',
  events: 'events.jsonl',
  checkpoint: 'checkpoint.safetensors',
  /** A folder. */
  pictures: 'pictures',
} as const;

/** The folder of one training run. */
export class RunFolder {
  #events: WriteStream | null = null;
  #eventsFailure: unknown = null;

  private constructor(
    readonly path: string,
    /** Where an earlier run of the folder stopped, or null to begin. */
    readonly checkpoint: Uint8Array | null,
  ) {}

  /**
   * Makes the folder ready for a run.
   *
   * @param resume go on from the folder's checkpoint
   * @param force throw an earlier run away
   * @throws {UsageError} when the folder holds a run that this one would destroy
   * @throws {ResourceError} RUN_FOLDER when it cannot be written
   */
  static async open(folder: string, { resume, force }: { readonly resume: boolean; readonly force: boolean }): Promise<RunFolder> {
    const file = (name: keyof typeof RUN_FILES) => path.join(folder, RUN_FILES[name]);
    const [isFinished, checkpoint] = await Promise.all([exists(file('model')), readIfThere(file('checkpoint'))]);
    if (isFinished && !force) {
      throw new UsageError(`${displayName(folder)} holds a finished run`, 'name another folder with --out, or replace it with --force');
    }
    if (checkpoint && !resume && !force) {
      throw new UsageError(
        `${displayName(folder)} holds a run that was interrupted`,
        'go on with it with --resume, or throw it away with --force',
      );
    }
    try {
      await makeFolder(folder);
      const isFresh = !resume || force || !checkpoint;
      if (isFresh) await Promise.all(Object.values(RUN_FILES).map((name) => rm(path.join(folder, name), { force: true, recursive: true })));
      const run = new RunFolder(folder, isFresh ? null : checkpoint);
      run.#openEvents(isFresh);
      return run;
    } catch (cause) {
      throw new ResourceError('RUN_FOLDER', `the run folder ${displayName(folder)} cannot be written: ${reasonOf(cause)}`, { cause });
    }
  }

  file(name: keyof typeof RUN_FILES): string {
    return path.join(this.path, RUN_FILES[name]);
  }

  #openEvents(isFresh: boolean): void {
    this.#events = createWriteStream(this.file('events'), { flags: isFresh ? 'w' : 'a' });
    this.#events.on('error', (error) => {
      this.#eventsFailure ??= error;
    });
  }

  /** Notes an event in `events.jsonl`. Steps are too many to be noted; what is bytes has files of its own. */
  async record(event: TrainEvent): Promise<void> {
    if (this.#eventsFailure) throw this.#eventsFailure;
    if (event.type === 'checkpoint') await writeFileAtomically(this.file('checkpoint'), event.bytes());
    const line = lineOf(event);
    if (line !== null) this.#events!.write(`${JSON.stringify(line)}\n`);
  }

  /** Writes what a finished run leaves behind; the model comes last, so that a folder with a model is complete. */
  async finish(model: Uint8Array, config: unknown, report: RunReport): Promise<void> {
    await this.close();
    await writeFileAtomically(this.file('config'), `${JSON.stringify(config, null, 2)}\n`);
    await writeFileAtomically(this.file('report'), `${JSON.stringify(report, null, 2)}\n`);
    await writeFileAtomically(this.file('model'), model);
    await rm(this.file('checkpoint'), { force: true });
  }

  async close(): Promise<void> {
    const stream = this.#events;
    this.#events = null;
    if (stream && !this.#eventsFailure) await new Promise<void>((resolve) => stream.end(resolve));
    if (this.#eventsFailure) throw this.#eventsFailure;
  }
}

function lineOf(event: TrainEvent): unknown {
  switch (event.type) {
    case 'step':
      return null;
    case 'checkpoint':
      return { type: event.type, step: event.step };
    case 'done':
      return { type: event.type, report: event.report };
    default:
      return event;
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function readIfThere(file: string): Promise<Uint8Array | null> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
}
