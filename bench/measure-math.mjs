// The error of exp, tanh, sigmoid, log1p and log, over every f32 there is, in units in the last place.
//
//   npm run measure:math                           all 2^32 inputs of each, tens of minutes
//   npm run measure:math -- --stride 1009          every 1009th, seconds
//   npm run measure:math -- --only tanh,sigmoid
//
// The error of a result y is |y - f(x)| / u, f(x) computed in f64 and u the distance of neighbouring f32 around f(x). Counted
// as wrong, whatever their distance: a NaN where there should be none or the reverse, an infinity likewise, a zero of the
// wrong sign, and for exp and sigmoid anything but +0 where the result would be denormal. `differ` counts results of
// the SIMD build whose bits are not those of the scalar build.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

const BATCH = 1 << 16;
const NORMAL_LEAST = 2 ** -126;
const FUNCTIONS = {
  exp: { kernel: 'mapExp', exact: Math.exp, flushes: true },
  tanh: { kernel: 'mapTanh', exact: Math.tanh, flushes: false },
  sigmoid: { kernel: 'mapSigmoid', exact: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), flushes: true },
  log1p: { kernel: 'mapLog1p', exact: Math.log1p, flushes: false },
  log: { kernel: 'mapLog', exact: Math.log, flushes: false },
};

const { values: options } = parseArgs({
  options: { stride: { type: 'string', default: '1' }, only: { type: 'string', default: Object.keys(FUNCTIONS).join() } },
});
const stride = Number(options.stride);
const names = options.only.split(',');
if (!(Number.isInteger(stride) && stride > 0) || !names.every((name) => name in FUNCTIONS)) {
  console.error(`--stride takes a whole number from 1 on, --only a list of ${Object.keys(FUNCTIONS).join()}`);
  process.exit(2);
}

/** Distances of neighbouring f32 by the exponent field of an f64. */
const SPACING = Float64Array.from({ length: 2048 }, (_, field) => 2 ** (Math.max(field - 1023, -126) - 23));
const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);

function spacing(value) {
  double[0] = value;
  return SPACING[(doubleWords[1] >>> 20) & 2047];
}

async function openBuild(build) {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const bytes = await readFile(new URL(`../dist/kernels.${build}.wasm`, import.meta.url));
  const { exports: kernels } = (await WebAssembly.instantiate(bytes, { env: { memory } })).instance;
  const input = Math.ceil(kernels.heapBase() / 64) * 64;
  const output = input + 4 * BATCH;
  memory.grow(Math.ceil((output + 4 * BATCH) / 65536));
  return {
    run: (kernel, count) => kernels[kernel](output, input, count),
    inputBits: new Uint32Array(memory.buffer, input, BATCH),
    inputs: new Float32Array(memory.buffer, input, BATCH),
    outputBits: new Uint32Array(memory.buffer, output, BATCH),
    outputs: new Float32Array(memory.buffer, output, BATCH),
  };
}

/** Error of `y` in ulps; Infinity when it is wrong in kind. */
function errorOf(y, exact, flushes) {
  if (Number.isNaN(exact)) return Number.isNaN(y) ? 0 : Infinity;
  const rounded = Math.fround(exact);
  if (flushes && exact < NORMAL_LEAST) return Object.is(y, 0) ? 0 : Infinity;
  if (rounded === 0 || !Number.isFinite(rounded)) return Object.is(y, rounded) ? 0 : Infinity;
  return Number.isFinite(y) ? Math.abs(y - exact) / spacing(exact) : Infinity;
}

function measure({ kernel, exact, flushes }, simd, scalar) {
  const figures = { largest: 0, at: 0, above1: 0, wrong: 0, differ: 0 };
  for (let first = 0; first < 2 ** 32; first += BATCH * stride) {
    const count = Math.min(BATCH, Math.ceil((2 ** 32 - first) / stride));
    for (let i = 0; i < count; i++) simd.inputBits[i] = first + i * stride;
    scalar.inputBits.set(simd.inputBits);
    simd.run(kernel, count);
    scalar.run(kernel, count);
    for (let i = 0; i < count; i++) {
      const x = simd.inputs[i];
      const y = simd.outputs[i];
      if (simd.outputBits[i] !== scalar.outputBits[i] && !(Number.isNaN(y) && Number.isNaN(scalar.outputs[i]))) figures.differ += 1;
      const error = errorOf(y, exact(x), flushes);
      if (error > 1) figures.above1 += 1;
      if (error === Infinity) {
        figures.wrong += 1;
      } else if (error > figures.largest) {
        figures.largest = error;
        figures.at = x;
      }
    }
  }
  return figures;
}

const simd = await openBuild('simd');
const scalar = await openBuild('scalar');
const row = (...cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(9) : cell.padStart(i === 2 ? 24 : 12))).join('');
console.log(stride === 1 ? 'every f32' : `every ${stride}th f32`);
console.log(row('function', 'largest ulp', 'at', 'above 1 ulp', 'wrong', 'differ'));
let sound = true;
for (const name of names) {
  const { largest, at, above1, wrong, differ } = measure(FUNCTIONS[name], simd, scalar);
  sound &&= largest <= 2 && wrong === 0 && differ === 0;
  console.log(row(name, largest.toFixed(3), String(at), String(above1), String(wrong), String(differ)));
}
if (!sound) {
  console.error('an error is above 2 ulp, or a result is wrong or differs between builds');
  process.exitCode = 1;
}
