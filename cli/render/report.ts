import type { KernelCost } from 'sparsetag';
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

/** Time by kernel, with GFLOP/s where the kernel is a product, and the share of the wall time outside of all kernels. */
export function formatProfile(costs: readonly KernelCost[], wallSeconds: number): string {
  const wall = 1000 * wallSeconds;
  const rows = costs.map(({ kernel, calls, milliseconds, flops }) => [
    kernel,
    formatCount(calls),
    formatDuration(milliseconds / 1000),
    formatPercent(milliseconds / wall),
    flops > 0 ? (flops / milliseconds / 1e6).toFixed(1) : '-',
  ]);
  const inside = costs.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const head = ['kernel', 'calls', 'time', 'share', 'GFLOP/s'];
  const table = formatTable([head, ...rows], ['left', 'right', 'right', 'right', 'right']);
  return `\n${table}outside kernels: ${formatPercent(1 - inside / wall)} of the time (reading data and scoring included)\n`;
}
