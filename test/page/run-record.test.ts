import type { TrainEvent } from 'sparsetag';
import { expect, test } from 'vitest';
import { addEvent, newRecord, STEPS_A_POINT } from '../../web/train/run-record.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';

const stepOf = (step: number, loss: number): TrainEvent => ({
  type: 'step',
  phase: { name: 'train', task: null, round: -1 },
  epoch: 1,
  task: 'pos',
  step,
  totalSteps: 10_000,
  loss,
  tokens: 3,
});

test('a record has what the events told, and can be stored', async () => {
  const record = newRecord();
  const { events } = await runTraining(smallConfig(), { masks: true }, smallCorpus(40));
  for (const event of events) addEvent(record, event);
  expect(record.tasks).toEqual(['pos', 'chunk', 'ner']);
  expect(record.subnets).toHaveLength(3);
  expect(Object.keys(record.masks)).toEqual(['pos', 'chunk', 'ner']);
  expect(record.dev.ner!.length).toBe(record.epochs.filter(({ dev }) => dev.some(({ task }) => task === 'ner')).length);
  expect(structuredClone(record)).toEqual(record);
});

test('losses are means of a few steps, thinned in long trainings', () => {
  const record = newRecord();
  for (let step = 1; step <= STEPS_A_POINT; step++) addEvent(record, stepOf(step, step));
  expect(record.losses.pos!.points).toEqual([{ x: STEPS_A_POINT, y: (STEPS_A_POINT + 1) / 2 }]);
  for (let step = STEPS_A_POINT + 1; step <= 10_000; step++) addEvent(record, stepOf(step, 1));
  const { points } = record.losses.pos!;
  expect(points.length).toBeLessThan(400);
  expect(points.at(-1)!.y).toBe(1);
  expect(points.map(({ x }) => x)).toEqual([...points.map(({ x }) => x)].sort((a, b) => a - b));
  expect(record.tokens).toBe(30_000);
});
