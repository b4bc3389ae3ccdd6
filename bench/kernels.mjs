// Speed of the product kernels alone, in GFLOP/s (two operations a weight and position; sparse kernels count kept
// weights only), then of the LSTM kernels with their gates, and of what goes over weights and rows.
//
//   npm run bench:kernels                          all shapes, about 40 seconds
//   npm run bench:kernels -- --only gemm           kernels whose name contains "gemm"
//   npm run bench:kernels -- --build scalar        another build: simd (default) | threads | scalar
//   npm run bench:kernels -- --seconds 0.5         time for each figure (default 0.08)
//
// A figure is the best of many samples of processor time. Another thread on the same core still halves it: run it on an
// idle machine, twice, before believing it.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    build: { type: 'string', default: 'simd' },
    seconds: { type: 'string', default: '0.08' },
  },
});
const seconds = Number(options.seconds);

const ROWS = 800; // gate rows of a direction of 200 units
const DENSITIES = [0.1, 0.2, 0.3, 0.5];
/** Depth x positions: the recurrent product of one time step, then whole batches for input and weight gradients. */
const RECURRENT = [100, 200].flatMap((depth) => [4, 8, 12].map((positions) => ({ rows: 4 * depth, depth, positions })));
const BATCHED = [130, 200, 400, 800].flatMap((depth) => [140, 400, 1700].map((positions) => ({ rows: ROWS, depth, positions })));

const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: options.build === 'threads' });
const bytes = await readFile(new URL(`../dist/kernels.${options.build}.wasm`, import.meta.url));
const { exports: kernels } = (await WebAssembly.instantiate(bytes, { env: { memory } })).instance;

const base = Math.ceil(kernels.heapBase() / 64) * 64;
let top = base;

/** An address of `count` words; `fill` gives their f32 values. */
function take(count, fill) {
  const pointer = top;
  top += Math.ceil((4 * count) / 64) * 64;
  const missing = top - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  const words = new Float32Array(memory.buffer, pointer, count);
  for (let i = 0; i < count; i++) words[i] = fill ? fill(i) : 0;
  return pointer;
}

// Values need not be random for speed, only ordinary; masks need to look random.
const value = (i) => ((i * 7919) % 1000) / 1000 - 0.5;

function takeMask(elements, density) {
  let state = 1;
  const pointer = take(Math.ceil(elements / 32));
  const words = new Uint32Array(memory.buffer, pointer, Math.ceil(elements / 32)).fill(0);
  for (let e = 0; e < elements; e++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (state / 4294967296 < density) words[e >> 5] |= 1 << (e & 31);
  }
  return pointer;
}

/** An odd number of cache lines a feature, so that features spread over all sets of a cache. */
const strideOf = (positions) => Math.ceil(positions / 16) * 16 + (Math.ceil(positions / 16) % 2 ? 0 : 16);

/** Processor time of `count` runs in seconds: what others take of a busy machine does not count. */
function timeOf(run, count) {
  const begin = process.cpuUsage();
  for (let i = 0; i < count; i++) run();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

/** The least processor time of one `run` in seconds, over samples of a millisecond or one run, whichever is longer. */
function best(run) {
  const end = performance.now() + 1000 * seconds;
  const warmUp = timeOf(run, 3) / 3;
  const count = Math.max(1, Math.ceil(0.001 / Math.max(warmUp, 1e-6)));
  let least = Number.POSITIVE_INFINITY;
  do least = Math.min(least, timeOf(run, count) / count);
  while (performance.now() < end);
  return least;
}

const gflops = (operations, run) => (operations / best(run) / 1e9).toFixed(1).padStart(6);

function report(name, shape, figures) {
  const { rows, depth, positions } = shape;
  console.log(
    `${name.padEnd(20)} ${String(rows).padStart(4)} x ${String(depth).padStart(3)} x ${String(positions).padStart(4)}  ${figures.join('')}`,
  );
}

/** One line a shape: lay the buffers out, run, forget the buffers. `run(buffers)` returns the figures. */
function series(name, shapes, run) {
  if (!name.includes(options.only)) return;
  for (const shape of shapes) {
    const { rows, depth, positions } = shape;
    const stride = strideOf(positions);
    const buffers = {
      ...shape,
      stride,
      w: take(rows * depth, value),
      panel: take((rows + 3) * depth),
      x: take(depth * stride, value),
      y: take(rows * stride, value),
    };
    report(name, shape, run(buffers));
    top = base;
  }
}

console.log(`${options.build} build, GFLOP/s; sparse columns: density ${DENSITIES.join(', ')}\n`);
console.log(`${''.padEnd(20)} rows x depth x positions`);

series('gemm', [...RECURRENT, ...BATCHED], ({ rows, depth, positions, stride, w, panel, x, y }) => {
  kernels.packRows(panel, w, 0, rows, depth);
  return [gflops(2 * rows * depth * positions, () => kernels.gemm(y, stride, panel, x, stride, depth, positions, 0, 0, 0, rows))];
});

series('gemmWeightGradient', BATCHED, ({ rows, depth, positions, stride, w, x, y }) => [
  gflops(2 * rows * depth * positions, () => kernels.gemmWeightGradient(w, y, stride, x, stride, depth, positions, 0, rows)),
]);

/** Index and values of a mask over W, by rows. */
function sparse(rows, depth, w, density) {
  const mask = takeMask(rows * depth, density);
  const start = take(rows + 1);
  const index = take(rows * depth);
  const values = take(rows * depth);
  const nnz = kernels.csrIndexRows(start, index, mask, rows, depth);
  kernels.csrGatherRows(values, w, start, index, rows, depth);
  return { start, index, values, nnz };
}

series('spmm', [...RECURRENT, ...BATCHED], ({ rows, depth, positions, stride, w, x, y }) =>
  DENSITIES.map((density) => {
    const { start, index, values, nnz } = sparse(rows, depth, w, density);
    const tileCount = Math.ceil(positions / 16);
    const tiles = take(16 * tileCount * depth);
    return gflops(2 * nnz * positions, () => {
      kernels.packTiles(tiles, x, stride, depth, positions, 0, tileCount);
      kernels.spmm(y, stride, start, index, values, tiles, depth, positions, 0, 0, 0, rows);
    });
  }),
);

series('spmmWeightGradient', BATCHED, ({ rows, depth, positions, stride, w, x, y }) =>
  DENSITIES.map((density) => {
    const { start, index, nnz } = sparse(rows, depth, w, density);
    return gflops(2 * nnz * positions, () => kernels.spmmWeightGradient(w, y, stride, x, stride, start, index, depth, positions, 0, rows));
  }),
);

const HIDDEN = ROWS / 4;

/** Recurrent weights as panels (density null), or as `index` lays out those that a mask keeps; and how many are kept. */
function recurrent(w, density, index) {
  if (density !== null) return index(takeMask(ROWS * HIDDEN, density));
  const panel = take((ROWS + 3) * HIDDEN);
  kernels.packRows(panel, w, 0, ROWS, HIDDEN);
  const transposed = take((ROWS + 3) * HIDDEN);
  kernels.packColumns(transposed, w, 0, ROWS, HIDDEN);
  return { forward: [panel, 0, 0], backward: [transposed, 0, 0], kept: ROWS * HIDDEN };
}

/** Both directions of U as compressed rows. */
function compressed(w, mask) {
  const take3 = () => [take(ROWS + 1), take(ROWS * HIDDEN), take(ROWS * HIDDEN)];
  const [forward, backward] = [take3(), take3()];
  const kept = kernels.csrIndexRows(forward[0], forward[1], mask, ROWS, HIDDEN);
  kernels.csrGatherRows(forward[2], w, forward[0], forward[1], ROWS, HIDDEN);
  kernels.csrIndexColumns(backward[0], backward[1], mask, ROWS, HIDDEN);
  kernels.csrGatherColumns(backward[2], w, backward[0], backward[1], HIDDEN, HIDDEN);
  return { forward, backward, kept };
}

/** U in slices; the last word of their start says how many groups of four entries they take, padding included. */
function sliced(w, mask) {
  const room = ROWS * HIDDEN + 4 * HIDDEN;
  const [slices, offset, values] = [take(HIDDEN + 1 + 2 * ROWS), take(room / 2), take(room)];
  kernels.sliceRows(slices, offset, mask, ROWS, HIDDEN);
  kernels.sliceGather(values, w, slices, offset, ROWS, HIDDEN);
  return { forward: [slices, offset, values], kept: new Uint32Array(memory.buffer, slices, HIDDEN + 1)[HIDDEN] * 4 };
}

const STEPS = 14;

/** Microseconds a time step, everything included, and GFLOP/s of the recurrent product if nothing else took time. */
function layer(name, lanes, run) {
  if (!name.includes(options.only)) return;
  const figures = [null, ...DENSITIES].map((density) => {
    const w = take(ROWS * HIDDEN, (i) => 0.1 * value(i));
    const positions = Math.ceil((STEPS * lanes) / 4) * 4;
    const stride = strideOf(positions);
    const planes = {
      gates: take(ROWS * stride),
      wx: take(ROWS * stride, value),
      ...Object.fromEntries(['y', 'h', 'c', 'tanhC', 'dy'].map((plane) => [plane, take(HIDDEN * stride, (i) => 0.01 * value(i))])),
    };
    const bias = take(ROWS, value);
    const base = take(STEPS + 1);
    const valid = take(STEPS);
    new Int32Array(memory.buffer, base, STEPS + 1).forEach((_, t, all) => {
      all[t] = t * lanes;
    });
    new Int32Array(memory.buffer, valid, STEPS).fill(lanes);
    const scratch = { state: take(2 * HIDDEN * lanes), tiles: take(Math.ceil(lanes / 16) * 16 * ROWS), alone: take(21 * HIDDEN) };
    // What a kernel overwrites is written again before it runs, and the time of that taken off.
    const restore = () => new Float32Array(memory.buffer).copyWithin(planes.gates / 4, planes.wx / 4, planes.wx / 4 + ROWS * stride);
    const { call, kept } = run({ w, density, planes, bias, base, valid, stride, lanes, ...scratch });
    const both = best(() => {
      restore();
      call();
    });
    const time = (both - best(restore)) / STEPS;
    top = base0;
    return `${(1e6 * time).toFixed(1).padStart(8)} (${((2 * kept * lanes) / time / 1e9).toFixed(1).padStart(4)})`;
  });
  console.log(`${name.padEnd(20)} ${String(lanes).padStart(5)} ${figures.join('')}`);
}

const base0 = top;
if (['lstmForward', 'lstmBackward', 'lstmForwardSentence'].some((name) => name.includes(options.only))) {
  console.log(
    `\nmicroseconds a time step of ${HIDDEN} units (GFLOP/s with gates in the time); dense, then density ${DENSITIES.join(', ')}\n`,
  );
  console.log(`${''.padEnd(20)} lanes`);
}
for (const lanes of [4, 8, 12, 32]) {
  layer('lstmForward', lanes, ({ w, density, planes: { gates, y, h, c, tanhC }, bias, base, valid, stride, tiles }) => {
    const { forward, kept } = recurrent(w, density, (mask) => compressed(w, mask));
    return {
      kept,
      call: () => kernels.lstmForward(gates, y, h, c, tanhC, bias, ...forward, HIDDEN, stride, STEPS, base, valid, 0, tiles, 0, lanes),
    };
  });
}
for (const lanes of [4, 8, 12, 32]) {
  layer('lstmBackward', lanes, ({ w, density, planes: { gates, c, tanhC, dy }, base, valid, stride, state, tiles }) => {
    const { backward, kept } = recurrent(w, density, (mask) => compressed(w, mask));
    return {
      kept,
      call: () => kernels.lstmBackward(gates, dy, c, tanhC, state, ...backward, HIDDEN, stride, STEPS, base, valid, 0, tiles, 0, lanes),
    };
  });
}
layer('lstmForwardSentence', 1, ({ w, density, planes: { gates, y }, bias, stride, alone }) => {
  const { forward, kept } = recurrent(w, density, (mask) => sliced(w, mask));
  return { kept, call: () => kernels.lstmForwardSentence(y, gates, bias, ...forward, HIDDEN, stride, STEPS, 0, alone) };
});

// What is not a product: nanoseconds an element.
const elements = ROWS * 400;
const nanoseconds = (run, count = elements) => ((best(run) / count) * 1e9).toFixed(2).padStart(6);
const extras = {
  packRows: ({ w, out, mask }) => kernels.packRows(out, w, mask, ROWS, 400),
  packColumns: ({ w, out, mask }) => kernels.packColumns(out, w, mask, ROWS, 400),
  biasGradient: ({ w, out }) => kernels.biasGradient(out, w, 400, 400, 0, ROWS),
  csrIndexRows: ({ start, index, mask }) => kernels.csrIndexRows(start, index, mask, ROWS, 400),
  csrIndexColumns: ({ start, index, mask }) => kernels.csrIndexColumns(start, index, mask, ROWS, 400),
  csrGatherRows: ({ w, out, start, index }) => kernels.csrGatherRows(out, w, start, index, ROWS, 400),
  csrGatherColumns: ({ w, out, starts, byColumn }) => kernels.csrGatherColumns(out, w, starts, byColumn, 400, 400),
  sliceRows: ({ slices, sliceOffset, mask }) => kernels.sliceRows(slices, sliceOffset, mask, ROWS, 400),
  sliceGather: ({ w, out, slices, sliceOffset }) => kernels.sliceGather(out, w, slices, sliceOffset, ROWS, 400),
  sumOfSquares: ({ w, mask }) => kernels.sumOfSquares(w, mask, elements),
  sumOfSquaresBlocks: ({ w, mask, out }) => kernels.sumOfSquaresBlocks(out, w, mask, elements, 0, Math.ceil(elements / 256)),
  maskApply: ({ w, mask }) => kernels.maskApply(w, mask, elements),
  pruneByMagnitude: ({ w, out, mask, nnz, scratch }) => kernels.pruneByMagnitude(out, w, mask, elements, nnz >> 1, scratch),
};
const w = take(elements, value);
const mask = takeMask(elements, 0.3);
const [start, starts, index, byColumn, out] = [ROWS + 1, ROWS + 1, elements, elements, elements].map((count) => take(count));
const scratch = take(kernels.pruneScratchBytes() / 4);
const [slices, sliceOffset] = [take(ROWS / 4 + 1 + 2 * ROWS), take(elements / 2 + 800)];
kernels.sliceRows(slices, sliceOffset, mask, ROWS, 400);
const nnz = kernels.csrIndexColumns(starts, byColumn, mask, ROWS, 400);
kernels.csrIndexRows(start, index, mask, ROWS, 400);
const chosen = Object.entries(extras).filter(([name]) => name.includes(options.only));
if (chosen.length > 0) console.log(`\nnanoseconds an element of ${ROWS} x 400 weights, 0.3 kept`);
for (const [name, run] of chosen) {
  console.log(
    `${name.padEnd(20)} ${nanoseconds(() => run({ w, mask, start, starts, index, byColumn, out, scratch, nnz, slices, sliceOffset }))}`,
  );
}

// Rows of the word table that a batch touches.
const [COUNT, DIMENSION] = [140, 100];
const rowKernels = {
  sgdMomentumRows: (t) => kernels.sgdMomentumRows(t.w, t.v, t.g, DIMENSION, t.rows, 0, COUNT, t.done, t.rates, 0, 0.9, 1, 5),
  sgdReplayRows: (t) => kernels.sgdReplayRows(t.w, t.v, DIMENSION, t.rows, 0, COUNT, t.done, t.rates, 0, 0.9),
  adamRows: (t) => kernels.adamRows(t.w, t.m, t.v, t.g, DIMENSION, t.rows, 0, COUNT, 1e-3, 0.9, 0.999, 1e-8, 0.1, 0.001, 1, 5),
  sumOfSquaresRows: (t) => kernels.sumOfSquaresRows(t.g, DIMENSION, COUNT, 0),
};
const table = Object.fromEntries(['w', 'm', 'v', 'g'].map((plane) => [plane, take(COUNT * DIMENSION, (i) => Math.abs(value(i)))]));
Object.assign(table, { rows: take(COUNT), done: take(COUNT), rates: take(1, () => 1e-3) });
new Int32Array(memory.buffer, table.rows, COUNT).forEach((_, i, all) => {
  all[i] = i;
});
const chosenRows = Object.entries(rowKernels).filter(([name]) => name.includes(options.only));
if (chosenRows.length > 0) console.log(`\nnanoseconds an element of ${COUNT} rows of ${DIMENSION}`);
for (const [name, run] of chosenRows) {
  const ready = () => new Int32Array(memory.buffer, table.done, COUNT).fill(0);
  const call = () => {
    ready();
    run(table);
  };
  console.log(`${name.padEnd(20)} ${nanoseconds(call, COUNT * DIMENSION)}`);
}
