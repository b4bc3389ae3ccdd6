// How speed depends on sizes, and how near the kernels come to what this host's WebAssembly can do.
//
//   npm run bench:scaling                      all of it, about five minutes
//   npm run bench:scaling -- --only density    sweeps whose name matches; "kernels": GFLOP/s of each kernel within a step
//   npm run bench:scaling -- --seconds 0.5     of work for each figure and round (default 0.3)
//   npm run bench:scaling -- --out DIR         where scaling.json and scaling.md go (default bench/results)
//
// A sweep changes one size of the base model; its points take turns, three rounds, medians. Speeds are tokens per second, and
// GFLOP/s of the kept LSTM weights over real tokens (padding earns nothing); `yardstick` is the best this host does with a
// product from the first-level cache.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KernelProfile, writeModelFile } from '../dist/index.js';
import { open as openTagger } from './engines/sparsetag-tag.mjs';
import { open as openTrainer } from './engines/sparsetag-train.mjs';
import { median } from './measure.mjs';
import { makeDenseModel, withMasks, withTasks } from './models.mjs';
import { makeBatches, makeSentences, TASKS } from './workload.mjs';
import { loadYardstick } from './yardstick.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '0.3' },
    out: { type: 'string', default: fileURLToPath(new URL('results', import.meta.url)) },
  },
});
const only = new RegExp(options.only, 'i');
const seconds = Number(options.seconds);
const ROUNDS = 3;
/** Enough for batches of every length, few enough that models are made quickly. */
const SENTENCES = 120;
const BASE = { threads: 1, batch: 10, hidden: 200, layers: 2, keep: 1, kernels: 'auto', work: 'train' };

/** Settings of BASE to change, by the name of the sweep; each point is trained and tagged, dense and with a fifth kept. */
const over = (key, values, more = {}) =>
  ['train', 'tag'].flatMap((work) => [1, 0.2].flatMap((keep) => values.map((value) => ({ work, keep, [key]: value, ...more }))));
const SWEEPS = {
  threads: over(
    'threads',
    [1, 2, 4, 8].filter((threads) => threads <= availableParallelism()),
  ),
  batch: over('batch', [1, 2, 4, 8, 12, 16, 32, 64]),
  length: over('length', [5, 10, 20, 40, 80]),
  hidden: over('hidden', [50, 100, 200, 400]),
  layers: over('layers', [1, 2, 3]),
  tags: over('tags', [5, 20, 50, 100, 200]),
  // A tagger only looks words up; training moves every row at every step.
  vocabulary: [1_000, 10_000, 50_000].map((vocabulary) => ({ vocabulary })),
  density: ['train', 'tag'].flatMap((work) =>
    [0.8, 0.7, 0.6, 0.5, 0.3, 0.2, 0.1, 0.05].flatMap((keep) => ['dense', 'sparse'].map((kernels) => ({ work, keep, kernels }))),
  ),
};

const place = await mkdtemp(path.join(tmpdir(), 'sparsetag-scaling-'));
const measureYardstick = await loadYardstick();
const report = (line) => process.stderr.write(`${line}\n`);

/** Sentences for a point: all of its length where it has one; every word of its vocabulary where it has that. */
function sentencesOf({ length, vocabulary, tags }) {
  const sentences = makeSentences(SENTENCES, tags ? { tags: [tags] } : {});
  if (vocabulary) {
    let word = 0;
    while (word < vocabulary)
      sentences.push({
        tokens: Array.from({ length: 14 }, () => `v${word++}`),
        labels: TASKS.map((_, t) => Array(14).fill(`${'PCN'[t]}0`)),
      });
  }
  if (length) {
    const tokens = sentences.flatMap((sentence) => sentence.tokens);
    const labels = TASKS.map((_, t) => sentences.flatMap((sentence) => sentence.labels[t]));
    const cut = (column, i) => column.slice(i * length, (i + 1) * length);
    return Array.from({ length: Math.floor(tokens.length / length) }, (_, i) => ({
      tokens: cut(tokens, i),
      labels: labels.map((column) => cut(column, i)),
    }));
  }
  return sentences;
}

const models = new Map();
let files = 0;

/** Model file of the sizes and the density of a point. Points that differ in speed alone share it. */
async function modelOf(point, sentences, tasks, sizes) {
  const { keep, length, tags, vocabulary } = point;
  const shape = JSON.stringify([sizes, length, tags, vocabulary]);
  if (!models.has(shape)) models.set(shape, makeDenseModel(sentences, tasks, sizes));
  const dense = await models.get(shape);
  const file = path.join(place, `${files++}.safetensors`);
  await writeFile(file, writeModelFile(withTasks(keep < 1 ? withMasks(dense, keep) : dense, 1)));
  return file;
}

/** Opens a point; `run()` does a batch and answers with its tokens. One task, as all figures are speeds of one subnet. */
async function openPoint(change, profile) {
  const point = { ...BASE, ...change };
  const sentences = sentencesOf(point);
  const tasks = point.tags ? [{ name: 'pos', tags: point.tags }] : TASKS.slice(0, 1);
  const sizes = { hidden: point.hidden, layers: point.layers };
  const workload = { sentences, tasks, sizes, batchSize: point.batch, batches: { sorted: makeBatches(sentences, point.batch, 'sorted') } };
  const model = point.work === 'tag' || point.keep < 1 ? await modelOf(point, sentences, tasks, sizes) : null;
  const cell = {
    order: 'sorted',
    threads: point.threads,
    tasks: 1,
    kernels: point.kernels,
    profile,
    model,
    masks: point.keep < 1 ? model : null,
  };
  const engine = await (point.work === 'train' ? openTrainer : openTagger)(workload, cell);
  let next = 0;
  return { point, close: engine.close, run: () => engine.run(next++ % workload.batches.sorted.length) };
}

/** Tokens per second of about so many seconds of work. */
async function speedOf({ run }, limit) {
  let tokens = 0;
  const begun = performance.now();
  do tokens += await run();
  while (performance.now() - begun < 1000 * limit);
  return (1000 * tokens) / (performance.now() - begun);
}

/** GFLOP/s of the kept LSTM weights: two operations each in tagging, six in training. */
function gflops({ hidden, layers, keep, work }, tokensPerSecond) {
  const weights = 8 * hidden * (130 + hidden) + (layers - 1) * 8 * hidden * 3 * hidden;
  return ((work === 'train' ? 6 : 2) * weights * keep * tokensPerSecond) / 1e9;
}

/** The best of many samples of 10 ms. */
function peak(sample) {
  return Math.max(...Array.from({ length: 30 }, sample));
}

async function measureSweep(name, points) {
  const opened = [];
  for (const change of points) {
    report(`${name}: ${JSON.stringify(change)}`);
    opened.push({ ...(await openPoint(change)), change, speeds: [] });
  }
  for (const entry of opened) await speedOf(entry, seconds); // compiles what is hot
  const yardstick = peak(measureYardstick);
  for (let round = 0; round < ROUNDS; round++) {
    for (const entry of opened) entry.speeds.push(await speedOf(entry, seconds));
  }
  for (const { close } of opened) await close();
  const results = opened.map(({ change, point, speeds }) => ({
    ...change,
    tokensPerSecond: median(speeds),
    gflops: gflops(point, median(speeds)),
    speeds,
  }));
  return { name, yardstick, results };
}

/** Time, share and GFLOP/s of each kernel within steps of training and batches of tagging. */
async function profileKernels() {
  const parts = [];
  const works = [{ work: 'train' }, { work: 'tag' }, { work: 'tag', batch: 1 }];
  for (const change of works.flatMap((work) => [1, 0.2, 0.1].map((keep) => ({ ...work, keep })))) {
    report(`kernels: ${JSON.stringify(change)}`);
    const profile = new KernelProfile(() => performance.now());
    const entry = await openPoint(change, profile);
    await speedOf(entry, 1);
    const before = new Map(profile.costs.map((cost) => [cost.kernel, cost]));
    const begun = performance.now();
    await speedOf(entry, 2);
    const wall = performance.now() - begun;
    await entry.close();
    const yardstick = peak(measureYardstick);
    const costs = profile.costs.map(({ kernel, milliseconds, flops }) => {
      const then = before.get(kernel) ?? { milliseconds: 0, flops: 0 };
      const time = milliseconds - then.milliseconds;
      return { kernel, share: time / wall, gflops: (flops - then.flops) / time / 1e6 };
    });
    const kernels = costs.filter(({ share }) => share > 0.005).sort((a, b) => b.share - a.share);
    parts.push({ ...change, yardstick, outsideKernels: 1 - costs.reduce((sum, { share }) => sum + share, 0), kernels });
  }
  return parts;
}

const row = (cells) => `| ${cells.join(' | ')} |\n`;
const table = (head, rows) => row(head) + row(head.map((_, i) => (i === 0 ? '---' : '--:'))) + rows.map(row).join('');
const percent = (fraction) => `${(100 * fraction).toFixed(1)} %`;

function formatSweep({ name, yardstick, results }) {
  const rows = results.map(({ tokensPerSecond, gflops: speed, speeds: _, ...change }) => {
    const { work, keep, kernels, ...size } = { ...BASE, ...change };
    const setting = name === 'density' ? kernels : (size[name] ?? change[name]);
    return [work, percent(keep), setting, tokensPerSecond.toFixed(0), speed.toFixed(1), (speed / yardstick).toFixed(2)];
  });
  const head = ['', 'kept', name === 'density' ? 'kernels' : name, 'tokens/s', 'GFLOP/s', '/ yardstick'];
  return `## ${name}\n\nYardstick ${yardstick.toFixed(1)} GFLOP/s.\n\n${table(head, rows)}`;
}

function formatProfile({ work, batch, keep, yardstick, outsideKernels, kernels }) {
  const speed = (gflops) => (gflops > 0 ? [gflops.toFixed(1), (gflops / yardstick).toFixed(2)] : ['-', '-']);
  const rows = kernels.map(({ kernel, share, gflops: own }) => [kernel, percent(share), ...speed(own)]);
  const title = `${work === 'train' ? 'Training' : 'Tagging'}${batch === 1 ? ' one sentence' : ''}, ${keep < 1 ? `${percent(keep)} kept` : 'dense'}`;
  return `### ${title}\n\nYardstick ${yardstick.toFixed(1)} GFLOP/s; outside kernels ${percent(outsideKernels)}.\n\n${table(['kernel', 'share', 'GFLOP/s', '/ yardstick'], rows)}`;
}

try {
  const profiles = only.test('kernels') ? await profileKernels() : [];
  const sweeps = [];
  for (const [name, points] of Object.entries(SWEEPS)) if (only.test(name)) sweeps.push(await measureSweep(name, points));
  const host = { processor: cpus()[0].model, processors: availableParallelism(), node: process.version };
  const kernels = profiles.length > 0 ? [`## Kernels\n\nGFLOP/s on kept weights, padding counted.\n`, ...profiles.map(formatProfile)] : [];
  const head = `# Scaling\n\n${host.processor}, ${host.processors} processors, Node ${host.node}. The base model, batches of 10, one task, one thread, but for what a table changes.\n`;
  const markdown = [head, ...kernels, ...sweeps.map(formatSweep)].join('\n');
  await mkdir(options.out, { recursive: true });
  await writeFile(path.join(options.out, 'scaling.json'), `${JSON.stringify({ schema: 1, host, kernels: profiles, sweeps }, null, 2)}\n`);
  await writeFile(path.join(options.out, 'scaling.md'), markdown);
  console.log(markdown);
} finally {
  await rm(place, { recursive: true });
}
