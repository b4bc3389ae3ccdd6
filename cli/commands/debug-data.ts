import { type CorpusReport, type DataReport, examineData } from 'sparsetag';
import { type Command, DATA, JSON_OPTION } from '../command.js';
import { readConfig } from '../config-file.js';
import { readConfigVectors, readCorpora } from '../corpus-files.js';
import { EXIT } from '../exit-codes.js';
import { counted, formatCount, formatPercent } from '../render/quantity.js';
import { formatTable } from '../render/table.js';
import { UsageError } from '../usage-error.js';

const LABELS_SHOWN = 30;

export const debugData: Command = {
  name: 'debug-data',
  summary: 'look for faults in the corpora of a config',
  usage: '--config FILE [options]',
  description: `Reads the corpora that a config names and reports what spoils training and its scores: labels that train has not, faults of tag
schemes with their places, sentences that two splits share, unknown words and characters, rare labels. Finds all of them,
where training stops at the first. Trains nothing; exit status 3 if training would refuse the data.`,
  options: {
    config: { value: 'FILE', short: 'c', help: 'JSON file of settings; its paths are relative to it' },
    data: DATA,
    all: { help: `every label, not the first ${LABELS_SHOWN} of a task` },
    json: JSON_OPTION,
  },
  takesSettings: true,
  positionals: [0, 0],
  examples: [
    ['sparsetag debug-data --config my.json', 'tables, then what was found, the gravest first'],
    ['sparsetag debug-data -c my.json --json | jq .findings', 'for a program'],
  ],
  async run(args, host) {
    const file = args.value('config');
    if (file === undefined) throw new UsageError('sparsetag debug-data needs --config', `usage: sparsetag debug-data ${debugData.usage}`);
    const config = await readConfig(file, args.settings, args.value('data'));
    const signal = host.interruptible();
    const report = examineData(config, await readCorpora(config), await readConfigVectors(config, signal));
    await host.write(args.has('json') ? `${JSON.stringify({ schema: 1, ...report })}\n` : formatData(report, args.has('all')));
    return report.findings.some(({ severity }) => severity === 'error') ? EXIT.badData : EXIT.ok;
  },
};

function formatData({ corpora, tasks, findings }: DataReport, all: boolean): string {
  const parts = corpora.map(formatCorpus);
  for (const { task, type, labels } of tasks) {
    const shown = all ? labels : labels.slice(0, LABELS_SHOWN);
    const splits = (['train', 'dev', 'test'] as const).filter((split) => labels.some(({ counts }) => counts[split] !== undefined));
    const rows = shown.map(({ label, counts }) => [label, ...splits.map((split) => formatCount(counts[split] ?? 0))]);
    const table = formatTable([[type === 'tags' ? 'label' : 'spans', ...splits], ...rows], ['left', ...splits.map(() => 'right' as const)]);
    const rest = labels.length - shown.length;
    parts.push(
      `task ${task}, ${counted(labels.length, type === 'tags' ? 'label' : 'span type')}\n${table}${rest > 0 ? `and ${rest} more (--all)\n` : ''}`,
    );
  }
  const lines = findings.map(({ severity, message }) => `${severity.padEnd(7)}  ${message}\n`);
  const found = (severity: string): string => counted(findings.filter((finding) => finding.severity === severity).length, severity);
  parts.push(`${lines.join('')}${['error', 'warning', 'note'].map(found).join(', ')}\n`);
  return parts.join('\n');
}

function formatCorpus({ corpus, splits }: CorpusReport): string {
  const share = (count: number, of: number): string => `${formatCount(count)} (${formatPercent(count / of)})`;
  const hasVectors = splits.some(({ withoutVector }) => withoutVector !== null);
  const rows = splits.map(({ split, sentences, tokens, lengths, duplicates, unknown, withoutVector }) => [
    split,
    formatCount(sentences),
    formatCount(tokens),
    `${lengths.least} / ${lengths.median} / ${lengths.most}`,
    formatCount(duplicates),
    split === 'train' ? '' : share(unknown.tokens, tokens),
    ...(hasVectors ? [withoutVector ? share(withoutVector.tokens, tokens) : ''] : []),
  ]);
  const head = [
    '',
    'sentences',
    'tokens',
    'shortest / median / longest',
    'repeated',
    'tokens not in train',
    ...(hasVectors ? ['without vector'] : []),
  ];
  return `corpus ${corpus}\n${formatTable([head, ...rows], ['left', 'right', 'right', 'right', 'right', 'right', 'right'])}`;
}
