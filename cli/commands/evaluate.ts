import {
  checkLabels,
  evaluate as evaluateTagger,
  formatConlleval,
  labelPosition,
  readModelFile,
  readSentences,
  type Sentence,
  type Split,
  type StoredConfig,
  sentencesHash,
  storedConfig,
  Tagger,
  type TaskScore,
} from 'sparsetag';
import { type Command, JSON_OPTION } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { displayName, readModel, readTextFile } from '../files.js';
import { type ColumnPlan, planColumns } from '../model-columns.js';
import { formatCount } from '../render/quantity.js';
import { formatTable } from '../render/table.js';
import { RUNTIME_OPTIONS, runtimeOptionsOf } from '../runtime-options.js';

export const evaluate: Command = {
  name: 'evaluate',
  summary: 'score a model on labelled files',
  usage: 'MODEL FILE... [options]',
  description: `Tags the sentences of labelled files, all together, and compares the tags with the labels in the files: accuracy for
tasks of type tags, conlleval's span F1 for tasks of type spans. Columns are those that the model was trained on.`,
  options: {
    columns: { value: 'TASK=N,...', help: 'columns of the labels, from 0 or by name; tasks that are not named are left out' },
    format: { value: 'NAME', help: 'conll, conll2000, conll2003, conllu, jsonl or auto (default): by the names of the files' },
    'token-column': { value: 'N', help: 'column of the token, from 0' },
    details: { help: "conlleval's report by type for every spans task" },
    ...RUNTIME_OPTIONS,
    json: JSON_OPTION,
  },
  takesSettings: false,
  positionals: [2, Number.POSITIVE_INFINITY],
  examples: [
    ['sparsetag evaluate runs/first/model.safetensors gum/test.txt', 'a line a task'],
    ['sparsetag evaluate model.safetensors other.conll --columns ner=3 --details', 'one task, its label in the fourth column'],
  ],
  async run(args, host) {
    const [model, ...files] = args.positionals as [string, ...string[]];
    const runtime = runtimeOptionsOf(args, host);
    const { bytes, config } = await readModel(model, (bytes) => ({ bytes, config: storedConfig(readModelFile(bytes)) }));
    const plan = planColumns(config, args.value('columns'), args.value('token-column'), args.value('format'));
    const read: Sentence[][] = [];
    for (const file of files) {
      const text = { file: displayName(file), bytes: await readTextFile(file) };
      const split = { file: text.file, sentences: readSentences(text, plan, plan.columns) };
      requireSchemes(split, plan, config);
      read.push(split.sentences);
    }
    const sentences = read.flat();
    const tagger = await Tagger.load(bytes, { runtime });
    try {
      const scores = evaluateTagger(tagger, sentences, plan.gold);
      const corpus = sentencesHash(sentences);
      const result = { schema: 1, fingerprint: tagger.fingerprint, corpus, sentences: sentences.length, tasks: scores };
      await host.write(args.has('json') ? `${JSON.stringify(result)}\n` : formatScores(scores, args.has('details')));
    } finally {
      tagger.dispose();
    }
    return EXIT.ok;
  },
};

/** Says where a label is not of its task's scheme. @throws {CorpusError} CORPUS_LABEL_NOT_IN_SCHEME */
function requireSchemes(split: Split, { gold }: ColumnPlan, { tasks }: StoredConfig): void {
  for (const { task, labels, scheme } of gold) {
    if (tasks.find(({ name }) => name === task)!.type !== 'spans') continue;
    for (const sentence of split.sentences) checkLabels(sentence.labels[labels]!, scheme, (i) => labelPosition(split, sentence, labels, i));
  }
}

function formatScores(scores: readonly TaskScore[], hasDetails: boolean): string {
  const percent = (value: number | undefined) => (value === undefined ? '' : value.toFixed(2));
  const rows = scores.map(({ task, metric, score, tokens, spans }) => [
    task,
    metric,
    percent(score),
    percent(spans?.precision),
    percent(spans?.recall),
    formatCount(tokens),
  ]);
  const table = formatTable(
    [['task', 'metric', 'score', 'precision', 'recall', 'tokens'], ...rows],
    ['left', 'left', 'right', 'right', 'right', 'right'],
  );
  const details = scores.flatMap(({ task, spans }) => (hasDetails && spans ? [`\n${task}\n${formatConlleval(spans)}`] : []));
  return table + details.join('');
}
