import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { registerOps } from 'sparsetag/tfjs';

setWasmPaths('dist/');
await tf.setBackend('wasm');
const ops = await registerOps(tf);

const response = await fetch('model.safetensors');
const encoder = await ops.loadEncoder(new Uint8Array(await response.arrayBuffer()), 'ner', { trainable: true });
const { chain } = encoder.head;
const inputs = encoder.lookUp([['Ada', 'Lovelace', 'lived', 'in', 'London', '.']]);
const emissions = () => encoder.emissions(encoder.encode(inputs));
const best = ops.crfDecode(emissions(), inputs.lengths, chain);
const tags = best.arraySync()[0].map((tag) => encoder.tags[tag]);

// A few steps of training: the tags that were found become more probable.
const optimizer = tf.train.adam(0.001);
const losses = [0, 1, 2].map(() => optimizer.minimize(() => ops.crfLoss(emissions(), best, inputs.lengths, chain), true).dataSync()[0]);
document.body.textContent = JSON.stringify({ tags, losses });
