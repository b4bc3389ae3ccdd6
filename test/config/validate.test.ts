import { describe, expect, test } from 'vitest';
import { canonicalConfig } from '../../src/config/canonical.js';
import type { Config } from '../../src/config/config.js';
import { applyOverrides } from '../../src/config/overrides.js';
import { SETTINGS } from '../../src/config/settings.js';
import { resolveConfig } from '../../src/config/validate.js';
import { ConfigError } from '../../src/errors.js';

const smallest = () => ({
  corpora: [{ name: 'gum', train: 'gum/train.txt', dev: 'gum/dev.txt' }],
  tasks: [
    { name: 'pos', column: 1 },
    { name: 'ner', column: 3, type: 'spans', head: 'crf' },
  ],
});

function refusal(input: unknown): { code: string; message: string } {
  try {
    resolveConfig(input);
  } catch (error) {
    if (error instanceof ConfigError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('not refused');
}

/** The smallest config with one override. */
const withSetting = (path: string, value: unknown) => applyOverrides(smallest(), [[path, JSON.stringify(value)]]);

describe('resolveConfig', () => {
  test('fills in the reference recipe', () => {
    const optimizer = {
      type: 'sgd',
      rate: 0.1,
      schedule: 'inverse',
      decay: 0.05,
      momentum: 0.9,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      clip: 'norm',
      clipAt: 5,
    } as const;
    const expected: Config = {
      seed: 1,
      corpora: [{ name: 'gum', train: 'gum/train.txt', dev: 'gum/dev.txt', test: null, format: 'auto', tokenColumn: 0 }],
      tasks: [
        {
          name: 'pos',
          corpus: 'gum',
          column: 1,
          type: 'tags',
          scheme: 'bio',
          modelScheme: 'bioes',
          head: 'softmax',
          startEnd: true,
          layer: 'top',
        },
        {
          name: 'ner',
          corpus: 'gum',
          column: 3,
          type: 'spans',
          scheme: 'bio',
          modelScheme: 'bioes',
          head: 'crf',
          startEnd: true,
          layer: 'top',
        },
      ],
      vectors: { file: null, limit: 0, extend: true },
      model: {
        wordDimension: 100,
        lowercase: true,
        charDimension: 30,
        charFilters: 30,
        charWidth: 3,
        charOutput: 30,
        minimumCharCount: 2,
        layers: 2,
        hidden: 200,
        dropout: { word: 0.5, charEmbedding: 0.5, charOutput: 0.5, output: 0.5 },
        wordDropout: 0.01,
      },
      train: {
        sharing: 'sparse',
        epochs: 100,
        batchSize: 10,
        batching: 'similar',
        momentumMode: 'masked',
        taskOrder: 'round-robin',
        patience: 0,
        optimizer,
      },
      warmup: { epochs: 0, steps: 0 },
      prune: {
        rate: 0.108749,
        keep: [],
        rounds: 20,
        minimumKept: 0,
        rewind: 'warmup',
        steps: 0,
        epochs: 100,
        patience: 0,
        select: 'dev',
        optimizer,
      },
      subnets: { file: null, masks: 'own', weights: 'rewound' },
    };
    expect(resolveConfig(smallest())).toEqual(expected);
  });

  test('gives back its own result unchanged and shares nothing with its input', () => {
    const input = applyOverrides(smallest(), [['prune.keep', '[1000, 500, 0.2]']]) as { prune: { keep: number[] } };
    const once = resolveConfig(input);
    expect(resolveConfig(once)).toEqual(once);
    input.prune.keep.push(7);
    expect(once.prune.keep).toEqual([1000, 500, 0.2]);
  });

  test('writes settings in the order of the table, whatever the order of the input', () => {
    const input = smallest();
    const reversed = { tasks: input.tasks, corpora: input.corpora };
    expect(JSON.stringify(resolveConfig(reversed))).toBe(JSON.stringify(resolveConfig(input)));
  });

  test('lets defaults follow what is given', () => {
    const adam = resolveConfig(withSetting('train.optimizer.type', 'adam'));
    expect(adam.train.optimizer.rate).toBe(0.001);
    expect(adam.prune.optimizer).toEqual(adam.train.optimizer);
    const mixed = resolveConfig(applyOverrides(withSetting('train.optimizer.type', 'adam'), [['prune.optimizer.type', 'sgd']]));
    expect(mixed.prune.optimizer.rate).toBe(0.1);
    const steps = resolveConfig(withSetting('prune.steps', 300));
    expect(steps.prune).toMatchObject({ steps: 300, epochs: 0 });
    expect(resolveConfig(withSetting('prune.keep', [0.5, 0.2])).prune.rounds).toBe(2);
  });

  test.each([
    [{ ...smallest(), trian: {} }, 'trian is no setting; did you mean train?'],
    [withSetting('train', { epochz: 5 }), 'train.epochz is no setting; did you mean train.epochs?'],
    [{ ...smallest(), model: { dropout: { wrod: 0 } } }, 'model.dropout.wrod is no setting; did you mean model.dropout.word?'],
    [{ ...smallest(), dim: 3 }, /^dim is no setting; there is seed, corpora, tasks/],
    [{ ...smallest(), hidden: 3 }, 'hidden is no setting; did you mean model.hidden?'],
    [{ ...smallest(), epochs: 3 }, 'epochs is no setting; did you mean train.epochs or warmup.epochs or prune.epochs?'],
    [{ ...smallest(), tasks: [{ name: 'pos', colum: 1 }] }, 'tasks.0.colum is no setting; did you mean tasks.0.column?'],
    [JSON.parse('{"__proto__": {"seed": 1}}'), /^__proto__ is no setting/],
    [{ ...smallest(), constructor: 1 }, /^constructor is no setting/],
  ])('refuses a key that is no setting and names the right one (%#)', (input, message) => {
    expect(refusal(input)).toEqual({ code: 'CONFIG_UNKNOWN_SETTING', message: expect.stringMatching(message) });
  });

  test.each([
    ['train.epochs', '5 epochs', /^train\.epochs: expected an integer of 1 or more; found "5 epochs"$/],
    ['train.epochs', null, /found null$/],
    ['model.lowercase', 'yes', /^model\.lowercase: expected true or false/],
    ['train', [], /^train: expected an object of settings/],
    ['tasks', {}, /^tasks: expected a list/],
    ['prune.keep', ['a'], /^prune\.keep: expected a list of positive numbers/],
    ['prune.select', true, /^prune\.select: expected dev \| an integer from 1 to 1000/],
  ])('refuses a value of the wrong type: %s = %j', (path, value, message) => {
    expect(refusal(withSetting(path, value))).toEqual({ code: 'CONFIG_TYPE', message: expect.stringMatching(message) });
  });

  test.each([
    ['seed', -1],
    ['seed', 4294967296],
    ['train.epochs', 0],
    ['train.epochs', 1.5],
    ['model.dropout.word', 1],
    ['model.wordDropout', -0.1],
    ['train.optimizer.rate', 0],
    ['prune.rate', 1],
    ['prune.keep', [0.2, 0.5]],
    ['prune.keep', [100.5]],
    ['prune.keep', [0]],
    ['prune.select', 'test'],
    ['prune.select', 0],
    ['tasks', []],
    ['vectors.file', ''],
  ])('refuses a value out of range: %s = %j', (path, value) => {
    expect(refusal(withSetting(path, value)).code).toBe('CONFIG_RANGE');
  });

  test.each(['train.sharing', 'train.batching', 'tasks.ner.head', 'tasks.ner.scheme', 'tasks.ner.type', 'prune.rewind'])(
    'refuses a choice that %s does not have',
    (path) => {
      expect(refusal(withSetting(path, 'none such'))).toMatchObject({ code: 'CONFIG_RANGE', message: expect.stringContaining(' | ') });
    },
  );

  test.each(['', 'a b', 'über', '1st', '__proto__', 'x'.repeat(65)])('refuses %j as a name', (name) => {
    expect(refusal({ ...smallest(), tasks: [{ name, column: 1 }] }).code).toBe('CONFIG_RANGE');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (value) => {
    expect(refusal({ ...smallest(), model: { dropout: { word: value } } }).code).toBe('CONFIG_RANGE');
  });

  test.each([undefined, null, 3, 'train', []])('refuses %j instead of a config', (input) => {
    expect(refusal(input).code).toBe('CONFIG_TYPE');
  });

  test('says which setting is missing and what it is', () => {
    expect(refusal({})).toEqual({ code: 'CONFIG_MISSING', message: expect.stringMatching(/^corpora is not set/) });
    expect(refusal({ ...smallest(), tasks: [{ name: 'pos' }] })).toEqual({
      code: 'CONFIG_MISSING',
      message: 'tasks.0.column is not set: column of the labels: number from 0, or name; @position: the place of the token',
    });
  });

  test.each([
    [[['tasks.ner.name', 'pos']], 'CONFIG_DUPLICATE_NAME', /^tasks\.1\.name: "pos" is the name of tasks\.0 too/],
    [[['tasks.ner.corpus', 'gun']], 'CONFIG_UNKNOWN_CORPUS', /did you mean gum\?$/],
    [
      [
        ['train.momentumMode', 'coasting'],
        ['train.optimizer.type', 'adam'],
      ],
      'CONFIG_CONFLICT',
      /coasting is a way of sgd/,
    ],
    [
      [
        ['tasks', JSON.stringify(Array.from({ length: 9 }, (_, i) => ({ name: `t${i}`, column: i + 1 })))],
        ['train.optimizer.type', 'adam'],
      ],
      'CONFIG_CONFLICT',
      /at most 8 tasks/,
    ],
    [[['tasks.ner.column', '0']], 'CONFIG_CONFLICT', /holds its tokens/],
    [[['model.charWidth', '4']], 'CONFIG_CONFLICT', /odd/],
    [[['warmup', '{"epochs":1,"steps":1}']], 'CONFIG_CONFLICT', /one or the other/],
    [[['prune', '{"epochs":1,"steps":1}']], 'CONFIG_CONFLICT', /one or the other/],
    [[['prune.epochs', '0']], 'CONFIG_CONFLICT', /both 0/],
    [[['prune', '{"keep":[0.5],"rounds":3}']], 'CONFIG_CONFLICT', /lists 1 rounds/],
    [[['prune', '{"rounds":3,"select":4}']], 'CONFIG_CONFLICT', /there are 3 rounds/],
  ] as const)('refuses settings that contradict each other (%#)', (overrides, code, message) => {
    expect(refusal(applyOverrides(smallest(), overrides))).toEqual({ code, message: expect.stringMatching(message) });
  });

  test('allows an even filter width where there are no characters', () => {
    expect(resolveConfig(applyOverrides(smallest(), [['model', '{"charWidth":4,"charDimension":0}']])).model.charWidth).toBe(4);
  });
});

describe('the table of settings', () => {
  const leaves = (value: unknown, path: string): string[] => {
    if (Array.isArray(value) && typeof value[0] === 'object') return leaves(value[0], `${path}[]`);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
    return Object.entries(value).flatMap(([key, inside]) => leaves(inside, path === '' ? key : `${path}.${key}`));
  };

  test('has every setting of a resolved config once, with a line of help', () => {
    const paths = SETTINGS.map((setting) => setting.path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toEqual(leaves(resolveConfig(smallest()), ''));
    for (const { help } of SETTINGS) expect(help).toMatch(/^[^\n]{5,120}[^.\n]$/);
  });

  test('explains every default that is a rule', () => {
    const corpusIsExplained = SETTINGS.filter((setting) => typeof setting.default === 'function');
    expect(corpusIsExplained.length).toBeGreaterThan(0);
    for (const setting of corpusIsExplained) expect(setting.defaultText, setting.path).toBeTruthy();
  });
});

describe('canonicalConfig', () => {
  const config = () => resolveConfig(withSetting('vectors.file', 'glove.txt'));
  const hashes = (prefix: string) => new Map(['gum/train.txt', 'gum/dev.txt', 'glove.txt'].map((file, i) => [file, `${prefix}${i}`]));

  test('names data by content, so that moved files give the same config', () => {
    const moved = { ...config(), vectors: { ...config().vectors, file: '/elsewhere/vectors' } };
    const movedHashes = new Map([...hashes('sha'), ['/elsewhere/vectors', 'sha2']]);
    expect(canonicalConfig(moved, movedHashes)).toEqual(canonicalConfig(config(), hashes('sha')));
    expect(JSON.stringify(canonicalConfig(config(), hashes('sha')))).not.toContain('.txt');
  });

  test('tells other content apart and keeps null for what is not there', () => {
    expect(canonicalConfig(config(), hashes('x'))).not.toEqual(canonicalConfig(config(), hashes('y')));
    expect(canonicalConfig(config(), hashes('x')).corpora[0]?.test).toBeNull();
  });

  test('does not guess the content of a file that was not read', () => {
    expect(() => canonicalConfig(config(), new Map())).toThrow('no content hash for gum/train.txt');
  });
});

describe('hostile configs are refused like any other', () => {
  const circle: Record<string, unknown> = smallest();
  circle.seed = circle;
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  test.each<[string, unknown, RegExp]>([
    ['a circle', circle, /^seed: expected .*; found object that JSON cannot hold$/],
    ['nesting without end', { ...smallest(), seed: deep }, /^seed: expected .*; found object that JSON cannot hold$/],
    ['a bigint', { ...smallest(), seed: 1n }, /^seed: expected .*; found bigint/],
    ['infinity', { ...smallest(), seed: Number.POSITIVE_INFINITY }, /^seed: expected .*; found Infinity$/],
    [
      'too many tasks',
      { ...smallest(), tasks: new Array(1025).fill({ name: 'a', column: 1 }) },
      /^tasks: expected at most 1024; found 1025$/,
    ],
    ['an endless key', { ...smallest(), ['x'.repeat(1e6)]: 1 }, /^x{57}\.\.\. is no setting; /],
  ])('%s', (_, input, message) => {
    expect(refusal(input).message).toMatch(message);
  });
});
