// Model files for speed: the base model (or one of other sizes) after a single step, its subnets drawn at random. Which
// weights a subnet keeps does not matter for speed, only how many; so nothing need be trained.
import { makeCorpus, openModelFile, resolveConfig, train } from '../dist/index.js';
import { conllText, dice } from './workload.mjs';

/** Corpus and config of a run over `sentences`: one label column a task. `settings` by section. */
export function makeRun(sentences, tasks, settings = {}) {
  const bytes = new TextEncoder().encode(conllText(sentences));
  const columns = tasks.map((_, t) => t + 1);
  const plan = { name: 'made', train: 'train', dev: 'dev', test: null, format: 'conll', tokenColumn: 0 };
  // A dev split of one sentence: scoring it costs nothing.
  const dev = new TextEncoder().encode(conllText(sentences.slice(0, 1)));
  const splits = { train: { file: 'train', bytes }, dev: { file: 'dev', bytes: dev }, test: null };
  const config = resolveConfig({
    seed: 1,
    corpora: [{ name: 'made', train: 'train', dev: 'dev' }],
    tasks: tasks.map((task, t) => ({ name: task.name, column: columns[t], type: 'tags', head: task.head ?? 'softmax' })),
    ...settings,
  });
  return { config, corpora: [makeCorpus(plan, columns, splits)] };
}

/** Contents of a dense model of all tasks over `sentences`. */
export async function makeDenseModel(sentences, tasks, model = {}) {
  const { config, corpora } = makeRun(sentences, tasks, { model, train: { sharing: 'hard', epochs: 1, batchSize: 100 } });
  let file;
  for await (const event of train(config, corpora)) if (event.type === 'done') file = event.model;
  return openModelFile(file).contents;
}

/** The same model with a random subnet for each task: `keep` of every prunable tensor. */
export function withMasks(contents, keep) {
  const isPrunable = ({ name }) => /^lstm\..*\.(input|recurrent)$|^char\.conv\.weight$/.test(name);
  const networks = contents.networks.map((network) => ({
    ...network,
    masks: contents.tasks.flatMap(({ name: task }, t) =>
      network.tensors
        .filter(isPrunable)
        .map(({ name: tensor, values }, i) => ({ task, tensor, ...randomBits(values.length, keep, 97 * t + i + 1) })),
    ),
  }));
  return settled({ ...contents, networks });
}

/** `keep` of `size` bits, exactly. */
function randomBits(size, keep, seed) {
  const roll = dice(seed);
  const bits = new Uint32Array(Math.ceil(size / 32));
  const kept = Math.round(keep * size);
  let left = kept;
  for (let e = 0; e < size; e++) {
    if (roll(size - e) >= left) continue;
    bits[e >> 5] |= 1 << (e & 31);
    left -= 1;
  }
  return { kept, bits };
}

/** The same model for its first `count` tasks only. */
export function withTasks(contents, count) {
  const tasks = contents.tasks.slice(0, count);
  const isOwn = ({ name }) => !name.startsWith('head.') || tasks.some((task) => name.startsWith(`head.${task.name}.`));
  const networks = contents.networks.map((network) => ({
    ...network,
    tensors: network.tensors.filter(isOwn),
    masks: network.masks.filter(({ task }) => tasks.some(({ name }) => name === task)),
  }));
  const config = { ...contents.config, tasks: contents.config.tasks.filter(({ name }) => tasks.some((task) => task.name === name)) };
  return settled({ ...contents, config, tasks, networks });
}

/** The same model with +0 where no task keeps a weight, as files must have it. */
function settled(contents) {
  const networks = contents.networks.map((network) => ({
    ...network,
    tensors: network.tensors.map((tensor) => {
      const masks = network.masks.filter((mask) => mask.tensor === tensor.name);
      if (masks.length === 0) return tensor;
      const isKept = (e) => masks.some(({ bits }) => (bits[e >> 5] >>> (e & 31)) & 1);
      return { ...tensor, values: tensor.values.map((value, e) => (isKept(e) ? value : 0)) };
    }),
  }));
  return { ...contents, networks };
}
