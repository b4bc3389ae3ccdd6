// How long a training takes to end once its signal is aborted: from the moment that the abort is due, whatever runs then, to the
// moment that the last checkpoint is there and the run has thrown.
//
//   npm run soak:abort                    -- [--aborts 200] [--hidden 200] [--threads 1] [--seed 1] [--json]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { conllText, dice, makeSentences, TASKS } from '../bench/workload.mjs';
import { makeCorpus, resolveConfig, train } from '../dist/index.js';

/** Most milliseconds of training before an abort. */
const MOST_MILLISECONDS = 1500;

function makeRun(hidden) {
  const text = (seed, count) => ({
    file: `${seed}`,
    bytes: new TextEncoder().encode(conllText(makeSentences(count, { seed, vocabulary: 3000 }))),
  });
  const plan = { name: 'made', train: 'train', dev: 'dev', test: null, format: 'conll', tokenColumn: 0 };
  const columns = TASKS.map((_, t) => t + 1);
  const corpus = makeCorpus(plan, columns, { train: text(1, 60), dev: text(2, 200), test: null });
  const config = resolveConfig({
    corpora: [{ name: 'made', train: 'train', dev: 'dev' }],
    tasks: TASKS.map(({ name }, t) => ({ name, column: columns[t] })),
    model: { hidden },
    train: { sharing: 'sparse', epochs: 1 },
    warmup: { steps: 4 },
    prune: { keep: [0.2], steps: 4 },
  });
  return { config, corpus };
}

/** @param {{ aborts: number, hidden: number, threads: number, seed: number }} options */
async function measureAborts({ aborts, hidden, threads, seed }) {
  const { config, corpus } = makeRun(hidden);
  const roll = dice(seed);
  const latencies = [];
  while (latencies.length < aborts) {
    const controller = new AbortController();
    let due = Number.POSITIVE_INFINITY;
    try {
      for await (const event of train(config, [corpus], {
        signal: controller.signal,
        runtime: { threads },
        checkpointAfter: () => false,
      })) {
        if (event.type === 'checkpoint') event.bytes();
        if (event.type !== 'start') continue;
        const delay = roll(MOST_MILLISECONDS);
        due = performance.now() + delay;
        setTimeout(() => controller.abort(), delay);
      }
    } catch (error) {
      if (error !== controller.signal.reason) throw error;
      latencies.push(performance.now() - due);
    }
  }
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))];
  return { aborts, hidden, threads, median: at(0.5), p99: at(0.99), maximum: latencies.at(-1) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      aborts: { type: 'string', default: '200' },
      hidden: { type: 'string', default: '200' },
      threads: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean' },
    },
  });
  const [aborts, hidden, threads, seed] = [values.aborts, values.hidden, values.threads, values.seed].map(Number);
  const result = await measureAborts({ aborts, hidden, threads, seed });
  if (values.json) console.log(JSON.stringify(result));
  else {
    const [median, p99, maximum] = [result.median, result.p99, result.maximum].map((milliseconds) => milliseconds.toFixed(0));
    console.log(
      `${result.aborts} aborts of a training (hidden ${result.hidden}, threads ${result.threads}): settled after ${median} ms (median), ${p99} ms (p99), ${maximum} ms (most)`,
    );
  }
}
