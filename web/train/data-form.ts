import { element, labelled, select } from '../ui/element.js';
import { Slices } from '../ui/frames.js';
import { notifyError } from '../ui/notices.js';
import { type Column, columnsOf } from './columns.js';
import type { StoredFile, StoredFiles } from './run-store.js';
import { SAMPLE_COLUMNS, sampleFiles } from './sample.js';

const ROLES = ['train', 'dev', 'test'] as const;
type Role = (typeof ROLES)[number];

/** What to train on. */
export interface ChosenData {
  readonly name: string;
  readonly files: StoredFiles;
  readonly columns: readonly Column[];
  /** The name of the train file, whose end tells its format. */
  readonly fileName: string;
}

/** Choice of the corpus: the generated sample, or files of the person's, and which of their columns are tasks. */
export class DataForm {
  readonly node: HTMLElement;
  readonly #inputs: Readonly<Record<Role, HTMLInputElement>>;
  readonly #files = element('div', { class: 'fields', attributes: { hidden: true } });
  readonly #columns = element('fieldset', { class: 'columns' });
  #source = 'sample';
  #found: readonly Column[] = SAMPLE_COLUMNS;
  #off = new Set<number | string>();

  constructor() {
    const fileInput = () => element('input', { attributes: { type: 'file', accept: '.txt,.conll,.conllu,.jsonl,.ndjson,.tsv,.iob' } });
    this.#inputs = { train: fileInput(), dev: fileInput(), test: fileInput() };
    this.#inputs.train.addEventListener('change', () => void this.#look());
    const names = { train: 'Train', dev: 'Dev', test: 'Test (if any)' };
    this.#files.append(...ROLES.map((role) => labelled(names[role], this.#inputs[role])));
    const source = select(
      [
        ['sample', 'Generated sample'],
        ['files', 'My files: CoNLL columns, CoNLL-U, JSON Lines'],
      ],
      'sample',
      (value) => {
        this.#source = value;
        this.#files.hidden = value === 'sample';
        void this.#look();
      },
    );
    source.id = 'train-source';
    this.node = element('div', { class: 'data' }, labelled('Text to learn from', source), this.#files, this.#columns);
    this.#showColumns();
  }

  /** Reads what was chosen; null where something is missing, which the browser has told. */
  async read(): Promise<ChosenData | null> {
    const columns = this.#found.filter(({ column }) => !this.#off.has(column));
    if (this.#source === 'sample') {
      const slices = new Slices('compute');
      return { name: 'Sample', files: await sampleFiles(() => slices.breathe()), columns, fileName: 'train' };
    }
    for (const role of ['train', 'dev'] as const) {
      const input = this.#inputs[role];
      input.setCustomValidity(input.files?.length ? '' : 'Choose a file.');
      if (!input.reportValidity()) return null;
    }
    const read = async (file: File): Promise<StoredFile> => ({ file: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
    const [train, dev, test] = ROLES.map((role) => this.#inputs[role].files?.[0]);
    const files = { train: await read(train!), dev: await read(dev!), test: test ? await read(test) : null };
    return { name: train!.name, files, columns, fileName: train!.name };
  }

  async #look(): Promise<void> {
    const file = this.#inputs.train.files?.[0];
    this.#off = new Set();
    try {
      this.#found = this.#source === 'sample' ? SAMPLE_COLUMNS : file ? await columnsOf(file, file.name) : [];
    } catch (error) {
      notifyError(error);
    }
    this.#showColumns();
  }

  #showColumns(): void {
    const boxes = this.#found.map(({ column, name, type, sample }) => {
      const box = element('input', { attributes: { type: 'checkbox', checked: true } });
      box.addEventListener('change', () => {
        if (box.checked) this.#off.delete(column);
        else this.#off.add(column);
      });
      return element('label', { class: 'switch' }, box, name, element('span', { class: 'soft' }, `${type}: ${sample.join(' ')} …`));
    });
    const none =
      this.#source === 'files' && boxes.length === 0 ? element('p', { class: 'empty' }, 'Choose a train file to see its columns.') : null;
    this.#columns.replaceChildren(element('legend', {}, 'Tasks'), ...boxes, ...(none ? [none] : []));
  }
}
