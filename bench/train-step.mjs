// Training steps of the base model (130 inputs, 2 BiLSTM layers of 200 per direction, three heads) on generated sentences with
// the lengths of news text: tokens per second, time by kernel, GFLOP/s counted over real tokens (padding
// earns nothing) and the share of the time outside kernels. A yardstick runs between the steps: the best this host's
// WebAssembly does with a product from the first-level cache; so the ratio holds on a machine of any speed and load.
//
//   npm run bench:train            -- [--steps 60] [--sharing hard] [--json]
//   npm run bench:train            -- --keep 0.2 [--kernels dense|sparse|auto] [--threads 2]     each task's subnet keeps a fifth of the weights
import { parseArgs } from 'node:util';
import { KernelProfile, makeCorpus, resolveConfig, train } from '../dist/index.js';
import { dice } from './workload.mjs';
import { loadYardstick } from './yardstick.mjs';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '60' },
    sharing: { type: 'string', default: 'hard' },
    keep: { type: 'string' },
    kernels: { type: 'string', default: 'auto' },
    threads: { type: 'string', default: '1' },
    json: { type: 'boolean' },
  },
});
const STEPS = Number(values.steps);
const keep = values.keep === undefined ? 1 : Number(values.keep);
const sharing = values.keep === undefined ? values.sharing : 'sparse';
const BATCH = 10;
const WARM = 10;
// All steps fall into one epoch of each task, so that no scoring on dev is timed.
const SENTENCES = Math.max(400, BATCH * (sharing === 'single' ? WARM + STEPS : Math.ceil((WARM + STEPS) / 3)));

/** CoNLL text with three label columns; lengths 1 .. 40, mean near 13.7, as in news with headlines and results. */
function makeText(seed, sentences) {
  const roll = dice(seed);
  let text = '';
  for (let s = 0; s < sentences; s++) {
    const length = 1 + Math.min(roll(40), roll(40));
    for (let i = 0; i < length; i++)
      text += `w${Math.min(roll(9000), roll(9000))}${'abcdefgh'[roll(8)]} P${roll(45)} C${roll(21)} N${roll(17)}\n`;
    text += '\n';
  }
  return new TextEncoder().encode(text);
}

const corpus = { name: 'made', train: 'train', dev: 'dev', test: null, tokenColumn: 0 };
const trainText = makeText(1, SENTENCES);
const config = resolveConfig({
  seed: 1,
  corpora: [{ name: 'made', train: 'train', dev: 'dev' }],
  tasks: [1, 2, 3].map((column) => ({ name: ['pos', 'chunk', 'ner'][column - 1], column, type: 'tags' })),
  train: { sharing, epochs: 1, batchSize: BATCH },
  // Masks by magnitude after one step: which weights are kept does not matter here, only how many.
  ...(sharing === 'sparse' && { prune: { keep: [keep], select: 1, steps: 1 } }),
});
// The dev split is the train split: labels are random, nothing is learnt, and no label is missing.
const corpora = [
  makeCorpus(corpus, [1, 2, 3], { train: { file: 'train', bytes: trainText }, dev: { file: 'dev', bytes: trainText }, test: null }),
];

const profile = new KernelProfile(() => performance.now());
const measureYardstick = await loadYardstick();
const yardsticks = [];
let steps = 0;
let tokens = 0;
let begun = 0;
let before = new Map();
let wall = 0;
for await (const event of train(config, corpora, { runtime: { profile, kernels: values.kernels, threads: Number(values.threads) } })) {
  if (event.type !== 'step') continue;
  steps += 1;
  if (steps > WARM && steps % 5 === 0) {
    const begin = performance.now();
    yardsticks.push(measureYardstick());
    begun += performance.now() - begin;
  }
  if (steps === WARM) {
    begun = performance.now();
    before = new Map(profile.costs.map((cost) => [cost.kernel, cost]));
  } else if (steps > WARM) tokens += event.tokens;
  if (steps === WARM + STEPS) {
    wall = performance.now() - begun;
    break;
  }
}

const costs = profile.costs
  .map(({ kernel, calls, milliseconds, flops }) => {
    const then = before.get(kernel) ?? { calls: 0, milliseconds: 0, flops: 0 };
    return { kernel, calls: calls - then.calls, milliseconds: milliseconds - then.milliseconds, flops: flops - then.flops };
  })
  .filter(({ calls }) => calls > 0)
  .sort((a, b) => b.milliseconds - a.milliseconds);
const inside = costs.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
// Forward product, input gradient and weight gradient of the kept ones of the 1,488,000 LSTM weights, for every real token.
const realFlops = 6 * 1_488_000 * keep * tokens;
const products = costs.filter(({ flops }) => flops > 0).reduce((sum, { milliseconds }) => sum + milliseconds, 0);
yardsticks.sort((a, b) => a - b);
const yardstick = yardsticks[yardsticks.length >> 1];
const gflopsOverRealTokens = realFlops / products / 1e6;
const result = {
  yardstickGflops: yardstick,
  ratioToYardstick: gflopsOverRealTokens / yardstick,
  steps: STEPS,
  tokens,
  tokensPerSecond: (1000 * tokens) / wall,
  millisecondsPerStep: wall / STEPS,
  gflopsOverRealTokens,
  outsideKernels: 1 - inside / wall,
  kernels: costs.map((cost) => ({ ...cost, share: cost.milliseconds / wall, gflops: cost.flops / cost.milliseconds / 1e6 })),
};
if (values.json) console.log(JSON.stringify(result, null, 2));
else {
  console.log(
    `${result.tokensPerSecond.toFixed(0)} tokens/s, ${result.millisecondsPerStep.toFixed(1)} ms a step (${STEPS} steps, ${tokens} tokens)`,
  );
  console.log(`products: ${gflopsOverRealTokens.toFixed(1)} GFLOP/s over real tokens; the time includes the gates of the LSTM kernels`);
  console.log(
    `yardstick: ${yardstick.toFixed(1)} GFLOP/s, median of ${yardsticks.length} between the steps; ratio ${result.ratioToYardstick.toFixed(2)}`,
  );
  console.log(`outside kernels: ${(100 * result.outsideKernels).toFixed(1)} % of the time\n`);
  console.log('kernel                    calls   ms/step    share   GFLOP/s (padding counted)');
  for (const { kernel, calls, milliseconds, share, gflops } of result.kernels) {
    const speed = gflops > 0 ? gflops.toFixed(1) : '-';
    console.log(
      `${kernel.padEnd(22)} ${String(calls).padStart(8)} ${(milliseconds / STEPS).toFixed(3).padStart(9)} ${`${(100 * share).toFixed(1)} %`.padStart(8)} ${speed.padStart(9)}`,
    );
  }
}
