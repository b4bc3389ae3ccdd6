import { readFile } from 'node:fs/promises';
import { train, VERSION } from '../../dist/index.js';
import { makeRun } from '../models.mjs';

/** A step of the trainer a call; `cell.masks` names the model file whose subnets are trained. */
export async function open(workload, cell) {
  const tasks = workload.tasks.slice(0, cell.tasks);
  const { config, corpora } = makeRun(workload.sentences, tasks, {
    model: workload.sizes ?? {},
    train: {
      sharing: cell.masks ? 'sparse' : 'hard',
      epochs: 1_000_000,
      batchSize: workload.batchSize,
      batching: cell.order === 'sorted' ? 'similar' : 'random',
    },
    ...(cell.masks && { subnets: { file: 'masks' } }),
  });
  const subnets = cell.masks ? await readFile(cell.masks) : null;
  const events = train(config, corpora, {
    subnets,
    runtime: { threads: cell.threads, kernels: cell.kernels ?? 'auto', ...(cell.build && { build: cell.build }) },
  });
  return {
    name: `SparseTag ${VERSION}`,
    async run() {
      for (;;) {
        const { value } = await events.next();
        if (value.type === 'step') return value.tokens;
      }
    },
  };
}
