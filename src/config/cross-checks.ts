import type { Config } from './config.js';
import { nearestName } from './nearest-name.js';

/** What is wrong between settings that are right one by one. */
export interface Conflict {
  readonly code: string;
  readonly message: string;
}

type CrossCheck = (config: Config) => Conflict | null;

const uniqueNames =
  (list: 'corpora' | 'tasks'): CrossCheck =>
  (config) => {
    const names = config[list].map((item) => item.name);
    const at = names.findIndex((name, i) => names.indexOf(name) < i);
    if (at < 0) return null;
    return {
      code: 'CONFIG_DUPLICATE_NAME',
      message: `${list}.${at}.name: ${JSON.stringify(names[at])} is the name of ${list}.${names.indexOf(names[at]!)} too; give each its own`,
    };
  };

const corporaExist: CrossCheck = ({ corpora, tasks }) => {
  const names = corpora.map((corpus) => corpus.name);
  const task = tasks.find((task) => !names.includes(task.corpus));
  if (!task) return null;
  const near = nearestName(task.corpus, names);
  const advice = near ? `did you mean ${near}?` : `there is ${names.join(', ')}`;
  return {
    code: 'CONFIG_UNKNOWN_CORPUS',
    message: `tasks.${task.name}.corpus: no corpus is named ${JSON.stringify(task.corpus)}; ${advice}`,
  };
};

const labelsAreNotTokens: CrossCheck = ({ corpora, tasks }) => {
  const task = tasks.find((task) => corpora.some((corpus) => corpus.name === task.corpus && corpus.tokenColumn === task.column));
  if (!task) return null;
  return {
    code: 'CONFIG_CONFLICT',
    message: `tasks.${task.name}.column: column ${task.column} of corpus ${task.corpus} holds its tokens (tokenColumn); name the column of the labels`,
  };
};

const oneBudget =
  (group: 'warmup' | 'prune', needed: boolean): CrossCheck =>
  (config) => {
    const { epochs, steps } = config[group];
    if (epochs > 0 && steps > 0) {
      return {
        code: 'CONFIG_CONFLICT',
        message: `${group}.epochs is ${epochs} and ${group}.steps is ${steps}; a budget is one or the other, so set one to 0`,
      };
    }
    if (!needed || epochs > 0 || steps > 0) return null;
    return { code: 'CONFIG_CONFLICT', message: `${group}.epochs and ${group}.steps are both 0; a pruning round needs one of them` };
  };

const scheduleFitsRounds: CrossCheck = ({ prune }) =>
  prune.keep.length === 0 || prune.keep.length === prune.rounds
    ? null
    : {
        code: 'CONFIG_CONFLICT',
        message: `prune.rounds is ${prune.rounds}, but prune.keep lists ${prune.keep.length} rounds; leave prune.rounds out`,
      };

const selectedRoundExists: CrossCheck = ({ prune }) =>
  prune.select === 'dev' || prune.select <= prune.rounds
    ? null
    : { code: 'CONFIG_CONFLICT', message: `prune.select is round ${prune.select}, but there are ${prune.rounds} rounds (prune.rounds)` };

const filtersHaveMiddle: CrossCheck = ({ model }) =>
  model.charDimension === 0 || model.charWidth % 2 === 1
    ? null
    : {
        code: 'CONFIG_CONFLICT',
        message: `model.charWidth: expected an odd number, so that a filter has a middle; found ${model.charWidth}`,
      };

const usesAdam = ({ train, prune }: Config): boolean => [train.optimizer, prune.optimizer].some(({ type }) => type === 'adam');

const coastingNeedsMomentum: CrossCheck = (config) =>
  config.train.momentumMode === 'masked' || !usesAdam(config)
    ? null
    : {
        code: 'CONFIG_CONFLICT',
        message: 'train.momentumMode: coasting is a way of sgd; with adam leave it at masked',
      };

/** Adam counts the steps of every set of tasks that share weights; there are 2^tasks - 1 of them. */
const MOST_ADAM_TASKS = 8;

const adamCountsSets: CrossCheck = (config) =>
  ['single', 'hard'].includes(config.train.sharing) || config.tasks.length <= MOST_ADAM_TASKS || !usesAdam(config)
    ? null
    : {
        code: 'CONFIG_CONFLICT',
        message: `tasks: sharing in part with adam takes at most ${MOST_ADAM_TASKS} tasks, found ${config.tasks.length}; use sgd`,
      };

const positionsAreTags: CrossCheck = ({ tasks }) => {
  const task = tasks.find(({ column, type }) => column === '@position' && type !== 'tags');
  if (!task) return null;
  return { code: 'CONFIG_CONFLICT', message: `tasks.${task.name}.type: @position gives tags, not ${task.type}; set it to tags` };
};

const layersExist: CrossCheck = ({ tasks, model, train }) => {
  const hierarchical = train.sharing === 'hierarchical';
  const task = tasks.find(({ layer }) => layer !== 'top' && (!hierarchical || layer > model.layers));
  if (task) {
    const message = hierarchical
      ? `tasks.${task.name}.layer is ${task.layer}, but there are ${model.layers} layers (model.layers)`
      : `tasks.${task.name}.layer is ${task.layer}, but heads read lower layers in hierarchical sharing only; leave it at top or set train.sharing`;
    return { code: 'CONFIG_CONFLICT', message };
  }
  if (!hierarchical || tasks.some(({ layer }) => layer !== 'top' && layer < model.layers)) return null;
  return {
    code: 'CONFIG_CONFLICT',
    message: 'train.sharing: hierarchical needs a task that reads a lower layer; set tasks.NAME.layer, or use hard',
  };
};

const controlsHaveSubnets: CrossCheck = ({ train, subnets, tasks }) => {
  const conflict = (message: string): Conflict => ({ code: 'CONFIG_CONFLICT', message });
  const changed = (['file', 'masks', 'weights'] as const).find((name) => ![null, 'own', 'rewound'].includes(subnets[name]));
  if (changed && train.sharing !== 'sparse' && train.sharing !== 'subnet')
    return conflict(`subnets.${changed} is set, but train.sharing is ${train.sharing}; only sparse and subnet have subnets`);
  if (subnets.masks === 'next-task' && tasks.length < 2) return conflict('subnets.masks: next-task needs two tasks');
  if (subnets.masks === 'next-task' && train.sharing === 'subnet' && subnets.file === null)
    return conflict('subnets.masks: next-task needs the subnets of all tasks; give the model of a sparse run as subnets.file');
  return null;
};

/** In the order in which their conflicts are reported. */
export const CROSS_CHECKS: readonly CrossCheck[] = [
  uniqueNames('corpora'),
  uniqueNames('tasks'),
  corporaExist,
  labelsAreNotTokens,
  positionsAreTags,
  filtersHaveMiddle,
  oneBudget('warmup', false),
  oneBudget('prune', true),
  scheduleFitsRounds,
  selectedRoundExists,
  coastingNeedsMomentum,
  adamCountsSets,
  layersExist,
  controlsHaveSubnets,
];
