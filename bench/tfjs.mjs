// What an op of `sparsetag/tfjs` spends on copying tensors between the memory of TensorFlow.js and that of our kernels.
//
//   npm run bench:tfjs
//
// Times are medians in milliseconds. The copies are those of the op, made once more by themselves. Run it on an idle machine.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs-core');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
const { registerOps } = await import('../dist/tfjs.js');

tf.env().set('IS_TEST', true); // no advertisement on the console
setWasmPaths(path.join(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist/'));
await tf.setBackend('wasm');
const ops = await registerOps(tf);

const ROUNDS = 15;
const [B, T, I, H, K] = [16, 24, 130, 100, 20];

/** What the ops copy with; no part of the public API, so it is bundled for this alone. */
async function loadHeap() {
  const folder = await mkdtemp(path.join(tmpdir(), 'sparsetag-bench-'));
  const outfile = path.join(folder, 'heap.mjs');
  const contents = "export { Heap } from './src/tfjs/heap.ts'; export { Arena } from './src/runtime/arena.ts';";
  const resolveDir = fileURLToPath(new URL('..', import.meta.url));
  await build({ stdin: { contents, resolveDir }, bundle: true, platform: 'node', format: 'esm', outfile });
  const { Heap, Arena } = await import(pathToFileURL(outfile).href);
  await rm(folder, { recursive: true });
  return new Heap(tf.backend(), new Arena(new WebAssembly.Memory({ initial: 400 }), 0));
}

const heap = await loadHeap();

/** Median time of a function in milliseconds, after two rounds that do not count. */
function time(act) {
  const times = Array.from({ length: ROUNDS + 2 }, () => {
    const begin = performance.now();
    tf.tidy(act);
    return performance.now() - begin;
  });
  return times.slice(2).sort((a, b) => a - b)[ROUNDS >> 1];
}

/** Copies tensors in, and as many numbers as the shapes of `outputs` have out to new tensors, as the ops do. */
function copies(inputs, outputs) {
  const mark = heap.arena.mark();
  for (const tensor of inputs) {
    if (tensor.dtype === 'bool') heap.takeMask('mask', tensor);
    else if (tensor.dtype === 'int32') heap.integers(tensor).slice();
    else heap.take('tensor', tensor);
  }
  for (const shape of outputs) tf.backend().disposeData(heap.give(shape, 0).dataId);
  heap.arena.release(mark);
}

const random = (shape) => tf.randomUniform(shape, -0.1, 0.1);
const direction = () => ({ input: random([4 * H, I]), recurrent: random([4 * H, H]), bias: random([4 * H]) });
const weights = { forward: direction(), backward: direction() };
const tensors = Object.values(weights).flatMap((own) => Object.values(own));
const x = random([B, T, I]);
const lengths = tf.fill([B], T, 'int32');
const masksOf = (keep) => {
  const mask = (tensor) => tf.less(tf.randomUniform(tensor.shape), keep);
  const own = ({ input, recurrent }) => ({ input: mask(input), recurrent: mask(recurrent) });
  return { forward: own(weights.forward), backward: own(weights.backward) };
};
const listed = (masks) => (masks ? Object.values(masks).flatMap((own) => Object.values(own)) : []);

const emissions = random([B, T, K]);
const tags = tf.fill([B, T], 1, 'int32');
const chain = { transitions: random([K, K]) };

const y = [B, T, 2 * H];
const shapes = [x, ...tensors].map(({ shape }) => shape);
const rows = [];
for (const keep of [1, 0.2]) {
  const masks = keep < 1 ? masksOf(keep) : undefined;
  const inputs = [x, lengths, ...tensors, ...listed(masks)];
  const dy = random(y);
  rows.push([`BiLSTM, ${100 * keep} % kept`, time(() => ops.bilstm(x, lengths, weights, masks)), time(() => copies(inputs, [y]))]);
  const gradient = () => tf.engine().runKernel('SparseTagBilstmGradient', [dy, ...inputs]);
  rows.push([`its gradient, ${100 * keep} % kept`, time(gradient), time(() => copies([dy, ...inputs], shapes))]);
}
const crf = [emissions, tags, lengths, chain.transitions];
rows.push([
  'CRF loss with gradients',
  time(() => ops.crfLoss(emissions, tags, lengths, chain)),
  time(() => copies(crf, [[], [B, T, K], [K, K]])),
]);
rows.push([
  'CRF decoding',
  time(() => ops.crfDecode(emissions, lengths, chain)),
  time(() => copies([emissions, lengths, chain.transitions], [[B, T]])),
]);

// The encoder of the demo model, frozen, and with weights that change between two calls.
const model = await readFile(new URL('../web/demo/model.safetensors', import.meta.url));
const words = Array.from({ length: B }, (_, b) => Array.from({ length: T }, (_, t) => ['The', 'cat', 'saw', 'London', '.'][(b + t) % 5]));
const [frozen, encoder] = [await ops.loadEncoder(model, 'ner'), await ops.loadEncoder(model, 'ner', { trainable: true })];
const inputs = encoder.lookUp(words);
const variables = Object.values(encoder.weights);
const others = [0, 1].map(() => variables.map((variable) => tf.keep(tf.clone(tf.add(variable, 0)))));
let turn = 0;
const change = () => {
  turn = 1 - turn;
  variables.forEach((variable, i) => void variable.assign(others[turn][i]));
};
const features = [B, T, encoder.encode(inputs).shape[2]];
const dFeatures = random(features);
const numbers = Object.values(inputs);
const changed = () => {
  change();
  return encoder.encode(inputs);
};
const gradients = () => {
  change();
  return tf.engine().gradients(() => encoder.encode(inputs), variables, dFeatures);
};
rows.push(['encoder of the demo model', time(() => frozen.encode(inputs)), time(() => copies(numbers, [features]))]);
rows.push(['trainable, all weights new', time(changed), time(() => copies([...numbers, ...variables], [features]))]);
const all = [...variables.map(({ shape }) => shape), features];
rows.push(['the same and its gradients', time(gradients), time(() => copies([...numbers, ...variables, dFeatures], all))]);

console.log(`${B} sentences of ${T} tokens, ${I} features, ${H} hidden units, ${K} tags`);
for (const [name, whole, copying] of rows) {
  console.log(
    `${name.padEnd(28)} ${whole.toFixed(2).padStart(8)} ms, copying ${copying.toFixed(3).padStart(7)} ms: ${((100 * copying) / whole).toFixed(1)} %`,
  );
}
ops.dispose();
