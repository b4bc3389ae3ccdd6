import { cellsOf, maskMatrices } from 'sparsetag';
import { GATE_NAMES, layersOf, matrixView, POINT_HINT } from '../masks/matrix-view.js';
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
  readonly #loss = element('div');
  readonly #dev = element('div');
  readonly #rounds = element('div');
  readonly #masks = element('div', { class: 'pictures' });
  readonly #told = element('p', { class: 'detail', attributes: { 'aria-live': 'polite' } });
  #drawnMasks: unknown = null;
  #turn = 0;

  constructor() {
    const charts = element('div', { class: 'charts' }, this.#loss, this.#dev);
    this.node.append(this.#bar, this.#said, charts, this.#rounds, this.#masks, this.#told);
  }

  /** Shows a record part by part; what was still being drawn of another is given up. */
  async show(record: RunRecord): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const slices = new Slices('draw', () => turn === this.#turn);
    const { step, totalSteps, tokens, phase, tasks } = record;
    this.#bar.max = Math.max(1, totalSteps);
    this.#bar.value = step;
    const { name, task, round } = phase?.phase ?? { name: null, task: null, round: -1 };
    const what = name === null ? 'Starting' : `${PHASES[name]}${task === null ? '' : ` of ${task}`}${round > 0 ? `, round ${round}` : ''}`;
    this.#said.textContent = `${what}: step ${formatCount(step)} of ${formatCount(totalSteps)}, ${formatCount(tokens)} tokens.`;
    this.#said.dataset.step = `${step}`;
    const lines = (points: (task: string) => readonly Point[] | undefined) =>
      tasks.map((task) => ({ name: task, points: points(task) ?? [] }));
    const end = Math.max(step, 1);
    const losses = lines((own) => record.losses[own]?.points);
    this.#loss.replaceChildren(curves('Training loss', losses, end, 3));
    if (!(await slices.breathe())) return;
    const scores = lines((own) => record.dev[own]);
    this.#dev.replaceChildren(curves('Dev score, %', scores, end, 1));
    if (!(await slices.breathe())) return;
    this.#rounds.replaceChildren(...roundsTable(record));
    if (await slices.breathe()) await this.#showMasks(record, slices);
  }

  /** Masks are drawn anew when they are next shown. */
  forgetMasks(): void {
    this.#turn += 1;
    this.#drawnMasks = null;
  }

  async #showMasks({ masks }: RunRecord, slices: Slices): Promise<void> {
    const known = Object.values(masks);
    const latest = known.at(-1) ?? null;
    const key = known.map(({ masks: own }) => own.reduce((sum, { kept }) => sum + kept, 0)).join();
    if (key === this.#drawnMasks) return;
    if (!latest) {
      this.#drawnMasks = key;
      this.#told.textContent = '';
      this.#masks.replaceChildren();
      return;
    }
    const all = { tensors: latest.tensors, masks: known.flatMap((event) => event.masks) };
    const matrices = maskMatrices(Object.keys(masks), all).filter(
      ({ layer, direction, part }) => layer === 0 && direction === 'forward' && part === 'input',
    );
    const sections: HTMLElement[] = [];
    for (const matrix of matrices) {
      const cells = cellsOf(matrix);
      const title = `Layer 1, ${GATE_NAMES[matrix.gate!]} gate, forward input`;
      const row = element('div', { class: 'row' });
      if (!(await slices.breathe())) return;
      for (const layer of layersOf(cells)) {
        row.append(
          matrixView(cells, layer, title, (text) => {
            this.#told.textContent = text;
          }),
        );
        if (!(await slices.breathe())) return;
      }
      sections.push(element('section', {}, element('h3', {}, title), row));
    }
    this.#drawnMasks = key;
    this.#told.textContent = POINT_HINT;
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
    const kept = element('span', { class: 'soft' }, formatPercent(found.kept / Math.max(1, prunable)));
    return element('td', { class: 'number wrap' }, found.dev.toFixed(1), ' ', kept, ' ', isChosen ? element('b', {}, 'chosen') : null);
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
    element('caption', {}, 'Pruning rounds: dev score, share of weights kept'),
    element('thead', {}, element('tr', {}, element('th', { attributes: { scope: 'col' } }, 'task'), ...head)),
    element('tbody', {}, ...body),
  );
  return [element('div', { class: 'scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': 'Pruning rounds' } }, table)];
}
