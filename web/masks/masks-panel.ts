import { GATES, type MatrixCells, type ModelSummary } from 'sparsetag';
import type { Models, PageModel } from '../models/models.js';
import { element, labelled, select } from '../ui/element.js';
import { Slices } from '../ui/frames.js';
import { notifyError } from '../ui/notices.js';
import { Comparison } from './comparison.js';
import { GATE_NAMES, layersOf, matrixView, POINT_HINT } from './matrix-view.js';
import { overview } from './overview.js';

/** A part of a network whose matrices are shown together. */
interface View {
  readonly name: string;
  readonly cells: readonly MatrixCells[];
}

/** What the masks of the model in use keep and share, in numbers and pictures. */
export class MasksPanel {
  readonly #content = element('div', { class: 'masks' });
  readonly #comparison: Comparison;
  #isShown = false;
  /** The model that is drawn, or null for none; undefined before. */
  #drawn: PageModel | null | undefined;

  constructor(
    panel: HTMLElement,
    private readonly models: Models,
  ) {
    this.#comparison = new Comparison(models);
    panel.replaceChildren(this.#content, this.#comparison.node);
    models.watch(() => this.#draw());
  }

  /** Masks are read and drawn when they are first looked at. */
  show(isShown: boolean): void {
    this.#isShown = isShown;
    this.#draw();
  }

  /** Draws again, in other colours. */
  redraw(): void {
    this.#drawn = undefined;
    this.#draw();
  }

  #draw(): void {
    const { current } = this.models;
    if (!this.#isShown || current === this.#drawn) return;
    this.#drawn = current;
    if (!current) {
      this.#content.replaceChildren(element('p', { class: 'empty' }, 'There is no model yet: open one, or train one.'));
      return;
    }
    current.summary().then((summary) => {
      if (current === this.#drawn) this.#content.replaceChildren(...summary.networks.map((network) => networkCard(network, summary)));
    }, notifyError);
  }
}

function networkCard(network: ModelSummary['networks'][number], { networks }: ModelSummary): HTMLElement {
  const title = networks.length > 1 ? `Masks of network ${network.name}` : 'Masks';
  const card = element('div', { class: 'card' }, element('h2', {}, title), overview(network, network.cells));
  if (network.cells.length === 0) return card;
  const views = viewsOf(network.cells);
  const pictures = element('div', { class: 'pictures' });
  const told = element('p', { class: 'detail', attributes: { 'aria-live': 'polite' } });
  const tell = (text: string): void => {
    told.textContent = text;
  };
  let turn = 0;
  const show = (at: number): void => {
    turn += 1;
    const own = turn;
    tell(POINT_HINT);
    void drawView(pictures, views[at]!, tell, new Slices('draw', () => own === turn));
  };
  const choice = select(
    views.map(({ name }, i) => [`${i}`, name] as const),
    '0',
    (value) => show(Number(value)),
  );
  card.append(labelled('Layer and gate', choice), pictures, told);
  show(0);
  return card;
}

function viewsOf(cells: readonly MatrixCells[]): View[] {
  const views: View[] = [];
  for (let layer = 0; cells.some((matrix) => matrix.layer === layer); layer++) {
    for (const gate of GATES) {
      const own = cells.filter((matrix) => matrix.layer === layer && matrix.gate === gate);
      views.push({ name: `Layer ${layer + 1}, ${GATE_NAMES[gate]} gate`, cells: own });
    }
  }
  const filters = cells.filter(({ layer }) => layer === null);
  return filters.length > 0 ? [...views, { name: 'Character filters', cells: filters }] : views;
}

/** Draws a view in place of another; given up when a third one is chosen meanwhile. */
async function drawView(pictures: HTMLElement, { cells }: View, tell: (text: string) => void, slices: Slices): Promise<void> {
  const drawn: HTMLElement[] = [];
  for (const matrix of cells) {
    const { direction, part, rows, columns } = matrix;
    const title = direction === null ? part : `${direction} ${part}`;
    const row = element('div', { class: 'row' });
    for (const layer of layersOf(matrix)) {
      row.append(matrixView(matrix, layer, title, tell));
      if (!(await slices.breathe())) return;
    }
    drawn.push(element('section', {}, element('h3', {}, title, ' ', element('span', { class: 'soft' }, `${rows} × ${columns}`)), row));
  }
  pictures.replaceChildren(...drawn);
}
