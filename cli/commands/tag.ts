import { convertLabels, formatConll, Tagger, type TaggerTask, type TagScheme } from 'sparsetag';
import type { Arguments } from '../arguments.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { inputName, openInput, readModelBytes } from '../files.js';
import { parseColumn } from '../model-columns.js';
import { batched, chooseInput, type InputSentence, readSentences } from '../sentence-input.js';
import { UsageError } from '../usage-error.js';

const BATCH_SENTENCES = 64;
const SCHEMES: readonly string[] = ['bio', 'iob1', 'bioes'];

export const tag: Command = {
  name: 'tag',
  summary: 'tag text with a model',
  usage: 'MODEL [FILE|-] [options]',
  description: `Tags sentences and writes them as CoNLL columns: what was read, then a column for each task. Reads tokens (one sentence
a line, tokens between spaces) or CoNLL columns (one token a line, an empty line after each sentence). Without --input the
first lines decide: CoNLL if they hold tabs, or are two or more lines with the same number of columns; else tokens.`,
  options: {
    input: { value: 'FORMAT', help: 'tokens, conll or auto (default)' },
    'token-column': { value: 'N', help: 'column of the token in CoNLL input, from 0 (default 0)' },
    task: { value: 'NAME', help: 'only this task; may be given more than once' },
    scheme: { value: 'NAME', help: 'tag scheme of spans in the output: bio (default), iob1 or bioes' },
    json: { help: 'write a JSON object a sentence instead of columns' },
  },
  takesSettings: false,
  positionals: [1, 2],
  examples: [
    ["echo 'EU rejects German call' | sparsetag tag model.safetensors", 'one sentence, all tasks'],
    ['sparsetag tag model.safetensors test.conll --task ner', 'a column added to every line of a file'],
    ['sparsetag tag model.safetensors - --input tokens --json < sentences.txt', 'a JSON object a line'],
  ],
  async run(args, host) {
    const [model, file] = args.positionals as [string, string?];
    const scheme = schemeOf(args);
    const format = formatOf(args);
    const tokenColumn = parseColumn(args.value('token-column') ?? '0', '--token-column');
    const tagger = await Tagger.load(await readModelBytes(model));
    const tasks = tasksOf(args, tagger.tasks);
    const input = await chooseInput(openInput(file, host), format, host.stdinIsTerminal && inputName(file) === '<stdin>');
    if (format === 'auto')
      host.note(`reading ${input.format === 'conll' ? 'CoNLL columns' : 'one sentence a line'} (--input ${input.format})`);
    const sentences = readSentences(input, inputName(file), tokenColumn);
    for await (const batch of batched(sentences, input.isLive ? 1 : BATCH_SENTENCES)) {
      const tagged = tagger.tagBatch(batch.map(({ tokens }) => tokens));
      const texts = batch.map((sentence, i) => {
        const columns = tasks.map((task) => inScheme(tagged[i]![task.name]!, task, scheme));
        return args.has('json') ? formatJson(sentence, tasks, columns) : formatConll(sentence.rows, columns, sentence.separator);
      });
      await host.write(texts.join(''));
    }
    tagger.dispose();
    return EXIT.ok;
  },
};

function formatJson({ tokens }: InputSentence, tasks: readonly TaggerTask[], columns: readonly (readonly string[])[]): string {
  return `${JSON.stringify({ schema: 1, tokens, tags: Object.fromEntries(tasks.map(({ name }, i) => [name, columns[i]])) })}\n`;
}

function inScheme(tags: readonly string[], task: TaggerTask, scheme: TagScheme): readonly string[] {
  return task.scheme === null || task.scheme === scheme ? tags : convertLabels(tags, task.scheme, scheme);
}

function schemeOf(args: Arguments): TagScheme {
  const scheme = args.value('scheme') ?? 'bio';
  if (SCHEMES.includes(scheme)) return scheme as TagScheme;
  throw new UsageError(`--scheme: expected ${SCHEMES.join(', ')}; found ${scheme}`);
}

function formatOf(args: Arguments): 'tokens' | 'conll' | 'auto' {
  const format = args.value('input') ?? 'auto';
  if (format === 'tokens' || format === 'conll' || format === 'auto') return format;
  throw new UsageError(`--input: expected tokens, conll or auto; found ${format}`);
}

function tasksOf(args: Arguments, tasks: readonly TaggerTask[]): readonly TaggerTask[] {
  const names = args.values('task');
  const unknown = names.find((name) => !tasks.some((task) => task.name === name));
  if (unknown !== undefined) throw new UsageError(`the model has no task ${unknown}; it has ${tasks.map(({ name }) => name).join(', ')}`);
  return names.length === 0 ? tasks : tasks.filter(({ name }) => names.includes(name));
}
