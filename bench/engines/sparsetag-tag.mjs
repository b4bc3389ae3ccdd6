import { readFile } from 'node:fs/promises';
import { Tagger, VERSION } from '../../dist/index.js';

/** Tags of all tasks of `cell.model`, from strings to strings. */
export async function open(workload, cell) {
  const runtime = { threads: cell.threads, kernels: cell.kernels, profile: cell.profile };
  const tagger = await Tagger.load(await readFile(cell.model), { runtime });
  const batches = workload.batches[cell.order].map((batch) => batch.map((i) => workload.sentences[i].tokens));
  const tokens = batches.map((batch) => batch.reduce((sum, { length }) => sum + length, 0));
  return {
    name: `SparseTag ${VERSION}`,
    async run(i) {
      tagger.tagBatch(batches[i]);
      return tokens[i];
    },
    close: () => tagger.dispose(),
  };
}
