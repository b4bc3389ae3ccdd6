import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TrainEvent } from 'sparsetag';
import { type Chart, drawChart, type Series } from '../render/svg/chart.js';
import { RUN_FILES } from '../run-folder.js';
import type { Picture } from './picture.js';

type EpochEvent = TrainEvent & { readonly type: 'epoch' };
type RoundEvent = TrainEvent & { readonly type: 'round' };
type SubnetEvent = TrainEvent & { readonly type: 'subnet' };
/** What pictures are made of. */
export interface TrainingRecord {
  readonly epochs: readonly EpochEvent[];
  readonly rounds: readonly RoundEvent[];
  readonly subnets: readonly SubnetEvent[];
}

/**
 * The training of a run from its `events.jsonl`, as far as it has come. What a run did again after it was interrupted counts once, as it
 * was the last time; half a line, left by a run that was killed, counts not at all.
 */
export async function readTraining(folder: string): Promise<TrainingRecord> {
  const text = await readFile(path.join(folder, RUN_FILES.events), 'utf8').catch(() => '');
  const [epochs, rounds, subnets] = [new Map<string, EpochEvent>(), new Map<string, RoundEvent>(), new Map<string, SubnetEvent>()];
  for (const line of text.split('\n')) {
    const event = parseEvent(line);
    if (event?.type === 'epoch') {
      const { name, task, round } = event.phase;
      epochs.set(`${name} ${task} ${round} ${event.epoch}`, event);
    }
    if (event?.type === 'round') rounds.set(`${event.task} ${event.round}`, event);
    if (event?.type === 'subnet') subnets.set(event.task, event);
  }
  return { epochs: [...epochs.values()], rounds: [...rounds.values()], subnets: [...subnets.values()] };
}

function parseEvent(line: string): TrainEvent | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const STAGES = [
  { phase: 'train', file: '', title: 'Training', x: 'epoch' },
  { phase: 'prune', file: 'pruning-', title: 'Pruning rounds', x: 'epoch, the rounds of a task one after the other' },
  { phase: 'warmup', file: 'warmup-', title: 'Warm-up', x: 'epoch' },
] as const;

/** Losses and dev scores by epoch of each stage, and dev scores by kept weights of the pruning rounds; only lines, no single points. */
export function trainingPictures({ epochs, rounds, subnets }: TrainingRecord): Picture[] {
  const pictures: Picture[] = [];
  const add = (file: string, chart: Chart): void => {
    if (chart.series.some(({ points }) => points.length > 1)) pictures.push({ file, title: chart.title, svg: drawChart(chart) });
  };
  for (const { phase, file, title, x } of STAGES) {
    const own = epochs.filter((event) => event.phase.name === phase);
    const chart = { description: 'by epoch, a line a task', x, wholeX: true };
    add(`${file}loss.svg`, { ...chart, title: `${title}: loss`, y: 'mean loss of a batch', series: seriesOf(own, 'losses') });
    add(`${file}dev.svg`, { ...chart, title: `${title}: dev scores`, y: 'score, %', series: seriesOf(own, 'dev') });
  }
  add('rounds.svg', {
    title: 'Pruning rounds: dev score by kept weights',
    description: 'best dev score of each round minus that of the dense network; the chosen subnet is named',
    x: 'kept weights, %',
    y: 'score minus that of round 0 (dense), points',
    series: distinct(rounds.map(({ task }) => task)).map((name) => roundsOf(name, rounds, subnets)),
  });
  return pictures;
}

/** Tasks have scores of their own scale, so what is drawn together is the distance to round 0, which keeps all weights. */
function roundsOf(task: string, rounds: readonly RoundEvent[], subnets: readonly SubnetEvent[]): Series {
  const own = rounds.filter((event) => event.task === task);
  const [dense] = own;
  const chosen = subnets.find((event) => event.task === task)?.round;
  const points = own.map(({ round, kept, dev }) => ({
    x: (100 * kept) / dense!.kept,
    y: dev - dense!.dev,
    ...(round === chosen && { label: 'chosen' }),
  }));
  return { name: task, points };
}

function seriesOf(epochs: readonly EpochEvent[], part: 'losses' | 'dev'): Series[] {
  return distinct(epochs.flatMap((event) => event[part].map(({ task }) => task))).map((name) => ({
    name,
    points: epochs.flatMap((event) => event[part].filter(({ task }) => task === name)).map(({ score }, i) => ({ x: i + 1, y: score })),
  }));
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}
