import { clear, createStore, get, set, type UseStore, update } from 'idb-keyval';
import type { Config } from 'sparsetag';
import type { RunRecord } from './run-record.js';

/** Everything that a training needs to begin: what was chosen, and the files, which the browser keeps by itself. */
export interface StoredRun {
  readonly name: string;
  readonly config: Config;
  readonly files: StoredFiles;
  /** Trainings on the same files that follow it. */
  readonly next?: readonly Pick<StoredRun, 'name' | 'config'>[];
}

export interface StoredFile {
  readonly file: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface StoredFiles {
  readonly train: StoredFile;
  readonly dev: StoredFile;
  readonly test: StoredFile | null;
}

/** Where a training stands: bytes of a checkpoint, and what had been told by then. */
export interface StoredPoint {
  readonly step: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly record: RunRecord;
}

export interface StoredModel {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** So many models of finished trainings are kept; the oldest goes first. */
const MODELS = 6;

/** What the browser keeps when the page is closed: the training that has not ended, and models of those that have. */
export class RunStore {
  readonly #run: UseStore = createStore('sparsetag-run', 'run');
  readonly #models: UseStore = createStore('sparsetag-models', 'models');

  async begin(run: StoredRun): Promise<void> {
    await clear(this.#run);
    await set('run', run, this.#run);
  }

  reach(point: StoredPoint): Promise<void> {
    return set('point', point, this.#run);
  }

  /** The training that has not ended, and how far it has come. */
  async unfinished(): Promise<{ readonly run: StoredRun; readonly point: StoredPoint | null } | null> {
    const run = await get<StoredRun>('run', this.#run);
    return run ? { run, point: (await get<StoredPoint>('point', this.#run)) ?? null } : null;
  }

  forget(): Promise<void> {
    return clear(this.#run);
  }

  async keepModel(model: StoredModel): Promise<void> {
    await update<readonly StoredModel[]>('all', (all = []) => [...all, model].slice(-MODELS), this.#models);
  }

  async models(): Promise<readonly StoredModel[]> {
    return (await get<readonly StoredModel[]>('all', this.#models)) ?? [];
  }
}
