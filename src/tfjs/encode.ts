import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { EncodedSentence, WordType } from '../data/encode.js';
import { finish } from '../model/in-parts.js';
import { packBatch } from '../model/pack-batch.js';
import { type Parameter, writeTensor } from '../model/parameters.js';
import type { Pass } from '../model/pass.js';
import type { LoadedNetwork } from '../tagger/load-network.js';
import { requireRange } from './checks.js';
import { Heap } from './heap.js';
import { type Op, type OpCall, runOp } from './op.js';
import { lengthsOf, toPositions, toRows } from './sentences.js';

/** The network of an encoder, as an attribute of its ops. */
export interface EncoderNetwork extends Pick<LoadedNetwork, 'runtime' | 'network'> {
  /** Address of the task's mask, 0 = all kept, and the number of its head. */
  readonly mask: number;
  readonly head: number;
  /** Parameters whose values are inputs, in this order and before those of the word table; null: all weights stay as they were loaded. */
  readonly parameters: readonly Parameter[] | null;
  /** What the values of each input were copied from last; TensorFlow.js has other data for other values. */
  readonly copied: object[];
}

/** Inputs before the weights: words, characters, lengths. */
const SENTENCES = 3;

/** Words, characters, lengths, and the weights if they are inputs, through the network of the attributes; gives [B, T, 2H]. */
export const ENCODE: Op = {
  name: 'SparseTagEncode',
  run(call) {
    const { encoder, heap, pass, T, H } = forward(call, call.inputs);
    const { runtime, network } = encoder;
    return aside(encoder, () => [
      heap.give([pass.batch.lengths.length, T, H], toRows(runtime, pass, network.output(pass, encoder.head), T, H)),
    ]);
  },
  gradient: (tf) => ({
    saveAllInputs: true,
    gradFunc(dy, saved, attributes) {
      const gradients = runOp(tf, ENCODE_GRADIENT, [dy as Tensor, ...saved], attributes);
      return Object.fromEntries(gradients.map((gradient, i) => [SENTENCES + i, () => gradient]));
    },
  }),
};

/** dy, then the inputs of `ENCODE`; gives the gradients of the weights, +0 at pruned ones. Computes the forward pass again. */
export const ENCODE_GRADIENT: Op = {
  name: 'SparseTagEncodeGradient',
  run(call) {
    const [dy, ...inputs] = call.inputs;
    const { encoder, heap, pass, T, H } = forward(call, inputs);
    const { runtime, network, mask } = encoder;
    const { table, gradients, words } = network;
    aside(encoder, () => toPositions(runtime, pass, heap.take('dy', dy!), network.outputGradient(pass), T, H));
    finish(network.backwardEncoder(pass, encoder.head));
    runtime.work.join();
    if (mask) runtime.kernels.maskApply(gradients, mask, table.prunable.end);
    return [
      ...encoder.parameters!.map(({ shape, offset }) => heap.give(shape, gradients + 4 * offset)),
      heap.giveRows([words.rows, words.dimension], words.touched, words.gradients),
    ];
  },
};

/** Runs the encoder on the present weights. */
function forward({ heap: { backend }, attributes }: OpCall, inputs: readonly TensorInfo[]) {
  const [words, characters, lengths, ...weights] = inputs;
  const encoder = attributes as unknown as EncoderNetwork;
  const { runtime, network, mask, head } = encoder;
  const heap = new Heap(backend, runtime.arena);
  copyWeights(heap, encoder, weights);
  const [, T, C] = characters!.shape as [number, number, number];
  const { types, sentences } = sentencesOf(
    heap.integers(words!),
    heap.integers(characters!),
    lengthsOf(heap, lengths!, T),
    T,
    C,
    network.shape,
  );
  network.prepare(mask, [head], weights.length > 0);
  const pass: Pass = network.encode(packBatch(sentences, types), null);
  return { encoder, heap, pass, T, H: 2 * network.shape.model.hidden };
}

/** Brings the weights in kernel memory up to date; only those that have changed are copied. */
function copyWeights(
  heap: Heap,
  { runtime: { arena }, network, parameters, copied }: EncoderNetwork,
  weights: readonly TensorInfo[],
): void {
  weights.forEach((weight, i) => {
    if (copied[i] === weight.dataId) return;
    const parameter = parameters![i];
    if (parameter) writeTensor(arena.f32(network.parameters, network.table.size), parameter, heap.floats(weight));
    else heap.copy(weight, network.words.values);
    copied[i] = weight.dataId;
  });
}

/** Takes memory behind the workspace of the network, which is to be the last again. */
function aside<T>({ runtime: { arena } }: EncoderNetwork, act: () => T): T {
  const mark = arena.mark();
  try {
    return act();
  } finally {
    arena.release(mark);
  }
}

/** @throws {ConfigError} TFJS_ROW when a row is none of the table's, or a word has no characters */
function sentencesOf(
  words: Int32Array,
  characters: Int32Array,
  lengths: Int32Array,
  T: number,
  C: number,
  shape: LoadedNetwork['network']['shape'],
): { readonly types: readonly WordType[]; readonly sentences: readonly EncodedSentence[] } {
  const types: WordType[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (place: number): number => {
    const row = words[place]!;
    requireRange('TFJS_ROW', 'words', row, place, 0, shape.words - 1);
    const own = characters.subarray(place * C, (place + 1) * C);
    const end = own.indexOf(0);
    const used = end < 0 ? own : own.subarray(0, end);
    used.forEach((character, c) => {
      requireRange('TFJS_ROW', 'characters', character, place * C + c, 1, shape.characters - 1);
    });
    if (shape.model.charDimension > 0) requireRange('TFJS_ROW', 'characters of a word', used.length, place, 1, C);
    const key = `${row} ${used.join()}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, types.length);
    return types.push({ row, characters: used.slice() }) - 1;
  };
  const sentences = Array.from(lengths, (length, b) => ({ types: Int32Array.from({ length }, (_, t) => numberOf(b * T + t)), tags: null }));
  return { types, sentences };
}
