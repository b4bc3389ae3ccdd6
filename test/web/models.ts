import { type ModelContents, readModelFile, train, writeModelFile } from 'sparsetag';
import { makeCorpus } from '../../src/io/corpus.js';
import { type Choices, configOf } from '../../web/train/choices.js';
import { SAMPLE_COLUMNS, sampleFiles } from '../../web/train/sample.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';

/** A small model of three tasks. */
export async function smallModel(): Promise<Uint8Array> {
  return (await runTraining(smallConfig(), {}, smallCorpus(60))).done.model;
}

/** The same model with other names of tasks and tags: everything in a model file that a page shows. */
export function renamed(model: Uint8Array, names: readonly string[]): Uint8Array {
  const contents = readModelFile(model);
  let next = 0;
  const name = (): string => names[next++ % names.length]!.replaceAll('\n', ' ').toWellFormed();
  const other = new Map(contents.tasks.map((task) => [task.name, `${task.name} ${name()}`]));
  const tag = (old: string): string =>
    old.length > 2 && old[1] === '-' ? `${old.slice(0, 2)}${name()}${next}` : old === 'O' ? old : `${name()}${next}`;
  const changed: ModelContents = {
    ...contents,
    tasks: contents.tasks.map((task) => ({ ...task, name: other.get(task.name)!, tags: task.tags.map(tag) })),
    networks: contents.networks.map((network) => ({
      ...network,
      tensors: network.tensors.map((tensor) => {
        const [, head, rest] = /^head\.([^.]+)(\..*)$/.exec(tensor.name) ?? [];
        return head ? { ...tensor, name: `head.${other.get(head)}${rest}` } : tensor;
      }),
      masks: network.masks.map((mask) => ({ ...mask, task: other.get(mask.task)! })),
    })),
  };
  return writeModelFile(changed);
}

/** The fingerprint that Node reaches with the page's sample. */
export async function fingerprintInNode(choices: Choices): Promise<string> {
  const files = await sampleFiles();
  const config = configOf(choices, SAMPLE_COLUMNS, true, 'train');
  const columns = config.tasks.map(({ column }) => column);
  const corpus = makeCorpus(config.corpora[0]!, columns, { train: files.train, dev: files.dev, test: files.test });
  for await (const event of train(config, [corpus])) if (event.type === 'done') return event.report.fingerprint;
  throw new Error('a training ended without a model');
}
