import { type Chart, drawChart } from '../render/svg/chart.js';
import type { ExperimentPlan } from './plan.js';
import type { CellResult, ExperimentResults } from './results.js';
import type { Spread } from './statistics.js';

/** The report of an experiment in Markdown: scores, comparisons, then what each number comes from. */
export function formatResults({ name, about, cells, comparisons, runs }: ExperimentResults, pictures: readonly string[]): string {
  const parts = [`# ${name}\n`, ...(about === '' ? [] : [`${about}\n`])];
  for (const part of ['test', 'dev'] as const) {
    const known = cells.filter((cell) => part === 'dev' || cell.meanTest);
    if (known.length > 0) parts.push(`## ${part === 'test' ? 'Test' : 'Dev'} scores, mean ± sd over seeds\n`, scoreTable(known, part));
  }
  if (comparisons.length > 0) {
    parts.push(
      '## Differences on test, paired by seed\n',
      table(
        ['cells', 'task', 'difference', 'n', 'paired t, p', 'bootstrap 95 %', 'bootstrap p'],
        comparisons.map(({ cells: [a, b], task, difference, t, bootstrap }) => [
          `${a} − ${b}`,
          task,
          signed(difference),
          `${difference.n}`,
          t === null ? '' : formatP(t.p),
          bootstrap === null ? '' : bootstrap.interval.map((value) => plus(value)).join(' … '),
          bootstrap === null ? '' : formatP(bootstrap.p),
        ]),
      ),
      'The t-test is over seeds, the bootstrap over test sentences with the scores of the seeds averaged; both two-sided, not corrected for the\nnumber of comparisons.\n',
    );
  }
  for (const picture of pictures) parts.push(`![${picture.replace(/\.svg$/, '')}](${picture})\n`);
  parts.push(
    '## Runs\n',
    table(
      ['cell', 'seed', 'fingerprint'],
      runs.map(({ cell, seed, fingerprint }) => [cell, `${seed}`, `\`${fingerprint}\``]),
    ),
    ...commands(runs),
  );
  return parts.join('\n');
}

function scoreTable(cells: readonly CellResult[], part: 'dev' | 'test'): string {
  const tasks = cells[0]!.tasks;
  return table(
    [
      '',
      'n',
      ...tasks.map(({ task, metric }) => `${task} ${metric === 'f1' ? 'F1' : 'accuracy'}`),
      'mean',
      'kept %',
      'overlap raw',
      'corrected',
      'union %',
    ],
    cells.map((cell) => [
      cell.cell,
      `${cell.seeds.length}`,
      ...cell.tasks.map((task) => formatSpread(task[part]!)),
      formatSpread(part === 'dev' ? cell.meanDev : cell.meanTest!),
      percents(cell.tasks.map(({ kept }) => kept.mean)),
      cell.overlap ? cell.overlap.raw.mean.toFixed(3) : '–',
      cell.overlap ? cell.overlap.corrected.mean.toFixed(3) : '–',
      cell.union ? (100 * cell.union.mean).toFixed(1) : '–',
    ]),
  );
}

/** The command of each cell with its first seed; other seeds differ in nothing else but the model that masks come from. */
function commands(runs: ExperimentResults['runs']): string[] {
  const first = runs.filter(({ cell }, i) => runs.findIndex((run) => run.cell === cell) === i);
  return ['The commands of the first seed; results.json has all.\n', ...first.map(({ command }) => `    ${command}`), ''];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `${[line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')}\n`;
}

function percents(fractions: readonly number[]): string {
  const shown = fractions.map((fraction) => (100 * fraction).toFixed(1));
  return new Set(shown).size === 1 ? shown[0]! : shown.join(' / ');
}

function formatSpread({ n, mean, sd }: Spread): string {
  return n > 1 ? `${mean.toFixed(2)} ± ${sd.toFixed(2)}` : mean.toFixed(2);
}

function signed({ n, mean, sd }: Spread): string {
  return n > 1 ? `${plus(mean)} ± ${sd.toFixed(2)}` : plus(mean);
}

function plus(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

function formatP(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** Pictures of the plan's curves: scores against the weights that tasks keep, and the overlap of the masks (Figure 4 of the paper). */
export function drawCurves(plan: ExperimentPlan, { cells }: ExperimentResults): Map<string, string> {
  const pictures = new Map<string, string>();
  plan.curves.forEach(({ title, cells: wanted }, i) => {
    const points = cells.filter(({ cell }) => wanted.includes(cell)).sort((a, b) => keptOf(a) - keptOf(b));
    if (points.length === 0) return;
    const stem = plan.curves.length > 1 ? `curve-${i + 1}` : 'curve';
    const point = (cell: CellResult, value: Spread) => ({ x: 100 * keptOf(cell), y: value.mean, sd: value.sd });
    const scored = points.map((cell) => ({ cell, scores: cell.tasks.map((task) => task.test ?? task.dev) }));
    const chart = (name: string, y: string, series: Chart['series']): void => {
      pictures.set(
        `${name}.svg`,
        drawChart({
          title,
          description: `${y} against kept weights, mean and standard deviation over seeds`,
          x: 'kept weights of a task, %',
          y,
          series,
        }),
      );
    };
    // Tasks have scores of their own scale, so what is drawn together is the distance to the densest cell.
    const last = scored.at(-1)!.scores;
    chart(stem, 'score minus that of the densest, points', [
      ...points[0]!.tasks.map(({ task }, t) => ({
        name: task,
        points: scored.map(({ cell, scores }) => ({ ...point(cell, scores[t]!), y: scores[t]!.mean - last[t]!.mean })),
      })),
    ]);
    const overlapping = points.filter(({ overlap }) => overlap !== null);
    if (overlapping.length > 0) {
      chart(`${stem}-overlap`, 'overlap of the masks', [
        { name: 'raw', points: overlapping.map((cell) => point(cell, cell.overlap!.raw)) },
        { name: 'corrected', points: overlapping.map((cell) => point(cell, cell.overlap!.corrected)) },
      ]);
    }
  });
  return pictures;
}

function keptOf({ tasks }: CellResult): number {
  return tasks.reduce((sum, { kept }) => sum + kept.mean, 0) / tasks.length;
}
