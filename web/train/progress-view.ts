import { cellsOf, maskMatrices } from 'sparsetag';
import { layersOf, matrixView } from '../masks/matrix-view.js';
import { element } from '../ui/element.js';
import { Slices } from '../ui/frames.js';
import { formatCount, formatPercent } from '../ui/numbers.js';
import { curves } from './curves.js';
import type { Point, RunRecord } from './run-record.js';

const PHASES = { warmup: 'Warm-up', prune: 'Pruning', train: 'Training' } as const;

/** What a training has told so far: how far it is, curves, pruning rounds, and masks as they emerge. */
export class ProgressView {
  readonly node = element('div', { class: 'progress' });
  readonly #bar = element('progress', { attributes: { max: 1, value: 0, 'aria-label': 'Steps done' } });
  readonly #said = element('p', { class: 'figures', attributes: { id: 'train-progress' } });
  readonly #curves = element('div', { class: 'charts' });
  readonly #rounds = element('div');
  readonly #masks = element('div', { class: 'pictures' });
  readonly #told = element('p', { class: 'detail', attributes: { 'aria-live': 'polite' } });
  #drawnMasks: unknown = null;

  constructor() {
    this.node.append(this.#bar, this.#said, this.#curves, this.#rounds, this.#masks, this.#told);
  }

  show(record: RunRecord): void {
    const { step, totalSteps, tokens, phase, tasks } = record;
    this.#bar.max = Math.max(1, totalSteps);
    this.#bar.value = step;
    const { name, task, round } = phase?.phase ?? { name: null, task: null, round: -1 };
    const what = name === null ? 'Starting' : `${PHASES[name]}${task === null ? '' : ` of ${task}`}${round > 0 ? `, round ${round}` : ''}`;
    this.#said.textContent = `${what}: step ${formatCount(step)} of ${formatCount(totalSteps)}, ${formatCount(tokens)} tokens.`;
    this.#said.dataset.step = `${step}`;
    const lines = (points: (task: string) => readonly Point[] | undefined) =>
      tasks.map((task) => ({ name: task, points: points(task) ?? [] }));
    this.#curves.replaceChildren(
      curves(
        'Training loss',
        lines((task) => record.losses[task]?.points),
        Math.max(step, 1),
        3,
      ),
      curves(
        'Dev score, %',
        lines((task) => record.dev[task]),
        Math.max(step, 1),
        1,
      ),
    );
    this.#rounds.replaceChildren(...roundsTable(record));
    void this.#showMasks(record);
  }

  /** Masks are drawn anew when they are next shown. */
  forgetMasks(): void {
    this.#drawnMasks = null;
  }

  async #showMasks({ masks }: RunRecord): Promise<void> {
    const known = Object.values(masks);
    const latest = known.at(-1) ?? null;
    const key = known.map(({ masks: own }) => own.reduce((sum, { kept }) => sum + kept, 0)).join();
    if (key === this.#drawnMasks) return;
    this.#drawnMasks = key;
    this.#told.textContent = '';
    if (!latest) {
      this.#masks.replaceChildren();
      return;
    }
    const all = { tensors: latest.tensors, masks: known.flatMap((event) => event.masks) };
    const matrices = maskMatrices(Object.keys(masks), all).filter(
      ({ layer, direction, part }) => layer === 0 && direction === 'forward' && part === 'input',
    );
    const slices = new Slices('draw');
    const sections: HTMLElement[] = [];
    for (const matrix of matrices) {
      const cells = cellsOf(matrix);
      const title = `Layer 1, gate ${matrix.gate}, forward input`;
      const row = element('div', { class: 'row' });
      for (const layer of layersOf(cells)) {
        row.append(
          matrixView(cells, layer, title, (text) => {
            this.#told.textContent = text;
          }),
        );
        await slices.breathe();
      }
      sections.push(element('section', {}, element('h3', {}, title), row));
    }
    this.#masks.replaceChildren(...sections);
  }
}

/** A row a task, a column a round: the dev score, and the share of the weights that the round kept. */
function roundsTable({ tasks, rounds, subnets, prunable }: RunRecord): HTMLElement[] {
  if (rounds.length === 0) return [];
  const columns = [...new Set(rounds.map(({ round }) => round))];
  const cell = (task: string, round: number): HTMLElement => {
    const found = rounds.find((event) => event.task === task && event.round === round);
    if (!found) return element('td');
    const isChosen = subnets.some((subnet) => subnet.task === task && subnet.round === round);
    const kept = element('span', { class: 'soft' }, ` at ${formatPercent(found.kept / Math.max(1, prunable))}`);
    return element('td', { class: 'number' }, found.dev.toFixed(1), kept, isChosen ? element('b', {}, ' chosen') : null);
  };
  const head = columns.map((round) =>
    element('th', { class: 'number', attributes: { scope: 'col' } }, round === 0 ? 'dense' : `round ${round}`),
  );
  const body = tasks.map((task) =>
    element('tr', {}, element('th', { attributes: { scope: 'row' } }, task), ...columns.map((round) => cell(task, round))),
  );
  const table = element(
    'table',
    {},
    element('caption', {}, 'Pruning rounds: dev score at the share of weights kept'),
    element('thead', {}, element('tr', {}, element('th', { attributes: { scope: 'col' } }, 'task'), ...head)),
    element('tbody', {}, ...body),
  );
  return [element('div', { class: 'scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': 'Pruning rounds' } }, table)];
}
