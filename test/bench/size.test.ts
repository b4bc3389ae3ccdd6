import { expect, test } from 'vitest';
import { measureSizes } from '../../bench/size.mjs';

/** Kilobytes of gzip. A part that has outgrown its bound needs less, not a higher bound: 57.9, 95.7 and 54.9 when this was written. */
const BOUNDS = { tagKilobytes: 60, trainKilobytes: 120, tfjsKilobytes: 60 };

test.each(Object.entries(await measureSizes()))('what a page loads, kernels included, is within its bound: %s', (part, size) => {
  expect(size).toBeLessThanOrEqual(BOUNDS[part as keyof typeof BOUNDS]);
});
