import { expect, test } from 'vitest';
import { nearestName } from '../../src/config/nearest-name.js';
import { leastProcessorTime } from '../helpers/processor-time.js';

const names = ['epochs', 'batchSize', 'patience', 'wordDimension', 'charDimension'];

test.each([
  ['epoch', 'epochs'],
  ['epohcs', 'epochs'],
  ['batchsize', 'batchSize'],
  ['BatchSize', 'batchSize'],
  ['batch', 'batchSize'],
  ['patiense', 'patience'],
  ['wordDim', 'wordDimension'],
  ['Dimension', 'wordDimension'],
])('%s is taken for %s', (name, meant) => {
  expect(nearestName(name, names)).toBe(meant);
});

test.each(['rate', 'e', '', 'schedule'])('nothing is near %j', (name) => {
  expect(nearestName(name, names)).toBeNull();
});

test('an exact name wins over its abbreviations, and the first of two equally near ones wins', () => {
  expect(nearestName('rate', ['rateDecay', 'rate'])).toBe('rate');
  expect(nearestName('cat', ['bat', 'hat'])).toBe('bat');
});

test('a name of a million letters is near nothing, which takes no time', () => {
  const look = (): void => expect(nearestName('epochs'.repeat(200_000), names)).toBeNull();
  expect(leastProcessorTime(100, look)).toBeLessThan(100);
});
