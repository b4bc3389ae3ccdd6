// SparseTag beside other engines: the same model parts, the same batches, in one run, taking turns; medians and ratios.
//
//   npm run bench                  about ten minutes; installs bench/peers the first time
//   npm run bench -- --quick       fewer and shorter rounds, under three minutes
//   npm run bench -- --only REGEX  cells whose "group: engine ..." matches
//   npm run bench -- --out DIR     where results.json, results.md and results.svg go (default bench/results)
//   npm run bench -- --python CMD  the Python that has torch (default: the first of /usr/bin/python3 and python3 that has)
//
// Run it on an idle machine. Between absolute figures of two runs nothing follows; ratios within one run hold.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { exportOnnx, writeModelFile } from '../dist/index.js';
import { GROUPS, isQuick, KEEPS, labelOf } from './cells.mjs';
import { judge } from './goals.mjs';
import { measureGroup } from './measure.mjs';
import { makeDenseModel, withMasks, withTasks } from './models.mjs';
import { drawPicture, formatMarkdown } from './report.mjs';
import { encodeSentences, makeBatches, makeSentences, TASKS } from './workload.mjs';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('.', import.meta.url));
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    only: { type: 'string', default: '' },
    out: { type: 'string', default: path.join(folder, 'results') },
    python: { type: 'string' },
  },
});
const SENTENCES = 400;
const BATCH = 10;
const only = new RegExp(options.only, 'i');

const groups = GROUPS.map((group) => ({
  ...group,
  cells: group.cells.filter((cell) => (!options.quick || isQuick(group, cell)) && only.test(`${group.name}: ${labelOf(cell)}`)),
})).filter(({ cells }) => cells.length > 0);

const report = (line) => process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);

async function installPeers() {
  if (existsSync(path.join(folder, 'peers/node_modules'))) return;
  report('installing the other engines in bench/peers');
  const child = spawn('npm', ['ci'], { cwd: path.join(folder, 'peers'), stdio: ['ignore', 'ignore', 'inherit'] });
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) report('bench/peers cannot be installed; rows of other engines will be missing');
}

async function findPython() {
  if (options.python) return options.python;
  for (const command of ['/usr/bin/python3', 'python3']) {
    const hasTorch = await run(command, ['-c', 'import torch']).then(
      () => true,
      () => false,
    );
    if (hasTorch) return command;
  }
  return 'python3';
}

/** Writes workload and models to a folder of their own and says where they are. */
async function prepare(place) {
  report('making the workload and the models');
  const sentences = makeSentences(SENTENCES);
  const dense = await makeDenseModel(sentences, TASKS);
  const { tasks, vocabulary } = dense;
  const numbers = encodeSentences(sentences, { ...vocabulary, tasks });
  const workload = {
    model: { ...dense.config.model, wordRows: vocabulary.words.length + 2, characterRows: vocabulary.characters.length + 2 },
    batchSize: BATCH,
    tasks,
    sentences: sentences.map((sentence, i) => ({ ...sentence, ...numbers[i] })),
    batches: {
      sorted: makeBatches(sentences, BATCH, 'sorted'),
      ragged: makeBatches(sentences, BATCH, 'ragged'),
      single: makeBatches(sentences, 1, 'ragged'),
    },
  };
  const at = (name) => path.join(place, name);
  const model = (keep, count) => at(`${keep}-${count}.safetensors`);
  const graphs = (keep) => tasks.map(({ name }) => at(`${keep}-${name}.onnx`));
  for (const keep of KEEPS) {
    const contents = keep < 1 ? withMasks(dense, keep) : dense;
    for (const count of [1, 3]) await writeFile(model(keep, count), writeModelFile(withTasks(contents, count)));
    for (const [t, file] of graphs(keep).entries()) await writeFile(file, exportOnnx(contents, tasks[t].name));
  }
  await writeFile(at('workload.json'), JSON.stringify(workload));
  const tokens = sentences.reduce((sum, sentence) => sum + sentence.tokens.length, 0);
  return { workload: at('workload.json'), files: { model, graphs }, tokens };
}

/** What other measurements of this folder say, for the goals that are no ratios. */
async function measureExtras() {
  const script = async (name, ...args) => JSON.parse((await run(process.execPath, [path.join(folder, name), ...args, '--json'])).stdout);
  report('memory, size, time outside kernels');
  const { outsideKernels } = await script('train-step.mjs', '--steps', '40');
  return { ...(await script('memory.mjs')), ...(await script('size.mjs')), outsideKernels: 100 * outsideKernels };
}

await installPeers();
const place = await mkdtemp(path.join(tmpdir(), 'sparsetag-bench-'));
try {
  const { tokens, ...context } = await prepare(place);
  const python = await findPython();
  const repetitions = options.quick ? 3 : 5;
  const results = [];
  for (const { name, work, order, seconds, cells } of groups) {
    const measured = await measureGroup(
      { name, work, order, seconds, cells },
      { ...context, python },
      { repetitions, scale: options.quick ? 0.5 : 1, report },
    );
    results.push({ name, work, order, results: measured });
  }
  const extras = options.only === '' ? await measureExtras() : {};
  const host = { processor: cpus()[0].model, processors: availableParallelism(), node: process.version };
  const result = { schema: 1, host, repetitions, sentences: SENTENCES, tokens, groups: results, goals: judge(results, extras), extras };
  const markdown = formatMarkdown(result);
  await mkdir(options.out, { recursive: true });
  await writeFile(path.join(options.out, 'results.json'), `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(path.join(options.out, 'results.md'), markdown);
  const picture = await drawPicture(results);
  if (picture) await writeFile(path.join(options.out, 'results.svg'), picture);
  report('');
  console.log(markdown);
} finally {
  await rm(place, { recursive: true });
}
