import type { TrainEvent } from 'sparsetag';

type EpochEvent = TrainEvent & { readonly type: 'epoch' };
type PhaseEvent = TrainEvent & { readonly type: 'phase' };
type RoundEvent = TrainEvent & { readonly type: 'round' };
type SubnetEvent = TrainEvent & { readonly type: 'subnet' };
type MasksEvent = TrainEvent & { readonly type: 'masks' };

/** Mean training losses of so many steps are one point of a curve. */
export const STEPS_A_POINT = 5;
/** Of each task so many points are kept; older ones are thinned. */
const POINTS = 400;

export interface Point {
  readonly x: number;
  readonly y: number;
}

interface Losses {
  readonly points: Point[];
  sum: number;
  steps: number;
  /** Steps of this task in a point. */
  width: number;
}

/** What a training has told so far, as much as there is to show of it. It can be stored and taken up again. */
export interface RunRecord {
  step: number;
  totalSteps: number;
  tokens: number;
  phase: PhaseEvent | null;
  /** Names, in the order of the config. */
  tasks: readonly string[];
  prunable: number;
  readonly losses: Record<string, Losses>;
  /** Dev scores by task; x is the step at which an epoch of any phase ended. */
  readonly dev: Record<string, Point[]>;
  readonly epochs: EpochEvent[];
  readonly rounds: RoundEvent[];
  readonly subnets: SubnetEvent[];
  /** The latest masks of each task. */
  readonly masks: Record<string, MasksEvent>;
}

export function newRecord(): RunRecord {
  return {
    step: 0,
    totalSteps: 0,
    tokens: 0,
    phase: null,
    tasks: [],
    prunable: 0,
    losses: {},
    dev: {},
    epochs: [],
    rounds: [],
    subnets: [],
    masks: {},
  };
}

/** Adds what an event tells. */
export function addEvent(record: RunRecord, event: TrainEvent): void {
  switch (event.type) {
    case 'start':
      record.totalSteps = event.totalSteps;
      record.prunable = event.prunable;
      record.tasks = event.config.tasks.map(({ name }) => name);
      return;
    case 'phase':
      record.phase = event;
      return;
    case 'step':
      record.step = event.step;
      record.tokens += event.tokens;
      addLoss(record, event.task, event.step, event.loss);
      return;
    case 'epoch':
      record.epochs.push(event);
      for (const { task, score } of event.dev) {
        record.dev[task] ??= [];
        record.dev[task].push({ x: record.step, y: score });
      }
      return;
    case 'round':
      record.rounds.push(event);
      return;
    case 'subnet':
      record.subnets.push(event);
      return;
    case 'masks':
      record.masks[event.task] = event;
  }
}

function addLoss({ losses }: RunRecord, task: string, step: number, loss: number): void {
  losses[task] ??= { points: [], sum: 0, steps: 0, width: STEPS_A_POINT };
  const own = losses[task];
  own.sum += loss;
  own.steps += 1;
  if (own.steps < own.width) return;
  own.points.push({ x: step, y: own.sum / own.steps });
  own.sum = 0;
  own.steps = 0;
  if (own.points.length < POINTS) return;
  for (let i = 0; i < POINTS / 2; i++) {
    const [a, b] = [own.points[2 * i]!, own.points[2 * i + 1]!];
    own.points[i] = { x: b.x, y: (a.y + b.y) / 2 };
  }
  own.points.length = POINTS / 2;
  own.width *= 2;
}
