import { convertLabels, Tagger, type TaggerTask, type TagScheme } from 'sparsetag';
import type { Arguments } from '../arguments.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { inputName, openInput, readModelBytes } from '../files.js';
import { parseColumn } from '../model-columns.js';
import { batched, chooseInput, INPUT_FORMATS, type InputFormat, readInput } from '../sentence-input.js';
import { formatSentence, OUTPUT_FORMATS, type OutputFormat, outputFor } from '../sentence-output.js';
import { UsageError } from '../usage-error.js';

const BATCH_SENTENCES = 64;
const FORMAT_NAMES: Readonly<Record<InputFormat, string>> = {
  tokens: 'one sentence a line',
  conll: 'CoNLL columns',
  conllu: 'CoNLL-U',
  jsonl: 'JSON Lines',
};
const SCHEMES: readonly string[] = ['bio', 'iob1', 'bioes'];

export const tag: Command = {
  name: 'tag',
  summary: 'tag text with a model',
  usage: 'MODEL [FILE|-] [options]',
  description: `Tags sentences and writes what was read with the tags added: CoNLL columns get a column a task, CoNLL-U an attribute a task
in MISC, JSON Lines a field a task. Reads these and plain sentences (one a line, tokens between spaces; written as columns).
Any format in, any out, in memory that does not grow with the input. Without --input the first lines decide: {...} is JSON
Lines; ten columns that begin with 1 are CoNLL-U; tabs, or two or more lines of as many columns, are CoNLL; else tokens.`,
  options: {
    input: { value: 'FORMAT', help: 'tokens, conll, conllu, jsonl or auto (default)' },
    output: { value: 'FORMAT', help: 'conll, conllu or jsonl; default: as the input' },
    'token-column': { value: 'N', help: 'column of the token in CoNLL input, from 0 (default 0)' },
    task: { value: 'NAME', help: 'only this task; may be given more than once' },
    scheme: { value: 'NAME', help: 'tag scheme of spans in the output: bio (default), iob1 or bioes' },
    json: { help: 'the same as --output jsonl' },
  },
  takesSettings: false,
  positionals: [1, 2],
  examples: [
    ["echo 'EU rejects German call' | sparsetag tag model.safetensors", 'one sentence, all tasks'],
    ['sparsetag tag model.safetensors test.conll --task ner', 'a column added to every line of a file'],
    ['sparsetag tag model.safetensors - --input tokens --json < sentences.txt', 'a JSON object a line'],
    ['sparsetag tag model.safetensors news.conllu --output jsonl', 'from one format to another'],
  ],
  async run(args, host) {
    const [model, file] = args.positionals as [string, string?];
    const scheme = schemeOf(args);
    const format = formatOf(args);
    const tokenColumn = parseColumn(args.value('token-column') ?? '0', '--token-column');
    const tagger = await Tagger.load(await readModelBytes(model));
    const tasks = tasksOf(args, tagger.tasks);
    const input = await chooseInput(openInput(file, host), format, host.stdinIsTerminal && inputName(file) === '<stdin>');
    if (format === 'auto') host.note(`reading ${FORMAT_NAMES[input.format]} (--input ${input.format})`);
    const output = outputOf(args) ?? outputFor(input.format);
    const sentences = readInput(input, inputName(file), tokenColumn);
    for await (const batch of batched(sentences, input.isLive ? 1 : BATCH_SENTENCES)) {
      const tagged = tagger.tagBatch(batch.map(({ tokens }) => tokens));
      const texts = batch.map((sentence, i) => {
        const columns = tasks.map((task) => ({ name: task.name, tags: inScheme(tagged[i]![task.name]!, task, scheme) }));
        return formatSentence(output, sentence, columns);
      });
      await host.write(texts.join(''));
    }
    tagger.dispose();
    return EXIT.ok;
  },
};

function inScheme(tags: readonly string[], task: TaggerTask, scheme: TagScheme): readonly string[] {
  return task.scheme === null || task.scheme === scheme ? tags : convertLabels(tags, task.scheme, scheme);
}

function schemeOf(args: Arguments): TagScheme {
  const scheme = args.value('scheme') ?? 'bio';
  if (SCHEMES.includes(scheme)) return scheme as TagScheme;
  throw new UsageError(`--scheme: expected ${SCHEMES.join(', ')}; found ${scheme}`);
}

function formatOf(args: Arguments): InputFormat | 'auto' {
  return choice([...INPUT_FORMATS, 'auto'], args.value('input') ?? 'auto', '--input');
}

function outputOf(args: Arguments): OutputFormat | null {
  const format = args.value('output');
  if (args.has('json') && format !== undefined && format !== 'jsonl')
    throw new UsageError(`--json is --output jsonl; found --output ${format} too`);
  if (args.has('json')) return 'jsonl';
  return format === undefined ? null : choice(OUTPUT_FORMATS, format, '--output');
}

function choice<T extends string>(values: readonly T[], value: string, option: string): T {
  const found = values.find((known) => known === value);
  if (found !== undefined) return found;
  throw new UsageError(`${option}: expected ${values.slice(0, -1).join(', ')} or ${values.at(-1)}; found ${value}`);
}

function tasksOf(args: Arguments, tasks: readonly TaggerTask[]): readonly TaggerTask[] {
  const names = args.values('task');
  const unknown = names.find((name) => !tasks.some((task) => task.name === name));
  if (unknown !== undefined) throw new UsageError(`the model has no task ${unknown}; it has ${tasks.map(({ name }) => name).join(', ')}`);
  return names.length === 0 ? tasks : tasks.filter(({ name }) => names.includes(name));
}
