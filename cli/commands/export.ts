import path from 'node:path';
import { compactModel, exportOnnx, fingerprintOf, type ModelContents, openModelFile, storedConfig, writeModelFile } from 'sparsetag';
import type { Arguments } from '../arguments.js';
import { type Command, DATA } from '../command.js';
import { locateFile } from '../config-file.js';
import { readConfigVectors } from '../corpus-files.js';
import { EXIT } from '../exit-codes.js';
import { displayName, makeFolder, readModel, reasonOf, writeFileAtomically } from '../files.js';
import type { Host } from '../host.js';
import { formatBytes, formatCount } from '../render/quantity.js';
import { UsageError } from '../usage-error.js';

export const exportModel: Command = {
  name: 'export',
  summary: 'write a model for deployment, or for other engines',
  usage: 'MODEL --compact FILE | --onnx DIR [options]',
  description: `--compact writes a model file a fraction as large, which everything here reads: word rows of 8-bit numbers, and of pruned tensors only the
kept weights. It has a fingerprint of its own; evaluate tells what the rounding costs. --vocabulary chooses its words: those of the model, the most
frequent of train first, then, with --vectors, the most frequent of the word vectors that it was trained with.
--onnx writes a graph for each task, DIR/TASK.onnx, with the weights that the task prunes as zeros, and DIR/vocabulary.json, which has
the rows of words and characters and the tags. Graphs give scores; other engines add in another order, so that these agree
with ours to rounding, and the last digits depend on the engine. docs/formats.md has inputs and outputs.`,
  options: {
    compact: { value: 'FILE', help: 'the compact model file to write' },
    vocabulary: { value: 'N', help: 'words of the compact model, at most; default: those of the model' },
    vectors: { value: 'FILE', help: 'the word vectors that the model was trained with (data:glove/...), to fill the vocabulary' },
    data: DATA,
    onnx: { value: 'DIR', help: 'folder for ONNX files (operator set 17); made if it is not there' },
  },
  takesSettings: false,
  positionals: [1, 1],
  examples: [
    ['sparsetag export model.safetensors --compact small.safetensors', 'all words of the model'],
    [
      'sparsetag export model.safetensors --compact small.safetensors --vocabulary 30000 --vectors data:glove/glove.100d.txt',
      '30,000 words',
    ],
    ['sparsetag export runs/news/model.safetensors --onnx news', 'news/ner.onnx, news/pos.onnx, news/vocabulary.json'],
  ],
  async run(args, host) {
    const [compact, onnx] = [args.value('compact'), args.value('onnx')];
    if (compact === undefined && onnx === undefined)
      throw new UsageError('export needs --compact FILE or --onnx DIR', 'name what is to be written');
    if (compact !== undefined && path.resolve(compact) === path.resolve(args.positionals[0]!))
      throw new UsageError(`--compact: ${compact} is the model itself, which holds more`, 'name another file');
    const { contents, fingerprint } = await readModel(args.positionals[0]!, openModelFile);
    if (compact !== undefined) await writeCompact(contents, compact, args, host);
    if (onnx !== undefined) await writeGraphs(contents, fingerprint, onnx, host);
    return EXIT.ok;
  },
};

async function writeCompact(contents: ModelContents, file: string, args: Arguments, host: Host): Promise<void> {
  const [words, vectorsFile] = [args.value('vocabulary'), args.value('vectors')];
  const { vectors: trained } = storedConfig(contents);
  const vectors =
    vectorsFile === undefined
      ? null
      : await readConfigVectors(
          { vectors: { ...trained, file: locateFile(vectorsFile, process.cwd(), args.value('data')) } },
          host.interruptible(),
        );
  const compact = compactModel(contents, { vectors, ...(words !== undefined && { vocabulary: Number(words) }) });
  const bytes = writeModelFile(compact);
  await writeFileAtomically(file, bytes);
  host.note(`${displayName(file)}: ${formatBytes(bytes.length)}, ${formatCount(compact.vocabulary.words.length)} words`);
  host.note(`fingerprint ${fingerprintOf(compact)}`);
}

async function writeGraphs(contents: ModelContents, fingerprint: string, folder: string, host: Host): Promise<void> {
  await makeFolder(folder).catch((cause: unknown) => {
    throw new UsageError(`--onnx: ${folder} cannot be made: ${reasonOf(cause)}`);
  });
  for (const { name } of contents.tasks) await writeFileAtomically(path.join(folder, fileOf(name)), exportOnnx(contents, name));
  await writeFileAtomically(
    path.join(folder, 'vocabulary.json'),
    `${JSON.stringify(vocabularyOf(contents, storedConfig(contents).model.lowercase, fingerprint))}\n`,
  );
  host.note(`${contents.tasks.map(({ name }) => fileOf(name)).join(', ')} and vocabulary.json written to ${folder}`);
}

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
