import type { Session, TrainReport } from 'sparsetag';
import type { Models } from '../models/models.js';
import { addEvent, newRecord, type RunRecord } from './run-record.js';
import type { RunStore, StoredPoint, StoredRun } from './run-store.js';

/** A checkpoint is stored after so many steps: what a tab that is closed may lose. One takes the time of three steps of the sample. */
export const CHECKPOINT_STEPS = 100;
/** Held by the tab that trains. */
const LOCK = 'sparsetag training';

export type TrainingState = 'idle' | 'running' | 'stopping' | 'paused';

export interface FinishedTraining {
  readonly name: string;
  readonly model: Blob;
  readonly report: TrainReport;
}

/** The training of the page: one at a time, stored as it goes, so that it can be paused, and taken up after the tab was closed. */
export class Training {
  state: TrainingState = 'idle';
  run: StoredRun | null = null;
  record: RunRecord = newRecord();
  finished: FinishedTraining | null = null;
  #point: StoredPoint | null = null;
  #abort = new AbortController();
  readonly #listeners: (() => void)[] = [];

  constructor(
    private readonly session: Promise<Session>,
    private readonly store: RunStore,
    private readonly models: Models,
  ) {}

  watch(changed: () => void): void {
    this.#listeners.push(changed);
  }

  /** Finds the training that the browser has kept. */
  async recall(): Promise<void> {
    const unfinished = await this.store.unfinished();
    if (!unfinished || this.state !== 'idle') return;
    this.run = unfinished.run;
    this.#point = unfinished.point;
    this.record = unfinished.point?.record ?? newRecord();
    this.#become('paused');
  }

  async begin(run: StoredRun): Promise<void> {
    this.run = run;
    this.#point = null;
    this.finished = null;
    await this.#alone(async () => {
      await this.store.begin(run);
      await this.#trainAll();
    });
  }

  async resume(): Promise<void> {
    if (this.run) await this.#alone(() => this.#trainAll());
  }

  /** Stops after the step that is running, with a checkpoint. */
  pause(): void {
    if (this.state !== 'running') return;
    this.#become('stopping');
    this.#abort.abort();
  }

  async discard(): Promise<void> {
    await this.store.forget();
    this.run = null;
    this.#point = null;
    this.record = newRecord();
    this.#become('idle');
  }

  /** Two tabs must not store the same training. */
  async #alone(train: () => Promise<void>): Promise<void> {
    await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
      if (lock) return train();
      throw new DOMException('Another tab of this page is training; wait for it, or go on there.', 'InvalidStateError');
    });
  }

  /** Trains, and then what follows, until nothing does or the person pauses. */
  async #trainAll(): Promise<void> {
    do await this.#train(this.run!);
    while (this.state === 'running');
  }

  async #train(run: StoredRun): Promise<void> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.record = this.#point ? structuredClone(this.#point.record) : newRecord();
    this.#become('running');
    try {
      const corpus = { name: run.config.corpora[0]!.name, ...run.files };
      const options = { signal, checkpointEvery: CHECKPOINT_STEPS, masks: true, ...(this.#point && { resume: this.#point.bytes }) };
      const session = await this.session;
      for await (const event of session.train(run.config, [corpus], options)) {
        if (event.type === 'checkpoint') {
          this.#point = { step: event.step, bytes: event.bytes() as Uint8Array<ArrayBuffer>, record: structuredClone(this.record) };
          await this.store.reach(this.#point);
        } else if (event.type === 'done') {
          await this.#finish(run, event.model as Uint8Array<ArrayBuffer>, event.report);
        } else {
          addEvent(this.record, event);
          this.#tell();
        }
      }
    } catch (error) {
      this.#become('paused');
      if (!signal.aborted) throw error;
    }
  }

  async #finish(run: StoredRun, bytes: Uint8Array<ArrayBuffer>, report: TrainReport): Promise<void> {
    const model = new Blob([bytes]);
    this.finished = { name: run.name, model, report };
    await this.store.keepModel({ name: run.name, bytes });
    const [first, ...rest] = run.next ?? [];
    const next = first ? { ...first, files: run.files, next: rest } : null;
    await (next ? this.store.begin(next) : this.store.forget());
    await this.models.add(run.name, model);
    this.run = next;
    this.#point = null;
    this.#become(next ? 'running' : 'idle');
  }

  #become(state: TrainingState): void {
    this.state = state;
    this.#tell();
  }

  #tell(): void {
    for (const changed of this.#listeners) changed();
  }
}
