// What it costs to share work among threads, and what it gives.
//
//   npm run bench:threads                   2 threads, a few seconds
//   npm run bench:threads -- --threads 4
//
// Times are medians in microseconds, with the best and the ninth of ten. Run it on an idle machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { values: options } = parseArgs({ options: { threads: { type: 'string', default: '2' } } });
const threads = Number(options.threads);
const dist = new URL('../dist/', import.meta.url);

/** The runtime is no part of the public API, so it is bundled for this alone. */
async function loadRuntime() {
  const folder = await mkdtemp(path.join(tmpdir(), 'sparsetag-bench-'));
  const outfile = path.join(folder, 'runtime.mjs');
  const entry = new URL('../src/runtime/runtime.ts', import.meta.url).pathname;
  await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile });
  const runtime = await import(pathToFileURL(outfile).href);
  await rm(folder, { recursive: true });
  return runtime;
}

const { createRuntime } = await loadRuntime();

/** One and the same build of the kernels, so that threads are all that differs. */
const open = (count) =>
  createRuntime({
    build: 'threads',
    threads: count,
    wasmUrl: new URL('kernels.threads.wasm', dist),
    workerUrl: new URL('kernel-thread.js', dist),
  });

/** A product Y = A X with as many calls as asked for, each a range of rows. */
function product({ arena, work }, rows, depth, positions) {
  const take = (count) => {
    const pointer = arena.allocateWords('bench', count);
    arena.f32(pointer, count).fill(0.3);
    return pointer;
  };
  const [panel, x, y] = [take(rows * depth), take(depth * positions), take(rows * positions)];
  return (calls) => {
    for (let i = 0; i < calls; i++) {
      const [begin, end] = [i, i + 1].map((n) => 4 * Math.round((rows * n) / 4 / calls));
      work.add('gemm', y, positions, panel, x, positions, depth, positions, 0, 0, begin, end);
    }
    work.join();
  };
}

function busy(microseconds) {
  const end = performance.now() + microseconds / 1000;
  while (performance.now() < end);
}

/** Microseconds of a run of `body`: the best, the median and the ninth of ten. */
function measure(body, { repeat = 1, pause = 0 } = {}) {
  for (let i = 0; i < 100 * repeat; i++) body();
  const samples = Array.from({ length: 300 }, () => {
    busy(pause);
    const begin = performance.now();
    for (let i = 0; i < repeat; i++) body();
    return ((performance.now() - begin) / repeat) * 1000;
  }).sort((a, b) => a - b);
  return [0, 0.5, 0.9].map((part) => samples[Math.floor(part * samples.length)]);
}

function print(what, [best, median, ninth]) {
  console.log(`${what.padEnd(52)} ${median.toFixed(2).padStart(9)}   ${best.toFixed(2)} .. ${ninth.toFixed(2)}`);
}

const [one, many] = await Promise.all([open(1), open(threads)]);
console.log(`${threads} threads, ${availableParallelism()} processors`);
for (const [rows, depth, positions] of [
  [800, 400, 140],
  [400, 130, 140],
  [400, 130, 20],
]) {
  const name = `product ${rows} x ${depth} x ${positions}`;
  const [alone, shared] = [product(one, rows, depth, positions), product(many, rows, depth, positions)];
  const single = measure(() => alone(1));
  const split = measure(() => shared(threads));
  print(`${name}, one thread`, single);
  print(`${name}, ${threads} threads: ${(single[1] / split[1]).toFixed(2)} x`, split);
}
const shared = product(many, 400, 130, 140);
for (const pause of [30, 100, 300, 1000])
  print(
    `the second again, ${pause} us after the last join`,
    measure(() => shared(threads), { pause }),
  );

const emptyCalls = ({ work }, calls) => {
  for (let i = 0; i < calls; i++) work.add('mapExp', 0, 0, 0);
  work.join();
};
print(
  'join of nothing',
  measure(() => many.work.join(), { repeat: 200 }),
);
for (const calls of [1, 2, 8]) {
  print(
    `${calls} empty calls, one thread`,
    measure(() => emptyCalls(one, calls), { repeat: 200 }),
  );
  print(
    `${calls} empty calls, ${threads} threads`,
    measure(() => emptyCalls(many, calls), { repeat: 200 }),
  );
}
one.dispose();
many.dispose();
