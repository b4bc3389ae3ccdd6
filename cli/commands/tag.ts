import { convertLabels, entitiesOf, type ScoredSentence, Tagger, type TaggerTask, type TagScheme } from 'sparsetag';
import type { Arguments } from '../arguments.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { inputName, openInput, readModel } from '../files.js';
import { parseColumn } from '../model-columns.js';
import { RUNTIME_OPTIONS, runtimeOptionsOf } from '../runtime-options.js';
import { batched, chooseInput, INPUT_FORMATS, type InputFormat, type InputSentence, readInput } from '../sentence-input.js';
import { type AddedColumn, formatSentence, OUTPUT_FORMATS, type OutputFormat, outputFor } from '../sentence-output.js';
import { OFFSETS, type Offsets, placeSentence } from '../sentence-places.js';
import { UsageError } from '../usage-error.js';

const BATCH_SENTENCES = 64;
const FORMAT_NAMES: Readonly<Record<InputFormat, string>> = {
  text: 'running text',
  tokens: 'one sentence a line',
  conll: 'CoNLL columns',
  conllu: 'CoNLL-U',
  jsonl: 'JSON Lines',
};
const BYTE_ORDER_MARK = '\uFEFF';
/** Fields of JSON Lines that are not tags. */
const FIELDS: readonly string[] = ['schema', 'tokens', 'text', 'starts', 'ends'];
const SCHEMES: readonly string[] = ['bio', 'iob1', 'bioes'];
const AGGREGATIONS = ['none', 'simple'] as const;
type Aggregation = (typeof AGGREGATIONS)[number];

export const tag: Command = {
  name: 'tag',
  summary: 'tag text with a model',
  usage: 'MODEL [FILE|-] [options]',
  description: `Tags sentences and writes what was read with the tags added: CoNLL columns get a column a task, CoNLL-U an attribute a task
in MISC, JSON Lines a field a task. Reads these, running text (English; cut into sentences and tokens) and plain sentences (one
a line, tokens between spaces); both are written as columns.
Any format in, any out, in memory that does not grow with the input. Without --input the first lines decide: {...} is JSON
Lines; ten columns that begin with 1 are CoNLL-U; tabs, or two or more lines of as many columns, are CoNLL; else tokens.`,
  options: {
    input: { value: 'FORMAT', help: 'text, tokens, conll, conllu, jsonl or auto (default)' },
    output: { value: 'FORMAT', help: 'conll, conllu or jsonl; default: as the input' },
    'token-column': { value: 'N', help: 'column of the token in CoNLL input, from 0 (default 0)' },
    task: { value: 'NAME', help: 'only this task; may be given more than once' },
    scheme: { value: 'NAME', help: 'tag scheme of spans in the output: bio (default), iob1 or bioes' },
    scores: { help: 'add the probability of each tag: a column, attribute or field TASK.score' },
    entities: { help: 'write the entities of each sentence instead, as JSON Lines' },
    aggregation: { value: 'NAME', help: 'what an entity is: a span (simple, default), or a token that is not outside (none)' },
    offsets: { value: 'UNIT', help: 'what places in a text count: utf16 units (default) or codepoints, as Python does' },
    ...RUNTIME_OPTIONS,
    json: { help: 'the same as --output jsonl' },
  },
  takesSettings: false,
  positionals: [1, 2],
  examples: [
    ["echo 'EU rejects German call' | sparsetag tag model.safetensors", 'one sentence, all tasks'],
    ['sparsetag tag model.safetensors test.conll --task ner', 'a column added to every line of a file'],
    ['sparsetag tag model.safetensors - --input tokens --json < sentences.txt', 'a JSON object a line'],
    ['sparsetag tag model.safetensors story.txt --input text --entities', 'names with scores and where they are in the text'],
    ['sparsetag tag model.safetensors news.conllu --output jsonl', 'from one format to another'],
  ],
  async run(args, host) {
    const [model, file] = args.positionals as [string, string?];
    const scheme = schemeOf(args);
    const format = formatOf(args);
    const offsets = choice(OFFSETS, args.value('offsets') ?? 'utf16', '--offsets');
    const aggregation = aggregationOf(args);
    const wanted = outputOf(args);
    const tokenColumn = parseColumn(args.value('token-column') ?? '0', '--token-column');
    const runtime = runtimeOptionsOf(args, host);
    const tagger = await readModel(model, (bytes) => Tagger.load(bytes, { runtime }));
    try {
      const tasks = tasksOf(args, tagger.tasks);
      const spans = args.has('entities') ? entityTasks(args, tasks, aggregation) : [];
      const input = await chooseInput(openInput(file, host), format, host.stdinIsTerminal && inputName(file) === '<stdin>');
      if (format === 'auto') host.note(`reading ${FORMAT_NAMES[input.format]} (--input ${input.format})`);
      const output = wanted ?? outputFor(input.format);
      requireFieldNames(output, tasks);
      let isFirst = true;
      const sentences = readInput(input, inputName(file), tokenColumn);
      for await (const batch of batched(sentences, input.isLive ? 1 : BATCH_SENTENCES)) {
        const tagged = predict(
          tagger,
          batch.map(({ tokens }) => tokens),
          args.has('entities') ? spans : tasks,
          args.has('scores') || args.has('entities'),
        );
        const texts = batch.map((sentence, i) => {
          if (args.has('entities')) return formatEntities(sentence, tagged[i]!, spans, { aggregation, offsets });
          return formatSentence(output, sentence, columnsOf(tagged[i]!, tasks, scheme, args.has('scores')), offsets);
        });
        const text = texts.join('');
        // A reader takes one byte order mark off: a token that begins with one, first of all, needs another.
        await host.write(isFirst && text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK + text : text);
        isFirst = false;
      }
    } finally {
      tagger.dispose();
    }
    return EXIT.ok;
  },
};

function predict(
  tagger: Tagger,
  sentences: readonly (readonly string[])[],
  tasks: readonly TaggerTask[],
  scored: boolean,
): readonly ScoredSentence[] {
  const names = tasks.map(({ name }) => name);
  if (scored) return tagger.scoreBatch(sentences, names);
  const scores = new Float32Array(0);
  return tagger.tagBatch(sentences, names).map((tags) => Object.fromEntries(names.map((name) => [name, { tags: tags[name]!, scores }])));
}

/** Decimals of a probability that are written; it has about seven. */
const DECIMALS = 6;

function columnsOf(tagged: ScoredSentence, tasks: readonly TaggerTask[], scheme: TagScheme, scored: boolean): AddedColumn[] {
  return tasks.flatMap((task): AddedColumn[] => {
    const { tags, scores } = tagged[task.name]!;
    const column = { name: task.name, values: inScheme(tags, task, scheme) };
    return scored ? [column, { name: `${task.name}.score`, values: Array.from(scores, round) }] : [column];
  });
}

function round(score: number): number {
  return Number(score.toFixed(DECIMALS));
}

/** A line a sentence: its text and its entities; offsets count in the text, or in the whole input where that is running text. */
function formatEntities(
  sentence: InputSentence,
  tagged: ScoredSentence,
  tasks: readonly TaggerTask[],
  options: { readonly aggregation: Aggregation; readonly offsets: Offsets },
): string {
  const placed = placeSentence(sentence);
  const shift = options.offsets === 'codepoints' ? placed.codePointOffset : placed.offset;
  const entities = tasks.flatMap((task) =>
    entitiesOf(placed.text, [placed], [tagged[task.name]!], task, options).map((entity) => ({
      ...(tasks.length > 1 && { task: task.name }),
      ...entity,
      score: round(entity.score),
      start: entity.start + shift,
      end: entity.end + shift,
    })),
  );
  return `${JSON.stringify({ schema: 1, text: placed.text, entities })}\n`;
}

/** Tasks that entities are taken from: those of spans; without aggregation any that are named. */
function entityTasks(args: Arguments, tasks: readonly TaggerTask[], aggregation: Aggregation): readonly TaggerTask[] {
  if (aggregation === 'none' && args.values('task').length > 0) return tasks;
  const spans = tasks.filter(({ type }) => type === 'spans');
  if (spans.length > 0 && (args.values('task').length === 0 || spans.length === tasks.length)) return spans;
  throw new UsageError(
    '--entities needs tasks of type spans',
    `the model has ${tasks.map(({ name, type }) => `${name} (${type})`).join(', ')}`,
  );
}

function inScheme(tags: readonly string[], task: TaggerTask, scheme: TagScheme): readonly string[] {
  return task.scheme === null || task.scheme === scheme ? tags : convertLabels(tags, task.scheme, scheme);
}

function schemeOf(args: Arguments): TagScheme {
  if (args.has('scheme') && args.has('entities'))
    throw new UsageError('--scheme says how tags are written, and --entities writes none', 'leave one of them out');
  const scheme = args.value('scheme') ?? 'bio';
  if (SCHEMES.includes(scheme)) return scheme as TagScheme;
  throw new UsageError(`--scheme: expected ${SCHEMES.join(', ')}; found ${scheme}`);
}

function aggregationOf(args: Arguments): Aggregation {
  const name = args.value('aggregation');
  if (name !== undefined && !args.has('entities')) throw new UsageError('--aggregation says how --entities are made', 'give both');
  return choice(AGGREGATIONS, name ?? 'simple', '--aggregation');
}

function formatOf(args: Arguments): InputFormat | 'auto' {
  return choice([...INPUT_FORMATS, 'auto'], args.value('input') ?? 'auto', '--input');
}

function outputOf(args: Arguments): OutputFormat | null {
  const format = args.value('output');
  if (args.has('json') && format !== undefined && format !== 'jsonl')
    throw new UsageError(`--json is --output jsonl; found --output ${format} too`);
  if (args.has('entities') && format !== undefined && format !== 'jsonl')
    throw new UsageError(`--entities are written as JSON Lines; found --output ${format} too`);
  if (args.has('json')) return 'jsonl';
  return format === undefined ? null : choice(OUTPUT_FORMATS, format, '--output');
}

function requireFieldNames(output: OutputFormat, tasks: readonly TaggerTask[]): void {
  const task = tasks.find(({ name }) => FIELDS.includes(name));
  if (output === 'jsonl' && task)
    throw new UsageError(`task ${task.name} has the name of a field of JSON Lines`, 'write conll or conllu, or leave it out with --task');
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
