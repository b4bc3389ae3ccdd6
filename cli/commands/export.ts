import path from 'node:path';
import { exportOnnx, type ModelContents, openModelFile, storedConfig } from 'sparsetag';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { makeFolder, readModelBytes, reasonOf, writeFileAtomically } from '../files.js';
import { UsageError } from '../usage-error.js';

export const exportModel: Command = {
  name: 'export',
  summary: 'write a model for other engines',
  usage: 'MODEL --onnx DIR',
  description: `Writes a graph for each task, DIR/TASK.onnx, with the weights that the task prunes as zeros, and DIR/vocabulary.json, which has
the rows of words and characters and the tags. Graphs give scores; other engines add in another order, so that these agree
with ours to rounding, and the last digits depend on the engine. docs/formats.md has inputs and outputs.`,
  options: { onnx: { value: 'DIR', help: 'folder for ONNX files (operator set 17); made if it is not there' } },
  takesSettings: false,
  positionals: [1, 1],
  examples: [['sparsetag export runs/news/model.safetensors --onnx news', 'news/ner.onnx, news/pos.onnx, news/vocabulary.json']],
  async run(args, host) {
    const folder = args.value('onnx');
    if (folder === undefined) throw new UsageError('export needs --onnx DIR', 'name the folder that the graphs go to');
    const { contents, fingerprint } = openModelFile(await readModelBytes(args.positionals[0]!));
    const { lowercase } = storedConfig(contents).model;
    await makeFolder(folder).catch((cause: unknown) => {
      throw new UsageError(`--onnx: ${folder} cannot be made: ${reasonOf(cause)}`);
    });
    for (const { name } of contents.tasks) await writeFileAtomically(path.join(folder, fileOf(name)), exportOnnx(contents, name));
    await writeFileAtomically(path.join(folder, 'vocabulary.json'), `${JSON.stringify(vocabularyOf(contents, lowercase, fingerprint))}\n`);
    host.note(`${contents.tasks.map(({ name }) => fileOf(name)).join(', ')} and vocabulary.json written to ${folder}`);
    return EXIT.ok;
  },
};

/** Names of tasks in files of unknown origin may hold anything. */
function fileOf(task: string): string {
  return `${encodeURIComponent(task)}.onnx`;
}

/** What a program needs to make the inputs of the graphs and to read their outputs. */
function vocabularyOf({ vocabulary, tasks }: ModelContents, lowercase: boolean, fingerprint: string) {
  return {
    schema: 1,
    fingerprint,
    lowercase,
    words: vocabulary.words,
    characters: vocabulary.characters,
    tasks: tasks.map(({ name, head, scheme, tags }) => ({ name, file: fileOf(name), head, scheme, tags })),
  };
}
