// What is measured: groups of cells that take turns. A cell is one engine at one setting.
import { fileURLToPath } from 'node:url';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

export const ENGINES = {
  sparsetag: { name: 'SparseTag', train: file('engines/sparsetag-train.mjs'), tag: file('engines/sparsetag-tag.mjs') },
  pytorch: { name: 'PyTorch', script: file('peers/torch_bench.py') },
  tfjs: { name: 'TensorFlow.js wasm', train: file('peers/tfjs.mjs'), tag: file('peers/tfjs.mjs') },
  native: { name: 'ONNX Runtime native', tag: file('peers/onnxruntime-node.mjs') },
  web: { name: 'ONNX Runtime web', tag: file('peers/onnxruntime-web.mjs') },
};

/** Fractions of the prunable weights that subnets keep. */
export const KEEPS = [1, 0.5, 0.3, 0.2, 0.1];

/** Every combination of the values of each key. */
function combine(engine, options) {
  return Object.entries(options).reduce(
    (cells, [key, values]) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [key]: value }))),
    [{ engine }],
  );
}

const BOTH = [1, 2];
// Other engines multiply by pruned weights like by any: what a mask does there is to put zeros among them.
export const GROUPS = [
  {
    name: 'training, batches of similar length',
    work: 'train',
    order: 'sorted',
    seconds: 1,
    cells: [
      ...combine('sparsetag', { keep: KEEPS, tasks: [3, 1], threads: BOTH }),
      ...combine('pytorch', { keep: [1], tasks: [3], threads: BOTH }),
      ...combine('tfjs', { keep: [1], tasks: [3], threads: [1] }),
    ],
  },
  {
    name: 'training, ragged batches',
    work: 'train',
    order: 'ragged',
    seconds: 1,
    cells: [
      ...combine('sparsetag', { keep: [1, 0.2], tasks: [3], threads: BOTH }),
      ...combine('pytorch', { keep: [1], tasks: [3], threads: BOTH }),
    ],
  },
  {
    name: 'tagging, batches of similar length',
    work: 'tag',
    order: 'sorted',
    seconds: 0.6,
    cells: [
      ...combine('sparsetag', { keep: KEEPS, tasks: [1, 3], threads: BOTH }),
      ...combine('native', { keep: [1, 0.2, 0.1], tasks: [1], threads: BOTH }),
      ...combine('native', { keep: [0.2, 0.1], tasks: [3], threads: BOTH }),
      ...combine('web', { keep: [1, 0.2], tasks: [1], threads: BOTH }),
      ...combine('web', { keep: [0.2], tasks: [3], threads: BOTH }),
      ...combine('pytorch', { keep: [1], tasks: [1], threads: [1] }),
      ...combine('tfjs', { keep: [1], tasks: [1], threads: [1] }),
    ],
  },
  ...['ragged', 'single'].map((order) => ({
    name: order === 'ragged' ? 'tagging, ragged batches' : 'tagging, one sentence at a time',
    work: 'tag',
    order,
    seconds: 0.6,
    cells: [
      ...combine('sparsetag', { keep: [1, 0.2, 0.1], tasks: [1], threads: BOTH }),
      ...combine('native', { keep: [1, 0.2, 0.1], tasks: [1], threads: BOTH }),
      ...combine('web', { keep: [0.2], tasks: [1], threads: BOTH }),
      ...combine('pytorch', { keep: [1], tasks: [1], threads: [1] }),
    ],
  })),
];

/** Whether a quick run has a cell of a group: no ragged batches, few densities, as many tasks as the goals are about. */
export function isQuick({ order, work }, { engine, keep, tasks, threads }) {
  if (order === 'ragged' || ![1, 0.2, 0.1].includes(keep) || tasks !== (work === 'train' ? 3 : 1)) return false;
  return engine === 'sparsetag' || threads === 1;
}

/** `SparseTag 20 % kept, 1 task, 2 threads` */
export function labelOf({ engine, keep, tasks, threads }) {
  const many = (count, what) => `${count} ${what}${count > 1 ? 's' : ''}`;
  return `${ENGINES[engine].name} ${keep < 1 ? `${100 * keep} % kept` : 'dense'}, ${many(tasks, 'task')}, ${many(threads, 'thread')}`;
}
