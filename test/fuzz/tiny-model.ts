// Models of a few hundred weights, laid out as training lays them out, for readers to be tried on.
import { resolveConfig } from '../../src/config/validate.js';
import { Dice } from '../../src/conformance/dice.js';
import { countBits } from '../../src/evaluate/overlap.js';
import type { JsonValue } from '../../src/io/canonical-json.js';
import type { ModelContents, ModelNetwork, ModelTask } from '../../src/io/model-contents.js';
import { layOutParameters, type Parameter } from '../../src/model/parameters.js';
import { WORD_TABLE_NAME } from '../../src/model/word-table.js';

const WORDS = ['the', 'a', 'Ada', 'runs', '\u00e9t\u00e9', '#'];
const CHARACTERS = ['a', 'e', 'r', '\u{1f600}'];
const TAGS = { pos: ['N', 'V', 'X'], ner: ['O', 'B-PER', 'I-PER', 'E-PER', 'S-PER'] };

/** `masked`: both tasks share a network, each under a mask; else each has a network of its own. */
export function tinyModel(masked: boolean): ModelContents {
  const config = resolveConfig({
    corpora: [{ name: 'c', train: 'a', dev: 'b' }],
    tasks: [
      { name: 'pos', column: 1 },
      { name: 'ner', column: 2, type: 'spans', head: 'crf' },
    ],
    model: { wordDimension: 3, charDimension: masked ? 2 : 0, charFilters: 2, charOutput: 2, layers: 1, hidden: 2 },
    train: { sharing: masked ? 'sparse' : 'single' },
  });
  const tasks = config.tasks.map(
    ({ name, type, head, modelScheme }): ModelTask => ({
      name,
      type,
      head,
      scheme: type === 'spans' ? modelScheme : null,
      tags: TAGS[name as keyof typeof TAGS],
      network: masked ? 'shared' : name,
    }),
  );
  const dice = new Dice(1);
  const random = (size: number): Float32Array => Float32Array.from({ length: size }, () => (dice.roll(2000) - 1000) / 500);
  const networks = [...new Set(tasks.map(({ network }) => network))].map((name): ModelNetwork => {
    const own = tasks.filter(({ network }) => network === name);
    const heads = own.map(({ name, tags, head }) => ({ name, head, tags: tags.length, startEnd: true }));
    const { parameters, prunable } = layOutParameters(config.model, CHARACTERS.length + 2, heads);
    const isPrunable = ({ offset }: Parameter): boolean => masked && offset < prunable.end;
    const rows = WORDS.length + 2;
    return {
      name,
      tensors: [
        ...parameters.map((parameter) => ({
          name: parameter.name,
          shape: parameter.shape,
          // Half of the elements are kept by one task or both, the rest by none.
          values: random(parameter.size).map((value, e) => (isPrunable(parameter) && e % 2 === 1 ? 0 : value)),
        })),
        { name: WORD_TABLE_NAME, shape: [rows, config.model.wordDimension], values: random(rows * config.model.wordDimension) },
      ],
      masks: own.flatMap((task, t) =>
        parameters.filter(isPrunable).map(({ name: tensor, size }) => {
          const bits = new Uint32Array(Math.ceil(size / 32));
          for (let e = 0; e < size; e += 2) if (t === 0 || e % 4 === 0) bits[e >> 5]! |= 1 << (e & 31);
          return { task: task.name, tensor, kept: countBits(bits), bits };
        }),
      ),
    };
  });
  return {
    numericsVersion: '1',
    config: { ...config, numerics: 1 } as unknown as JsonValue,
    corpora: [{ name: 'c', hashes: { train: 'a'.repeat(64), dev: 'b'.repeat(64), test: null } }],
    vocabulary: { words: WORDS, characters: CHARACTERS },
    tasks,
    networks,
    results: { dev: 99.5 },
  };
}
