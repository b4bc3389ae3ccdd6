import { describe, expect, test } from 'vitest';
import { summarizeNetwork } from '../../src/inspect/network-summary.js';
import type { TensorMask } from '../../src/io/model-contents.js';
import { tinyModel } from '../fuzz/tiny-model.js';

const model = tinyModel(true);
const network = model.networks[0]!;
const summarize = (keeps: (mask: TensorMask) => boolean) => summarizeNetwork(model, { ...network, masks: network.masks.filter(keeps) });
const whole = summarize(() => true);

describe('a task without a mask keeps all weights', () => {
  test('of one tensor', () => {
    const tensor = 'lstm.0.forward.input';
    const given = whole.tensors.find(({ name }) => name === tensor)!;
    const { masks, tensors } = summarize((mask) => mask.task !== 'ner' || mask.tensor !== tensor);
    expect(masks!.prunable).toBe(whole.masks!.prunable);
    expect(masks!.kept).toEqual({ pos: whole.masks!.kept.pos, ner: whole.masks!.kept.ner! - given.kept.ner! + given.size });
    const { kept, gates } = tensors.find(({ name }) => name === tensor)!;
    expect(kept).toEqual({ pos: given.kept.pos, ner: given.size });
    expect(gates.ner).toEqual([1, 1, 1, 1]);
  });

  test('of the network, as one that reads its last layer does in hierarchical sharing', () => {
    for (const [masked, other] of [
      ['pos', 'ner'],
      ['ner', 'pos'],
    ] as const) {
      const { masks } = summarize(({ task }) => task === masked);
      const { prunable, kept, union, overlap } = masks!;
      expect(kept).toEqual({ [masked]: whole.masks!.kept[masked], [other]: prunable });
      expect(union).toBe(prunable);
      expect(overlap.raw).toBe(kept[masked]! / prunable);
    }
  });
});

test('a network without masks has none to speak of', () => {
  expect(summarize(() => false)).toMatchObject({ masks: null, tensors: whole.tensors.map(({ name }) => ({ name, kept: {}, gates: {} })) });
});
