import { expect, test } from 'vitest';
import { measureSizes } from '../../bench/size.mjs';

test('a page loads at most 60 KB of gzip to tag and 120 KB to train, kernels included', async () => {
  const { tagKilobytes, trainKilobytes } = await measureSizes();
  expect(tagKilobytes).toBeLessThanOrEqual(60);
  expect(trainKilobytes).toBeLessThanOrEqual(120);
});
