import type { Corpus, TrainEvent } from 'sparsetag';
import { counted, formatBytes, formatCount } from './quantity.js';
import { formatTable } from './table.js';

/** What a run would train: data, network, phases, steps and memory. */
export function formatPlan(start: TrainEvent & { readonly type: 'start' }, corpora: readonly Corpus[]): string {
  const { config, words, characters, parameters, prunable, totalSteps, memory } = start;
  const sentences = corpora.flatMap(({ name, train, dev, test }) =>
    Object.entries({ train, dev, test }).flatMap(([split, part]) => {
      if (!part) return [];
      const tokens = part.sentences.reduce((sum, sentence) => sum + sentence.tokens.length, 0);
      return [[`${name} ${split}`, formatCount(part.sentences.length), formatCount(tokens)]];
    }),
  );
  const tasks = config.tasks.map(({ name, corpus, column, type, head }) => [name, corpus, `${column}`, type, head]);
  const { train, warmup, prune, subnets } = config;
  const isSparse = train.sharing === 'sparse' || train.sharing === 'subnet';
  const budget = ({ epochs, steps }: { epochs: number; steps: number }): string =>
    steps > 0 ? counted(steps, 'step') : counted(epochs, 'epoch');
  // `prune.minimumKept` may end the rounds sooner.
  const rounds = prune.keep.length > 0 ? prune.keep.length : prune.rounds;
  const trainings = prune.select === 'dev' ? rounds + 1 : prune.select;
  const phases = [
    ...(isSparse && (warmup.epochs > 0 || warmup.steps > 0) ? [['warm-up', budget(warmup)]] : []),
    ...(isSparse && subnets.file === null
      ? [['pruning', `${prune.minimumKept > 0 ? 'up to ' : ''}${counted(trainings, 'training')} a task of ${budget(prune)}`]]
      : []),
    [`training (${train.sharing})`, counted(train.epochs, 'epoch')],
  ];
  const total = memory.reduce((sum, { bytes }) => sum + bytes, 0);
  const facts = [
    ['words, characters', `${formatCount(words)}, ${formatCount(characters)}`],
    [
      'parameters',
      `${formatCount(parameters)} and ${formatCount(words * config.model.wordDimension)} in word vectors; ${formatCount(prunable)} prunable`,
    ],
    ['steps', formatCount(totalSteps)],
    ['kernel memory', formatBytes(total)],
  ];
  return [
    formatTable([['corpus', 'sentences', 'tokens'], ...sentences], ['left', 'right', 'right']),
    formatTable([['task', 'corpus', 'column', 'type', 'head'], ...tasks], ['left', 'left', 'left', 'left', 'left']),
    formatTable([['phase', 'budget'], ...phases], ['left', 'left']),
    formatTable(facts, ['left', 'left']),
  ].join('\n');
}
