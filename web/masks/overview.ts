import type { MatrixCells, NetworkSummary } from 'sparsetag';
import { element } from '../ui/element.js';
import { formatCount, formatPercent } from '../ui/numbers.js';

/** What each task keeps of a network's prunable weights, what of that is its own, and how far the masks agree. */
export function overview({ masks }: NetworkSummary, cells: readonly MatrixCells[]): HTMLElement {
  if (!masks) return element('p', { class: 'empty' }, 'Nothing is pruned in this network: every task uses all of its weights.');
  const { prunable, kept, union, overlap } = masks;
  const total = (part: (matrix: MatrixCells) => Uint32Array): number =>
    cells.reduce((sum, matrix) => sum + part(matrix).reduce((all, count) => all + count, 0), 0);
  const names = cells[0]!.tasks.map(({ task }) => task);
  const rows = names.map((task, t) => {
    const alone = total(({ tasks }) => tasks[t]!.alone);
    const own = kept[task] ?? prunable;
    return [task, formatCount(own), formatPercent(own / prunable), formatCount(alone), formatCount(own - alone)];
  });
  const all = total((matrix) => matrix.all);
  const lines = [
    ...rows,
    ['any task', formatCount(union), formatPercent(union / prunable), '', ''],
    ['all tasks', formatCount(all), formatPercent(all / prunable), '', formatCount(all)],
  ];
  const head = ['kept by', 'weights', 'share', 'private', 'shared'].map((name, i) =>
    element('th', { class: i > 0 ? 'number' : '', attributes: { scope: 'col' } }, name),
  );
  const ratio = (name: string, value: number, what: string) =>
    element(
      'div',
      { class: 'ratio' },
      element('dt', {}, name),
      element('dd', {}, value.toFixed(3)),
      element('dd', { class: 'soft' }, what),
    );
  return element(
    'div',
    { class: 'overview' },
    element(
      'div',
      { class: 'scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': 'Kept weights' } },
      element(
        'table',
        {},
        element('caption', {}, `${formatCount(prunable)} prunable weights`),
        element('thead', {}, element('tr', {}, ...head)),
        element(
          'tbody',
          {},
          ...lines.map(([name, ...numbers]) =>
            element(
              'tr',
              {},
              element('th', { attributes: { scope: 'row' } }, name!),
              ...numbers.map((text) => element('td', { class: 'number' }, text)),
            ),
          ),
        ),
      ),
    ),
    element(
      'dl',
      { class: 'ratios' },
      ratio('Overlap', overlap.raw, 'weights that all keep, of those that any keeps'),
      ratio('By chance', overlap.chance, 'what independent masks of these sizes have'),
      ratio('Corrected', overlap.corrected, '0 at chance, 1 for equal masks'),
    ),
  );
}
