import type { Entity, TaggerTask } from 'sparsetag';
import { element, setText } from '../ui/element.js';
import { Slices } from '../ui/frames.js';
import { formatPercent } from '../ui/numbers.js';
import { entitiesIn } from './formats.js';
import type { LiveText } from './live-tags.js';

/** So many rows are shown; a copy has all. */
const ROWS = 30;

/** The spans of a task with their scores and places. Cells that are as they were are left alone. */
export class EntityTable {
  readonly node: HTMLElement;
  readonly #caption = element('caption');
  readonly #rows = element('tbody');
  readonly #table: HTMLElement;
  readonly #none: HTMLElement;

  constructor(private readonly task: TaggerTask) {
    const head = ['text', 'type', 'score', 'place'].map((name, i) =>
      element('th', { class: i < 2 ? '' : 'number', attributes: { scope: 'col' } }, name),
    );
    this.#table = element(
      'div',
      { class: 'scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': `Spans of ${task.name}`, hidden: true } },
      element('table', {}, this.#caption, element('thead', {}, element('tr', {}, ...head)), this.#rows),
    );
    this.#none = element('p', { class: 'empty', attributes: { hidden: true } }, `No ${task.name} spans in this text.`);
    this.node = element('div', {}, this.#table, this.#none);
  }

  /** False if it was given up before its end. */
  async show({ text, sentences }: LiveText, isWanted: () => boolean): Promise<boolean> {
    const entities: Entity[] = [];
    const computing = new Slices('compute', isWanted);
    for (const sentence of sentences) {
      entities.push(...entitiesIn(text, [sentence], this.task));
      if (!(await computing.breathe())) return false;
    }
    this.#table.hidden = entities.length === 0;
    this.#none.hidden = entities.length > 0;
    setText(this.#caption, `${this.task.name}: ${entities.length}${entities.length > ROWS ? `, the first ${ROWS} of them` : ''}`);
    const drawing = new Slices('draw', isWanted);
    const shown = entities.slice(0, ROWS);
    for (const [i, entity] of shown.entries()) {
      fillRow(this.#rows.rows[i] ?? this.#rows.appendChild(emptyRow()), entity);
      if (!(await drawing.breathe())) return false;
    }
    while (this.#rows.rows.length > shown.length) this.#rows.lastElementChild!.remove();
    return true;
  }
}

function emptyRow(): HTMLTableRowElement {
  return element('tr', {}, ...['wide', '', 'number', 'number'].map((style) => element('td', { class: style })));
}

function fillRow({ cells }: HTMLTableRowElement, { word, entity_group, score, start, end }: Entity): void {
  for (const [i, text] of [word, entity_group, formatPercent(score), `${start}–${end}`].entries()) setText(cells[i]!, text);
}
