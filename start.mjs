// `npm start`: from a fresh clone to trained models, scores and tagged sentences. Only Node's built-ins are needed to
// begin; what is missing (dependencies, build, data) is fetched or made first, and found again the next time.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.dirname(fileURLToPath(import.meta.url));
const CONFIG = path.join('examples', 'quickstart.json');
const RUNS = path.join('runs', 'quickstart');
// The same budget for each way of sharing: 4 epochs of every task's sentences. Sparse sharing spends 1 of them on the
// multi-task warm-up, 1 on finding the subnets and 2 on training them.
const EPOCHS = 4;
const MODES = [
  { name: 'single', about: 'one network a task', settings: ['--train.sharing=single', `--train.epochs=${EPOCHS}`] },
  { name: 'hard', about: 'one network for all', settings: ['--train.sharing=hard', `--train.epochs=${EPOCHS}`] },
  { name: 'sparse', about: 'one network, a subnet a task', settings: [] },
];
const SENTENCES = ['Angela Merkel visited the University of Oxford in May .', 'The museum opens at nine and admission is free .'];

const options = parseOptions();
const isTerminal = process.stderr.isTTY && !process.env.CI;
const isColoured = isTerminal && !process.env.NO_COLOR;
const bold = (text) => (isColoured ? `\x1b[1m${text}\x1b[0m` : text);
const dim = (text) => (isColoured ? `\x1b[2m${text}\x1b[0m` : text);

const children = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
    if (children.size === 0) process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

class StepFailed extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

function parseOptions() {
  try {
    return parseArgs({ options: { fresh: { type: 'boolean' }, data: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    process.stderr.write(`${error.message}\nnpm start -- --help lists the options.\n`);
    process.exit(2);
  }
}

/** Runs a command to its end; `onLine` gets each line of its standard error, else that goes to ours. */
function run(command, args, { input, onLine, quiet } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', onLine || quiet ? 'pipe' : 'inherit'],
      shell: process.platform === 'win32' && command === 'npm',
      env: onLine ? { ...process.env, NO_COLOR: '1' } : process.env,
    });
    children.add(child);
    let output = '';
    let errors = '';
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      errors = (errors + text).slice(-4000);
      const lines = (rest + text).split(/\r?\n|\r/);
      rest = lines.pop();
      for (const line of lines) if (line.trim()) onLine?.(line.trim());
    });
    child.on('error', (error) => {
      children.delete(child);
      reject(new StepFailed(`${command} cannot be started: ${error.message}`, 1));
    });
    child.on('close', (code, signal) => {
      children.delete(child);
      if (code === 0) resolve(output);
      else reject(new StepFailed(errors.trim() || `${command} ended with ${signal ?? code}`, code ?? 1));
    });
    if (input !== undefined) child.stdin.end(input);
  });
}

const sparsetag = (args, how) => run(process.execPath, [path.join(root, 'dist', 'cli.js'), ...args], how);
const dataOption = options.data ? ['--data', path.resolve(options.data)] : [];

function heading(number, text) {
  process.stderr.write(`${bold(`[${number}/5] ${text}`)}\n`);
}

async function install() {
  const lock = path.join(root, 'package-lock.json');
  const installed = path.join(root, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** The last line of each training, kept in place on a terminal and printed one after the other elsewhere. */
class Progress {
  #lines = new Map(MODES.map(({ name }) => [name, 'waiting']));
  #drawn = 0;

  show(name, line) {
    this.#lines.set(name, line);
    if (isTerminal) this.#draw();
    else process.stderr.write(`      ${name.padEnd(7)} ${line}\n`);
  }

  #draw() {
    const width = Math.max(40, process.stderr.columns ?? 80) - 1;
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : '';
    const rows = [...this.#lines].map(([name, line]) => `\x1b[2K${`      ${name.padEnd(7)} ${line}`.slice(0, width)}\n`);
    process.stderr.write(up + rows.join(''));
    this.#drawn = rows.length;
  }
}

async function trainAll() {
  const progress = new Progress();
  const reports = new Map();
  mkdirSync(path.join(root, RUNS), { recursive: true });
  await Promise.all(
    MODES.map(async ({ name, settings }) => {
      const out = path.join(RUNS, name);
      const report = path.join(root, out, 'report.json');
      const model = path.join(root, out, 'model.safetensors');
      const isOfConfig = existsSync(model) && statSync(model).mtimeMs >= statSync(path.join(root, CONFIG)).mtimeMs;
      const isDone = !options.fresh && isOfConfig && existsSync(report);
      if (isDone) progress.show(name, `found in ${out} (npm start -- --fresh trains anew)`);
      else {
        const begin = options.fresh || existsSync(model) ? '--force' : '--resume';
        const args = ['train', '--config', CONFIG, '--out', out, begin, ...dataOption, ...settings];
        await sparsetag(args, { onLine: (line) => progress.show(name, line) });
        progress.show(name, `done, in ${out}`);
      }
      reports.set(name, JSON.parse(readFileSync(report, 'utf8')));
    }),
  );
  return reports;
}

function table(rows) {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  return rows
    .map((row) => `  ${row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('   ')}`)
    .join('\n');
}

function summary(reports) {
  const { tasks, overlap, prunable, union } = reports.get('sparse');
  const metrics = { accuracy: 'accuracy', f1: 'span F1' };
  const percent = (fraction) => `${(100 * fraction).toFixed(1)} %`;
  const rows = Object.entries(tasks).map(([name, task]) => [
    `${name} (${metrics[task.metric]})`,
    ...MODES.map((mode) => reports.get(mode.name).tasks[name].test.toFixed(2)),
    percent(task.keptFraction),
  ]);
  return [
    table([['test score', ...MODES.map(({ name }) => name), 'kept (sparse)'], ...rows]),
    '',
    `  Each way had ${EPOCHS} epochs of every task; epochs were chosen on dev, test was scored once. One seed: expect the`,
    '  NER score to vary by about 1.5 with the seed, the others by 0.2.',
    `  The three subnets share ${percent(overlap.raw)} of the weights that any of them keeps (${percent(overlap.chance)} by chance);`,
    `  together they use ${percent(union / prunable)} of the ${prunable.toLocaleString('en')} prunable weights.`,
  ].join('\n');
}

async function main() {
  if (options.help) {
    process.stdout.write(`npm start [-- --fresh] [-- --data DIR]

Installs what is missing, builds, gets GUM and GloVe, trains three models (${MODES.map(({ name }) => name).join(', ')} sharing),
prints their scores and tags two sentences. Takes about five minutes on two cores after the downloads.
  --fresh     train anew even where a model is there
  --data DIR  folder of the data sets, if they are not to be fetched into the cache
`);
    return;
  }
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new StepFailed(`SparseTag needs Node 20 or newer; this is ${process.version}. Get it from nodejs.org.`, 2);
  }
  heading(1, 'dependencies');
  await install();
  heading(2, 'build');
  await run(process.execPath, [path.join(root, 'build.mjs')], { quiet: true });
  heading(3, 'data: GUM (POS, chunks, names on the same sentences) and GloVe vectors');
  for (const id of ['gum', 'glove']) await sparsetag(['data', 'get', id, ...dataOption]);
  heading(4, `training ${MODES.map(({ name, about }) => `${name} (${about})`).join(', ')}; ${CONFIG}`);
  if (availableParallelism() < 2) process.stderr.write('      one core: this will take about ten minutes\n');
  const reports = await trainAll();
  heading(5, 'results');
  process.stderr.write('\n');
  process.stdout.write(`${summary(reports)}\n\n`);

  const model = path.join(RUNS, 'sparse', 'model.safetensors');
  const tagged = await sparsetag(['tag', model, '-', '--input', 'tokens'], { input: `${SENTENCES.join('\n')}\n`, quiet: true });
  process.stdout.write(`${tagged.replace(/^(?=.)/gm, '  ')}`);
  process.stdout.write(`  model        ${model}\n  fingerprint  ${reports.get('sparse').fingerprint}\n`);
  process.stdout.write(`${dim('               (the same on every machine and engine)')}\n\n`);
  process.stdout.write(`Next:
  echo "Your own sentence here ." | npx sparsetag tag ${model} -
  npx sparsetag inspect ${model}
  npx sparsetag train --config ${CONFIG} --out runs/mine --seed 2 --tasks.ner.head=crf
  npx sparsetag --help
`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = error.code;
}
