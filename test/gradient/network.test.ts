import { describe, test } from 'vitest';
import { BOUNDED_CRF_HEAD, CRF_HEAD, SOFTMAX_HEAD } from '../helpers/small-network.js';
import { caseOf, compare, expectClose } from './compare-network.js';

describe('the gradient of a network', () => {
  test.each([
    { layers: 1, head: SOFTMAX_HEAD },
    { layers: 1, head: CRF_HEAD },
    { layers: 2, head: SOFTMAX_HEAD },
    { layers: 2, head: BOUNDED_CRF_HEAD },
    { layers: 3, head: SOFTMAX_HEAD },
  ])('of $layers layers with head $head.name is that of finite differences', async ({ layers, head }) => {
    expectClose(compare(await caseOf({ layers }, head)));
  });

  test('without characters is that of finite differences', async () => {
    expectClose(compare(await caseOf({ charDimension: 0, layers: 1 }, CRF_HEAD)));
  });

  test.each([1, 5])('with character windows of %i is that of finite differences', async (charWidth) => {
    expectClose(compare(await caseOf({ charWidth, layers: 1 }, SOFTMAX_HEAD)));
  });

  test('of one sentence, and of many, is that of finite differences', async () => {
    expectClose(compare(await caseOf({ layers: 1 }, SOFTMAX_HEAD, { lengths: [3] })));
    expectClose(compare(await caseOf({ layers: 1 }, BOUNDED_CRF_HEAD, { lengths: [3, 1, 6, 2, 2, 1, 3, 1, 1] })));
  });

  test.each([SOFTMAX_HEAD, BOUNDED_CRF_HEAD])('under a mask is that of the masked network at kept weights, head $name', async (head) => {
    expectClose(compare(await caseOf({}, head, { mask: 0.5 })));
  });
});
