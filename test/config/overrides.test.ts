import { describe, expect, test } from 'vitest';
import { applyOverrides, type Override } from '../../src/config/overrides.js';

const input = {
  corpora: [{ name: 'gum', train: 'a', dev: 'b' }],
  tasks: [
    { name: 'pos', column: 1 },
    { name: 'ner', column: 3 },
  ],
};

const apply = (...overrides: Override[]) => applyOverrides(input, overrides) as Record<string, never>;

describe('applyOverrides', () => {
  test('reads values as JSON, and as text where the setting is text', () => {
    expect(apply(['train.epochs', '5'], ['model.lowercase', 'false'], ['prune.keep', '[0.5,0.2]'])).toMatchObject({
      train: { epochs: 5 },
      model: { lowercase: false },
      prune: { keep: [0.5, 0.2] },
    });
    expect(apply(['vectors.file', '42'], ['train.sharing', 'hard'])).toMatchObject({ vectors: { file: '42' }, train: { sharing: 'hard' } });
    expect(apply(['vectors.file', 'null'])).toMatchObject({ vectors: { file: null } });
    expect(apply(['prune.select', 'dev'])).toMatchObject({ prune: { select: 'dev' } });
    expect(apply(['prune.select', '3'])).toMatchObject({ prune: { select: 3 } });
    expect(apply(['train.epochs', 'many'])).toMatchObject({ train: { epochs: 'many' } });
  });

  test('finds an item of a list by its name or its position', () => {
    expect(apply(['tasks.ner.head', 'crf'])).toMatchObject({ tasks: [{ name: 'pos' }, { name: 'ner', head: 'crf' }] });
    expect(apply(['tasks.0.head', 'crf'])).toMatchObject({ tasks: [{ name: 'pos', head: 'crf' }, { name: 'ner' }] });
  });

  test('takes whole groups and lists as JSON', () => {
    expect(apply(['tasks', '[{"name":"x","column":1}]'], ['tasks.x.head', 'crf'])).toMatchObject({
      tasks: [{ name: 'x', column: 1, head: 'crf' }],
    });
    expect(apply(['train', '{"epochs":3}'], ['train.epochs', '4'])).toMatchObject({ train: { epochs: 4 } });
  });

  test('lets the last of two overrides win and leaves the input alone', () => {
    const before = structuredClone(input);
    expect(apply(['seed', '1'], ['seed', '2'], ['tasks.ner.column', '9'])).toMatchObject({ seed: 2 });
    expect(input).toEqual(before);
  });

  test.each([
    [['train.epochz', '5'], 'CONFIG_UNKNOWN_SETTING', 'train.epochz is no setting; did you mean train.epochs?'],
    [['trian.epochs', '5'], 'CONFIG_UNKNOWN_SETTING', 'trian is no setting; did you mean train?'],
    [['seed.x', '5'], 'CONFIG_UNKNOWN_SETTING', 'seed.x is no setting; seed is one value'],
    [['tasks.nre.head', 'crf'], 'CONFIG_UNKNOWN_ITEM', 'tasks has no item nre; did you mean tasks.ner?'],
    [['tasks.2.head', 'crf'], 'CONFIG_UNKNOWN_ITEM', 'tasks has no item 2; there is pos, ner'],
    [['__proto__.polluted', '1'], 'CONFIG_UNKNOWN_SETTING', /^__proto__ is no setting/],
    [['', '1'], 'CONFIG_UNKNOWN_SETTING', /is no setting/],
  ] as const)('refuses %j', (override, code, message) => {
    expect(() => apply(override)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});
