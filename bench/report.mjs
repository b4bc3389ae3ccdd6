// The result of a run as Markdown and as a picture.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ENGINES, labelOf } from './cells.mjs';
import { median } from './measure.mjs';

const row = (cells) => `| ${cells.join(' | ')} |\n`;
const table = (head, rows) => row(head) + row(head.map((_, i) => (i === 0 ? '---' : '--:'))) + rows.map(row).join('');
const digits = (value) => value.toFixed(value < 10 ? 2 : 1);

/** Engines in the order in which the others are compared with them. */
const YARDSTICKS = ['native', 'pytorch', 'web', 'tfjs'];

/** The cell that the others of a group are compared with: another engine's on one thread, dense if it was measured so. */
function yardstickOf({ results }) {
  const peers = results.filter(({ engine, threads, speeds }) => engine !== 'sparsetag' && threads === 1 && speeds);
  return peers.sort((a, b) => YARDSTICKS.indexOf(a.engine) - YARDSTICKS.indexOf(b.engine) || b.keep - a.keep)[0];
}

function formatGroup(group) {
  const counts = [...new Set(group.results.map(({ tasks }) => tasks))];
  const yardsticks = counts.map((tasks) => yardstickOf({ results: group.results.filter((cell) => cell.tasks === tasks) }));
  const rows = group.results.map((cell) => {
    const name = labelOf(cell);
    if (cell.missing !== undefined) return [name, `not run: ${cell.missing}`, '', ''];
    const base = yardsticks.find((yardstick) => yardstick?.tasks === cell.tasks);
    const ratio = base ? digits(median(cell.speeds.map((speed, round) => speed / base.speeds[round]))) : '-';
    const spread = `${Math.min(...cell.speeds).toFixed(0)} .. ${Math.max(...cell.speeds).toFixed(0)}`;
    return [name, median(cell.speeds).toFixed(0), spread, ratio];
  });
  const bases = yardsticks.filter(Boolean).map(labelOf);
  const note = bases.length > 0 ? `The ratio is to ${bases.join(' and to ')}, round by round.\n` : '';
  return `## ${group.name[0].toUpperCase()}${group.name.slice(1)}\n\n${table(['', 'tokens/s', 'least .. most', 'ratio'], rows)}\n${note}`;
}

function formatGoals(goals) {
  const measured = goals.filter((goal) => goal.measured !== null);
  const rows = measured.map((goal) => [goal.goal, goal.target, digits(goal.measured), goal.met ? 'met' : 'not met']);
  const missing = goals.length - measured.length;
  const note = missing > 0 ? `\n${missing} more were not measured in this run.\n` : '';
  return `## Goals\n\nRatios of speeds, medians of the rounds, unless a unit is named.\n\n${table(['goal', 'target', 'measured', ''], rows)}${note}`;
}

export function formatMarkdown({ host, repetitions, tokens, sentences, groups, goals }) {
  const versions = new Set(groups.flatMap(({ results }) => results.flatMap(({ version }) => version ?? [])));
  return [
    '# Benchmark\n',
    `${host.processor}, ${host.processors} processors, Node ${host.node}. ${[...versions].join('; ')}.`,
    `The base model; ${sentences} sentences, ${tokens} tokens, batches of 10; cells of a group take turns, ${repetitions} rounds; medians.`,
    'TensorFlow.js trains without word and character features, which it cannot, on one thread, which is all it has in Node.\n',
    ...groups.map(formatGroup),
    formatGoals(goals),
  ].join('\n');
}

/** Speed over the fraction kept, relative to the yardstick of each group: one line for each number of threads. */
export async function drawPicture(groups) {
  const { drawChart } = await loadRenderer();
  const series = groups
    .filter(({ order }) => order === 'sorted')
    .flatMap((group) => {
      const tasks = group.work === 'train' ? 3 : 1;
      const base = yardstickOf({ results: group.results.filter((cell) => cell.tasks === tasks) });
      if (!base) return [];
      return [1, 2].map((threads) => ({
        name: `${group.work}, ${threads} thread${threads > 1 ? 's' : ''} / ${ENGINES[base.engine].name.replace('ONNX Runtime', 'ORT')}`,
        points: group.results
          .filter((cell) => cell.engine === 'sparsetag' && cell.tasks === tasks && cell.threads === threads && cell.speeds)
          .map(({ keep, speeds }) => ({ x: 100 * keep, y: median(speeds.map((speed, round) => speed / base.speeds[round])) })),
      }));
    })
    .filter(({ points }) => points.length > 0);
  if (series.length === 0) return null;
  return drawChart({
    title: 'SparseTag beside the fastest other engine, on one thread',
    description: 'Ratio of tokens per second, by the per cent of prunable weights that are kept.',
    x: 'kept, %',
    y: 'ratio of speeds',
    series,
  });
}

/** The charts of the command line, from their source. */
async function loadRenderer() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../cli/render/svg/chart.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}
