import type { RunReport } from '../run-folder.js';
import { formatBytes, formatCount, formatDuration, formatPercent } from './quantity.js';
import { formatTable } from './table.js';

/** The report of a training run for people. */
export function formatReport(report: RunReport): string {
  const rows = Object.entries(report.tasks).map(([name, task]) => [
    name,
    task.metric,
    task.dev.toFixed(2),
    task.test === null ? '-' : task.test.toFixed(2),
    formatCount(task.kept),
    formatPercent(task.keptFraction),
    `${task.epoch}`,
    task.round === null ? '-' : `${task.round}`,
  ]);
  const head = ['task', 'metric', 'dev', 'test', 'weights', 'kept', 'epoch', 'round'];
  const table = formatTable([head, ...rows], ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right']);
  const overlap = report.overlap
    ? `mask overlap ${report.overlap.raw.toFixed(3)} (${report.overlap.chance.toFixed(3)} by chance), union ${formatCount(report.union)} of ${formatCount(report.prunable)} weights\n`
    : '';
  return `${table}${overlap}${formatCount(report.steps)} steps in ${formatDuration(report.wallSeconds)}, ${formatCount(report.tokensPerSecond)} tokens/s, peak memory ${formatBytes(report.peakMemoryBytes)}
fingerprint ${report.fingerprint}
`;
}
