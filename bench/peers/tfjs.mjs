// TensorFlow.js on its WASM backend: the BiLSTM and the heads of the base model, trained with SGD and momentum. It has no kernel
// for the gradient of an embedding (UnsortedSegmentSum) or of a convolution's filters, so that word and character features
// are constants here: less work than the others do.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('.', import.meta.url));
const RATE = 0.1;
const MOMENTUM = 0.9;
const CLIP = 5;

/** The build for Node has no gradients, and their modules are not ones that Node can load by itself, so that they are bundled first. */
async function loadTf() {
  const bundle = await build({
    stdin: {
      contents: `export * from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
export { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';`,
      resolveDir: folder,
    },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  const module = { exports: {} };
  const names = ['module', 'exports', 'require', '__filename', '__dirname'];
  const wasm = path.join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  compileFunction(bundle.outputFiles[0].text, names)(
    module,
    module.exports,
    createRequire(import.meta.url),
    path.join(wasm, 'tfjs.js'),
    wasm,
  );
  const tf = module.exports;
  tf.enableProdMode();
  tf.setWasmPaths(`${wasm}/`);
  await tf.setBackend('wasm');
  return tf;
}

export async function open(workload, cell) {
  const tf = await loadTf();
  const { hidden, layers, wordDimension, charOutput, dropout } = workload.model;
  const inputs = wordDimension + charOutput;
  const matrix = (rows, columns) => tf.variable(tf.randomUniform([rows, columns], -0.1, 0.1));
  const encoder = Array.from({ length: layers }, (_, l) =>
    [0, 1].map(() => ({
      input: matrix(l === 0 ? inputs : 2 * hidden, 4 * hidden),
      recurrent: matrix(hidden, 4 * hidden),
      bias: tf.variable(tf.zeros([4 * hidden])),
    })),
  );
  const heads = workload.tasks.map(({ tags }) => ({ weight: matrix(2 * hidden, tags.length), bias: tf.variable(tf.zeros([tags.length])) }));
  const rowOf = Array.from({ length: workload.model.wordRows }, (_, row) =>
    Float32Array.from({ length: inputs }, (_, f) => ((row * 31 + f * 17) % 100) / 100 - 0.5),
  );

  /** One direction over [T, B, features]: the input product at once, then step by step; `real` keeps padding out of the state. */
  function direction({ input, recurrent, bias }, x, isBackward, real) {
    const [time, batch, features] = x.shape;
    const products = tf.add(tf.matMul(tf.reshape(x, [time * batch, features]), input), bias);
    const steps = time === 1 ? [products] : tf.split(products, time);
    let h = tf.zeros([batch, hidden]);
    let c = tf.zeros([batch, hidden]);
    const outputs = [];
    for (let s = 0; s < time; s++) {
      const t = isBackward ? time - 1 - s : s;
      const [i, f, g, o] = tf.split(tf.add(steps[t], tf.matMul(h, recurrent)), 4, 1);
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      if (isBackward && real[t]) c = tf.mul(c, real[t]);
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
      outputs[t] = h;
    }
    return tf.stack(outputs);
  }

  function scores(batch, task, isTraining) {
    let x = isTraining ? tf.dropout(batch.features, dropout.word) : batch.features;
    for (const [forward, backward] of encoder)
      x = tf.concat([direction(forward, x, false, batch.real), direction(backward, x, true, batch.real)], 2);
    if (isTraining) x = tf.dropout(x, dropout.output);
    const [time, size] = x.shape;
    return tf.add(tf.matMul(tf.reshape(x, [time * size, 2 * hidden]), heads[task].weight), heads[task].bias);
  }

  const batches = workload.batches[cell.order].map((batch) => {
    const rows = batch.map((i) => workload.sentences[i]);
    const lengths = rows.map(({ words }) => words.length);
    const time = Math.max(...lengths);
    const features = new Float32Array(time * rows.length * inputs);
    const tags = workload.tasks.map(() => new Int32Array(time * rows.length));
    const isReal = new Float32Array(time * rows.length);
    rows.forEach((row, b) => {
      row.words.forEach((word, t) => {
        features.set(rowOf[word], (t * rows.length + b) * inputs);
        isReal[t * rows.length + b] = 1;
        tags.forEach((column, task) => {
          column[t * rows.length + b] = row.tags[task][t];
        });
      });
    });
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    const least = Math.min(...lengths);
    return {
      tokens,
      features: tf.tensor3d(features, [time, rows.length, inputs]),
      // Where every sentence has a token nothing need be kept out.
      real: Array.from({ length: time }, (_, t) =>
        t < least ? null : tf.tensor2d(isReal.slice(t * rows.length, (t + 1) * rows.length), [rows.length, 1]),
      ),
      weights: tf.tensor1d(isReal),
      gold: tags.map((column, task) =>
        tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(column, 'int32'), workload.tasks[task].tags.length), 'float32')),
      ),
    };
  });

  const optimizer = tf.train.momentum(RATE, MOMENTUM);
  const encoderVariables = encoder.flat().flatMap(({ input, recurrent, bias }) => [input, recurrent, bias]);
  const allVariables = [...encoderVariables, ...heads.flatMap(({ weight, bias }) => [weight, bias])];
  let step = 0;

  function trainOn(batch) {
    const task = step++ % cell.tasks;
    tf.tidy(() => {
      const loss = () => {
        const losses = tf.neg(tf.sum(tf.mul(tf.logSoftmax(scores(batch, task, true)), batch.gold[task]), 1));
        return tf.div(tf.sum(tf.mul(losses, batch.weights)), batch.tokens);
      };
      const { grads } = tf.variableGrads(loss, [...encoderVariables, heads[task].weight, heads[task].bias]);
      const norm = Math.sqrt(tf.addN(Object.values(grads).map((gradient) => tf.sum(tf.square(gradient)))).dataSync()[0]);
      const scale = CLIP / (norm + 1e-6);
      // The optimiser knows variables by their place in the list: all of them each time, those without a gradient stay.
      const clipped = allVariables.map(({ name }) => [name, scale < 1 && grads[name] ? tf.mul(grads[name], scale) : grads[name]]);
      optimizer.applyGradients(Object.fromEntries(clipped));
    });
  }

  function tag(batch) {
    for (let task = 0; task < cell.tasks; task++) tf.tidy(() => tf.argMax(scores(batch, task, false), 1).dataSync());
  }

  return {
    name: `TensorFlow.js ${tf.version_wasm} (wasm)`,
    async run(i) {
      (cell.work === 'train' ? trainOn : tag)(batches[i]);
      return batches[i].tokens;
    },
  };
}
