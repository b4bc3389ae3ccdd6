import { applyOverrides } from '../../../src/config/overrides.js';
import { resolveConfig } from '../../../src/config/validate.js';
import { ConfigError } from '../../../src/errors.js';
import { canonicalJson, JsonError, parseJson } from '../../../src/io/canonical-json.js';
import { JSON_PIECES, type Json, mutateBytes, mutateJson, mutateText, utf8 } from '../mutate.js';
import { require, type Target } from '../target.js';

const GOOD = [
  { corpora: [{ name: 'c', train: 'a', dev: 'b' }], tasks: [{ name: 'pos', column: 1 }] },
  {
    seed: 7,
    corpora: [
      { name: 'c', train: 'a', dev: 'b', test: 'c', format: 'conll2003' },
      { name: 'd', train: 'e', dev: 'f', tokenColumn: 3 },
    ],
    tasks: [
      { name: 'pos', corpus: 'd', column: 'upos', layer: 1 },
      { name: 'ner', column: 3, type: 'spans', scheme: 'iob1', head: 'crf', startEnd: false },
    ],
    model: { layers: 3, dropout: { word: 0.1 } },
    train: { sharing: 'hierarchical', optimizer: { type: 'adam', rate: 0.01 } },
    prune: { keep: [0.6, 0.3], epochs: 3, select: 2, optimizer: { clip: 'none' } },
    warmup: { steps: 100 },
  },
];

const PATHS = [
  'seed',
  'tasks.pos.head',
  'tasks.0.column',
  'tasks',
  'corpora.c.train',
  'prune.keep',
  'model.dropout.word',
  '__proto__.x',
  'tasks.__proto__',
  'a..b',
  '',
];
const VALUES = ['1', '-0', '1e999', 'crf', '[1,2]', '[[[[', 'null', '{"a":1}', '"', '@position', '\ud800', '[{"name":{"toString":1}}]'];

/**
 * Config files with settings from the command line on top. A file is the JSON of a list: the text of a config, then paths and
 * values of settings.
 */
export const CONFIG_TARGET: Target = {
  name: 'config',
  refusals: [ConfigError, JsonError],
  make(dice) {
    const value = structuredClone(dice.pick<unknown>(GOOD)) as Json;
    for (let changes = dice.roll(4); changes > 0; changes--) mutateJson(value, dice);
    let text = JSON.stringify(value);
    if (dice.chance(15)) text = mutateText(text, JSON_PIECES, dice);
    if (dice.chance(10)) text = new TextDecoder().decode(mutateBytes(utf8(text), dice));
    const overrides = dice.chance(40) ? [[dice.pick(PATHS), dice.pick(VALUES)]] : [];
    return utf8(JSON.stringify([text, ...overrides]));
  },
  async read(file) {
    const [text, ...overrides] = JSON.parse(new TextDecoder().decode(file)) as [string, ...[string, string][]];
    const config = resolveConfig(applyOverrides(parseJson(text), overrides));
    require(canonicalJson(resolveConfig(config)) === canonicalJson(config), 'what it resolves to resolves to something else');
  },
};
