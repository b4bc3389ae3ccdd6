import { element, labelled, select } from '../ui/element.js';
import { type Choices, DEFAULT_CHOICES, ROUNDS, SHARINGS } from './choices.js';

/** In place of a way of sharing. */
const ALL = 'all';

/** Numbers that can be chosen, and between which bounds. */
const NUMBERS = {
  hidden: ['Hidden units per direction', 4, 512],
  layers: ['Layers', 1, 4],
  epochs: ['Epochs', 1, 200],
  batchSize: ['Sentences in a batch', 1, 256],
  seed: ['Seed', 0, 0xffffffff],
} as const;

/** Controls for the choices of a training. */
export class ChoicesForm {
  readonly node: HTMLElement;
  readonly #numbers = new Map<keyof typeof NUMBERS, HTMLInputElement>();
  readonly #sharing: HTMLSelectElement;
  readonly #keep: HTMLSelectElement;
  readonly #crf = element('input', { attributes: { type: 'checkbox', checked: DEFAULT_CHOICES.crf } });

  constructor() {
    this.#keep = select(
      Object.keys(ROUNDS).map((share) => [share, `${Number(share) * 100} %`] as const),
      DEFAULT_CHOICES.keep,
      () => {},
    );
    this.#sharing = select(
      [
        ['sparse', 'Sparse: a subnet a task'],
        ['hard', 'Hard: one network for all'],
        ['single', 'Single: a network a task'],
        [ALL, 'All three in turn, to compare'],
      ],
      DEFAULT_CHOICES.sharing,
      (value) => {
        this.#keep.disabled = value !== 'sparse' && value !== ALL;
      },
    );
    this.#sharing.id = 'train-sharing';
    const fields = Object.entries(NUMBERS).map(([name, [text, min, max]]) => {
      const key = name as keyof typeof NUMBERS;
      const input = element('input', {
        attributes: { type: 'number', min, max, step: 1, value: DEFAULT_CHOICES[key], required: true, id: `train-${key}` },
      });
      this.#numbers.set(key, input);
      return labelled(text, input);
    });
    this.node = element(
      'div',
      { class: 'fields' },
      labelled('Sharing', this.#sharing),
      labelled('Weights that a task keeps', this.#keep),
      ...fields,
      element('label', { class: 'switch' }, this.#crf, 'CRF for spans'),
    );
  }

  /** What is chosen, a training each; null where a number is out of its bounds, which the browser has told. */
  read(): Choices[] | null {
    for (const input of this.#numbers.values()) if (!input.reportValidity()) return null;
    const number = (name: keyof typeof NUMBERS): number => this.#numbers.get(name)!.valueAsNumber;
    const chosen = this.#sharing.value;
    const sharings = chosen === ALL ? SHARINGS : [chosen as Choices['sharing']];
    return sharings.map((sharing) => ({
      sharing,
      keep: this.#keep.value as Choices['keep'],
      crf: this.#crf.checked,
      hidden: number('hidden'),
      layers: number('layers'),
      epochs: number('epochs'),
      batchSize: number('batchSize'),
      seed: number('seed'),
    }));
  }
}
