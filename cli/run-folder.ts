import { access, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { checkpointSteps, type KernelCost, ModelFileError, ResourceError, type TrainEvent, type TrainReport } from 'sparsetag';
import { isSystemError } from './exit-codes.js';
import { displayName, makeFolder, reasonOf, UNFINISHED, writeFileAtomically } from './files.js';
import { LineLog } from './line-log.js';
import { isUpTo, traceLine } from './trace.js';
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
  /** What `verify` compares another run with. */
  trace: 'model.trace.jsonl',
  report: 'report.json',
  config: 'config.json',
  events: 'events.jsonl',
  checkpoint: 'checkpoint.safetensors',
  /** The checkpoint before, for the case that the newest is damaged. */
  previous: 'checkpoint.previous.safetensors',
  /** A folder. */
  pictures: 'pictures',
} as const;

const CHECKPOINTS = ['checkpoint', 'previous'] as const;

/** Where an earlier run of a folder stopped. */
interface Resumable {
  readonly bytes: Uint8Array;
  readonly steps: number;
}

/**
 * The folder of one training run. What cannot be written while it trains (a full disk) is said, and tried again with what
 * comes next; only what a finished run leaves behind must be written.
 */
export class RunFolder {
  #resumable: Resumable | null;
  /** Steps that the newest whole checkpoint goes on after. */
  #saved: number | null;
  /** Whether the newest checkpoint may take the place of the one before. */
  #isNewestWhole: boolean;
  #trouble: string | null = null;

  private constructor(
    readonly path: string,
    found: Resumable | null,
    isNewestWhole: boolean,
    private readonly events: LineLog,
    private readonly trace: LineLog,
    private readonly note: (line: string) => void,
  ) {
    this.#resumable = found;
    this.#saved = found?.steps ?? null;
    this.#isNewestWhole = isNewestWhole;
  }

  /**
   * Makes the folder ready for a run.
   *
   * @param resume go on from the newest checkpoint of the folder that is whole
   * @param force throw an earlier run away
   * @param note takes a line for the person at the terminal
   * @throws {UsageError} when the folder holds a run that this one would destroy
   * @throws {ModelFileError} CHECKPOINT_UNUSABLE when there are checkpoints, and none of them is whole
   * @throws {ResourceError} RUN_FOLDER when it cannot be written
   */
  static async open(
    folder: string,
    { resume, force, note }: { readonly resume: boolean; readonly force: boolean; readonly note: (line: string) => void },
  ): Promise<RunFolder> {
    const file = (name: keyof typeof RUN_FILES) => path.join(folder, RUN_FILES[name]);
    const [isFinished, ...isStopped] = await Promise.all((['model', ...CHECKPOINTS] as const).map((name) => exists(file(name))));
    if (isFinished && !force) {
      throw new UsageError(`${displayName(folder)} holds a finished run`, 'name another folder with --out, or replace it with --force');
    }
    if (isStopped.includes(true) && !resume && !force) {
      throw new UsageError(
        `${displayName(folder)} holds a run that was interrupted`,
        'go on with it with --resume, or throw it away with --force',
      );
    }
    const [found, place] = force ? [null, 0] : await newestWhole(CHECKPOINTS.map(file), note);
    try {
      await makeFolder(folder);
      if (!found) await removeAll(folder, Object.values(RUN_FILES));
      const events = await LineLog.open(file('events'), () => found !== null);
      const trace = await LineLog.open(file('trace'), found ? isUpTo(found.steps) : () => false).catch(async (error: unknown) => {
        await events.close();
        throw error;
      });
      return new RunFolder(folder, found, place === 0, events, trace, note);
    } catch (cause) {
      throw new ResourceError('RUN_FOLDER', `the run folder ${displayName(folder)} cannot be written: ${reasonOf(cause)}`, { cause });
    }
  }

  file(name: keyof typeof RUN_FILES): string {
    return path.join(this.path, RUN_FILES[name]);
  }

  /** The checkpoint to go on from, or null to begin; it is given once, so that it need not be kept. */
  takeCheckpoint(): Uint8Array | null {
    const bytes = this.#resumable?.bytes ?? null;
    this.#resumable = null;
    return bytes;
  }

  /** Steps that `--resume` would go on after; null: there is no checkpoint. */
  get savedSteps(): number | null {
    return this.#saved;
  }

  /** Notes an event. Steps go to the trace alone; what is bytes has files of its own. */
  async record(event: TrainEvent): Promise<void> {
    const traced = event.type === 'start' && !this.trace.isEmpty ? null : traceLine(event);
    if (traced !== null) this.trace.add(traced);
    const line = lineOf(event);
    if (line !== null) this.events.add(JSON.stringify(line));
    if (event.type === 'checkpoint') await this.#whileWritable(() => this.#save(event));
    if (line !== null) await this.#whileWritable(() => this.events.flush());
  }

  async #save(checkpoint: TrainEvent & { readonly type: 'checkpoint' }): Promise<void> {
    await this.trace.flush();
    const displaced = this.#saved !== null && this.#isNewestWhole ? this.file('previous') : undefined;
    await writeFileAtomically(this.file('checkpoint'), checkpoint.parts(), displaced);
    this.#saved = checkpoint.step;
    this.#isNewestWhole = true;
  }

  /** Does what the disk may refuse. A refusal is said when it is first met; the run goes on. */
  async #whileWritable(write: () => Promise<void>): Promise<void> {
    try {
      await write();
      this.#trouble = null;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const reason = reasonOf(error);
      if (reason === this.#trouble) return;
      this.#trouble = reason;
      const stays = this.#saved === null ? 'there is no checkpoint yet' : `the checkpoint of step ${this.#saved} stays as it is`;
      this.note(`${displayName(this.path)} cannot be written: ${reason}; the training goes on, and ${stays}`);
    }
  }

  /**
   * Writes what a finished run leaves behind; the model comes last, so that a folder with a model is complete.
   * @throws {ResourceError} RUN_FOLDER; the checkpoints are still there
   */
  async finish(model: Uint8Array, config: unknown, report: RunReport): Promise<void> {
    try {
      await this.close();
      await writeFileAtomically(this.file('config'), `${JSON.stringify(config, null, 2)}\n`);
      await writeFileAtomically(this.file('report'), `${JSON.stringify(report, null, 2)}\n`);
      await writeFileAtomically(this.file('model'), model);
    } catch (cause) {
      if (!isSystemError(cause)) throw cause;
      const message = `the finished run cannot be written to ${displayName(this.path)}: ${reasonOf(cause)}; make room and go on with --resume`;
      throw new ResourceError('RUN_FOLDER', message, { cause });
    }
    await removeAll(
      this.path,
      CHECKPOINTS.flatMap((name) => [RUN_FILES[name], `${RUN_FILES[name]}${UNFINISHED}`]),
    );
  }

  /** Writes what is left of the logs. */
  async close(): Promise<void> {
    try {
      await this.trace.close();
    } finally {
      await this.events.close();
    }
  }
}

/**
 * The first checkpoint of a list that is whole, with its place; null where there are none.
 * @throws {ModelFileError} CHECKPOINT_UNUSABLE when there are some, but all are damaged
 */
async function newestWhole(files: readonly string[], note: (line: string) => void): Promise<readonly [Resumable | null, number]> {
  const reasons: string[] = [];
  for (const [place, file] of files.entries()) {
    try {
      const bytes = await readFile(file);
      const found = { bytes, steps: checkpointSteps(bytes) };
      if (reasons.length > 0) note(`${reasons.join('; ')}; going on from the one before, of step ${found.steps}`);
      return [found, place];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') continue;
      if (!(error instanceof ModelFileError) && !isSystemError(error)) throw error;
      reasons.push(`the checkpoint ${displayName(file)} cannot be used: ${reasonOf(error).replace(/\.$/, '')}`);
    }
  }
  if (reasons.length === 0) return [null, 0];
  throw new ModelFileError('CHECKPOINT_UNUSABLE', `${reasons.join('; ')}; begin anew with --force`);
}

async function removeAll(folder: string, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => rm(path.join(folder, name), { force: true, recursive: true })));
}

function lineOf(event: TrainEvent): unknown {
  switch (event.type) {
    case 'step':
    case 'digests':
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
