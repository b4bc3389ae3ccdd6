import type { TaggerTask } from 'sparsetag';
import { element } from '../ui/element.js';
import { formatPercent } from '../ui/numbers.js';
import { entitiesIn } from './formats.js';
import type { LiveText } from './live-tags.js';

/** So many rows are shown; a copy has all. */
const ROWS = 30;

/** The spans of a task with their scores and places. */
export function entityTable(text: LiveText, task: TaggerTask): HTMLElement {
  const entities = entitiesIn(text, task);
  if (entities.length === 0) return element('p', { class: 'empty' }, `No ${task.name} spans in this text.`);
  const rows = entities
    .slice(0, ROWS)
    .map(({ entity_group, word, score, start, end }) =>
      element(
        'tr',
        {},
        element('td', { class: 'wide' }, word),
        element('td', {}, entity_group),
        element('td', { class: 'number' }, formatPercent(score)),
        element('td', { class: 'number' }, `${start}–${end}`),
      ),
    );
  const head = ['text', 'type', 'score', 'place'].map((name, i) =>
    element('th', { class: i < 2 ? '' : 'number', attributes: { scope: 'col' } }, name),
  );
  return element(
    'div',
    { class: 'scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': `Spans of ${task.name}` } },
    element(
      'table',
      {},
      element('caption', {}, `${task.name}: ${entities.length}${entities.length > ROWS ? `, the first ${ROWS} of them` : ''}`),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows),
    ),
  );
}
