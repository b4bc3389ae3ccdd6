import type { TrainReport } from 'sparsetag';
import { button, element } from '../ui/element.js';
import { notifyError } from '../ui/notices.js';
import { formatBytes, formatCount, formatPercent } from '../ui/numbers.js';
import { configOf } from './choices.js';
import { ChoicesForm } from './choices-form.js';
import { DataForm } from './data-form.js';
import { ProgressView } from './progress-view.js';
import type { FinishedTraining, Training } from './training.js';

/** Progress is drawn so often, in milliseconds; what draws takes time of what trains. */
const INTERVAL = 1000;

/** Trains on the person's data, in this browser. */
export class TrainPanel {
  readonly #data = new DataForm();
  readonly #choices = new ChoicesForm();
  readonly #progress = new ProgressView();
  readonly #state = element('div', { class: 'card' });
  readonly #form: HTMLElement;
  readonly #result = element('div');
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** The state and the training that are drawn. */
  #shown = '';
  #drawnState: Training['state'] | null = null;
  #isShown = false;

  constructor(
    panel: HTMLElement,
    private readonly training: Training,
  ) {
    this.#form = element(
      'div',
      { class: 'card', attributes: { id: 'train-form' } },
      element('h2', {}, 'Train a model here'),
      element(
        'p',
        { class: 'soft' },
        'Nothing is sent anywhere. The same choices, seed and text give the same fingerprint in every browser and on the command line.',
      ),
      this.#data.node,
      this.#choices.node,
      element(
        'div',
        { class: 'buttons' },
        button('Train', () => void this.#begin(), 'main'),
      ),
    );
    panel.replaceChildren(this.#result, this.#state, this.#form);
    training.watch(() => this.#changed());
  }

  show(isShown: boolean): void {
    this.#isShown = isShown;
    if (isShown) this.#draw();
  }

  /** Draws the masks again, in other colours. */
  redraw(): void {
    this.#progress.forgetMasks();
    if (this.#isShown) this.#draw();
  }

  async #begin(): Promise<void> {
    const choices = this.#choices.read();
    const data = choices && (await this.#data.read());
    if (!choices || !data) return;
    try {
      const [first, ...next] = choices.map((own) => ({
        name: `${data.name}, ${own.sharing}`,
        config: configOf(own, data.columns, data.files.test !== null, data.fileName),
      }));
      await this.training.begin({ ...first!, files: data.files, next });
    } catch (error) {
      notifyError(error);
    }
  }

  /** Draws at once when the state is another, else once a second. */
  #changed(): void {
    if (!this.#isShown) return;
    if (this.training.state !== this.#drawnState) this.#draw();
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#isShown) this.#draw();
    }, INTERVAL);
  }

  #draw(): void {
    const { state, run, record, finished } = this.training;
    const shown = `${state} ${run?.name ?? ''}`;
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#drawnState = state;
      this.#form.hidden = state !== 'idle';
      this.#state.hidden = state === 'idle' && !finished;
      const title = element('h2', {}, run?.name ?? finished?.name ?? 'Training');
      const actions = element('div', { class: 'buttons' }, ...this.#actions(state));
      this.#state.replaceChildren(element('div', { class: 'bar' }, title, actions), this.#progress.node);
      this.#state.dataset.state = state;
      this.#result.hidden = !finished || state !== 'idle';
      this.#result.replaceChildren(...(finished && state === 'idle' ? [resultCard(finished)] : []));
    }
    void this.#progress.show(record);
  }

  #actions(state: Training['state']): HTMLElement[] {
    if (state === 'running') return [button('Pause', () => this.training.pause(), 'main')];
    if (state === 'stopping') return [element('p', { class: 'soft' }, 'Stopping after this step …')];
    if (state === 'paused')
      return [
        button('Resume', () => void this.training.resume().catch(notifyError), 'main'),
        button('Discard', () => void this.training.discard().catch(notifyError)),
      ];
    return [];
  }
}

function resultCard({ name, model, report }: FinishedTraining): HTMLElement {
  const file = `${name.replace(/[^A-Za-z0-9]+/g, '-')}.safetensors`;
  const save = button(`Download model (${formatBytes(model.size)})`, () => download(model, file), 'main');
  return element(
    'div',
    { class: 'card', attributes: { id: 'train-result' } },
    element('h2', {}, 'Done'),
    element('p', {}, 'The model is in use now, under Tag and Masks; Masks also has all models of this page side by side.'),
    element('p', {}, 'Fingerprint ', element('code', { class: 'whole', attributes: { id: 'train-fingerprint' } }, report.fingerprint)),
    scores(report),
    element('div', { class: 'buttons' }, save),
  );
}

function scores({ tasks, prunable }: TrainReport): HTMLElement {
  const rows = Object.entries(tasks).map(([task, { metric, dev, test, kept }]) =>
    element(
      'tr',
      {},
      element('th', { attributes: { scope: 'row' } }, task),
      element('td', {}, metric === 'f1' ? 'span F1' : 'accuracy'),
      element('td', { class: 'number' }, dev.toFixed(2)),
      element('td', { class: 'number' }, test === null ? '–' : test.toFixed(2)),
      element('td', { class: 'number wrap' }, formatCount(kept), ' ', element('span', { class: 'soft' }, formatPercent(kept / prunable))),
    ),
  );
  const head = ['task', 'metric', 'dev', 'test', 'kept weights'].map((name, i) =>
    element('th', { class: i > 1 ? 'number' : '', attributes: { scope: 'col' } }, name),
  );
  const table = element(
    'table',
    {},
    element('caption', {}, 'Scores, %'),
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows),
  );
  return element('div', { class: 'scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': 'Scores' } }, table);
}

function download(data: Blob, file: string): void {
  const url = URL.createObjectURL(data);
  element('a', { attributes: { href: url, download: file } }).click();
  // The browser has taken what it needs when the click is over, or soon after.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
