import { readFile } from 'node:fs/promises';
import { train, VERSION } from '../../dist/index.js';
import { makeRun } from '../models.mjs';

/** A step of the trainer a call; `cell.masks` names the model file whose subnets are trained. */
export async function open(workload, cell) {
  const { sizes = {}, batchSize } = workload;
  const { config, corpora } = makeRun(workload.sentences, workload.tasks.slice(0, cell.tasks), {
    model: sizes,
    train: {
      sharing: cell.masks ? 'sparse' : 'hard',
      epochs: 1_000_000,
      batchSize,
      batching: cell.order === 'ragged' ? 'random' : 'similar',
    },
    ...(cell.masks && { subnets: { file: 'masks' } }),
  });
  const subnets = cell.masks ? await readFile(cell.masks) : null;
  const events = train(config, corpora, { subnets, runtime: { threads: cell.threads, kernels: cell.kernels, profile: cell.profile } });
  return {
    name: `SparseTag ${VERSION}`,
    async run() {
      for (;;) {
        const { value } = await events.next();
        if (value.type === 'step') return value.tokens;
      }
    },
    /** Ends the run and gives its memory back. */
    close: () => events.return(),
  };
}
