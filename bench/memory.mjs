// Peak memory of training: the base model with a subnet for each of three tasks, 30,000 words, sentences of 1 to 128 tokens.
//
//   npm run bench:memory           -- [--words 30000] [--longest 128] [--threads 1] [--json]
import { parseArgs } from 'node:util';
import { train } from '../dist/index.js';
import { makeRun } from './models.mjs';
import { dice, TASKS } from './workload.mjs';

const { values } = parseArgs({
  options: {
    words: { type: 'string', default: '30000' },
    longest: { type: 'string', default: '128' },
    threads: { type: 'string', default: '1' },
    json: { type: 'boolean' },
  },
});
const words = Number(values.words);
const longest = Number(values.longest);
/** Steps of joint training: those of all tasks, and batches of every length. */
const STEPS = 150;

/** Three times as many tokens as words, every word among them. */
function makeText() {
  const roll = dice(3);
  const sentences = [];
  for (let word = 0; word < 3 * words; ) {
    const length = 1 + roll(longest);
    sentences.push({
      tokens: Array.from({ length }, () => `w${word++ % words}`),
      labels: TASKS.map(({ tags }) => Array.from({ length }, () => `L${roll(tags)}`)),
    });
  }
  return sentences;
}

const { config, corpora } = makeRun(makeText(), TASKS, {
  train: { sharing: 'sparse', epochs: 1 },
  prune: { keep: [0.2], select: 1, steps: 1 },
});
let planned = 0;
let steps = 0;
for await (const event of train(config, corpora, { runtime: { threads: Number(values.threads) } })) {
  if (event.type === 'start') planned = event.memory.reduce((sum, { bytes }) => sum + bytes, 0);
  if (event.type === 'step' && event.phase.name === 'train' && ++steps === STEPS) break;
}
const result = { words, longest, kernelMegabytes: planned / 1e6, peakMegabytes: process.resourceUsage().maxRSS / 1e3 };
if (values.json) console.log(JSON.stringify(result));
else {
  console.log(`peak of the process: ${result.peakMegabytes.toFixed(0)} MB`);
  console.log(`of that kernel memory, planned before the first step: ${result.kernelMegabytes.toFixed(0)} MB`);
}
