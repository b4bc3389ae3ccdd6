// Kills trainings without warning (SIGKILL), at random steps and in the middle of whatever they do then, lets each go on, and
// compares what they end with: model and trace must be those of a run that was left alone, byte by byte.
//
//   npm run soak:kill                     -- [--kills 500] [--seed 1] [--threads 1] [--json]
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { conllText, dice, makeSentences } from '../bench/workload.mjs';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const TAGS = [6, 5];
/** Warm-up, two rounds of two tasks and joint training: about 250 steps. */
const CONFIG = {
  corpora: [{ name: 'made', train: 'train.txt', dev: 'dev.txt', test: 'test.txt' }],
  tasks: [
    { name: 'pos', column: 1 },
    { name: 'ner', column: 2, head: 'crf' },
  ],
  model: { wordDimension: 8, charDimension: 4, charFilters: 4, charOutput: 4, layers: 1, hidden: 8 },
  warmup: { epochs: 2 },
  prune: { keep: [0.6, 0.3], epochs: 2, rewind: 'warmup' },
  train: { sharing: 'sparse', epochs: 4 },
};
const SENTENCES = { train: 80, dev: 20, test: 20 };
/** Most steps and milliseconds after which a process is killed. */
const MOST_STEPS = 60;
const MOST_MILLISECONDS = 15;
const MODEL = 'model.safetensors';
const TRACE = 'model.trace.jsonl';

/**
 * @param {{ kills: number, seed?: number, threads?: number, onRun?: (progress: object) => void }} options
 * @returns {Promise<{ kills: number, runs: number, same: number, fingerprint: string, phases: Record<string, number> }>} kills by the
 * phase they fell in, and how many of the runs ended the same
 */
export async function killRuns({ kills, seed = 1, threads = 1, onRun = () => {} }) {
  const roll = dice(seed);
  const folder = await mkdtemp(path.join(tmpdir(), 'sparsetag-kill-'));
  try {
    await prepare(folder);
    const whole = await lastSession(folder, 'whole', threads);
    const result = { kills: 0, runs: 0, same: 0, fingerprint: whole.fingerprint, phases: {} };
    while (result.kills < kills) {
      const name = `run-${result.runs}`;
      for (;;) {
        if (result.kills === kills) break;
        const { phase } = await session(folder, name, threads, { steps: 1 + roll(MOST_STEPS), milliseconds: roll(MOST_MILLISECONDS) });
        if (phase === null) break;
        result.kills += 1;
        result.phases[phase] = (result.phases[phase] ?? 0) + 1;
      }
      const ended = await lastSession(folder, name, threads);
      result.runs += 1;
      if (ended.model.equals(whole.model) && ended.trace === whole.trace) result.same += 1;
      onRun(result);
      await rm(path.join(folder, name), { recursive: true });
    }
    return result;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function prepare(folder) {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(CONFIG));
  for (const [i, [split, count]] of Object.entries(SENTENCES).entries()) {
    await writeFile(
      path.join(folder, `${split}.txt`),
      conllText(makeSentences(count, { seed: i, vocabulary: 200, longest: 12, tags: TAGS })),
    );
  }
}

/** Goes on with a run to its end, if it has not ended, and reads what it left. */
async function lastSession(folder, name, threads) {
  const read = (file, encoding) => readFile(path.join(folder, name, file), encoding);
  const isDone = await read(MODEL).then(
    () => true,
    () => false,
  );
  if (!isDone) await session(folder, name, threads, null);
  const { fingerprint } = JSON.parse(await read('report.json', 'utf8'));
  return { fingerprint, model: await read(MODEL), trace: await read(TRACE, 'utf8') };
}

/**
 * Begins a run or goes on with it.
 * @param end steps and milliseconds after them until it is killed; null: it is left alone
 * @returns {Promise<{ phase: string | null }>} what it was doing when it was killed; null: it ended by itself
 */
function session(folder, name, threads, end) {
  const out = path.join(folder, name);
  const args = ['train', '--config', path.join(folder, 'config.json'), '--out', out, '--resume', '--checkpoint-steps', '4'];
  const child = spawn(process.execPath, [CLI, ...args, '--threads', `${threads}`, '--jsonl', '--quiet'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [steps, phase, rest, errors] = [0, 'warmup', '', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (!line.includes('"type":"step"')) continue;
      phase = JSON.parse(line).phase.name;
      if (++steps === end?.steps) setTimeout(() => child.kill('SIGKILL'), end.milliseconds);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (signal === 'SIGKILL') resolve({ phase });
      else if (status === 0) resolve({ phase: null });
      else reject(new Error(`a run ended with status ${status}: ${errors}`));
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
      threads: { type: 'string', default: '1' },
      json: { type: 'boolean' },
    },
  });
  const startedAt = performance.now();
  const result = await killRuns({
    kills: Number(values.kills),
    seed: Number(values.seed),
    threads: Number(values.threads),
    onRun: ({ kills, runs, same }) => process.stderr.write(`${kills} kills, ${same} of ${runs} runs ended the same\n`),
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (values.json) console.log(JSON.stringify({ ...result, seconds }));
  else {
    const phases = Object.entries(result.phases).map(([phase, count]) => `${count} in ${phase}`);
    console.log(`${result.kills} kills (${phases.join(', ')}) in ${seconds.toFixed(0)} s`);
    console.log(
      `${result.same} of ${result.runs} runs ended with the model and the trace of an undisturbed run, fingerprint ${result.fingerprint}`,
    );
  }
  process.exitCode = result.same === result.runs ? 0 : 1;
}
