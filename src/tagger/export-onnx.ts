import type { ModelConfig } from '../config/config.js';
import { ConfigError } from '../errors.js';
import type { ModelContents, ModelNetwork, NetworkTensor, TensorMask } from '../io/model-contents.js';
import { encodeOnnx, ONNX_TYPE, type OnnxModel, type OnnxNode, type OnnxTensor, type OnnxValue } from '../io/onnx.js';
import type { NetworkShape } from '../model/network.js';
import { DIRECTIONS, type HeadShape, inputWidth, lstmName } from '../model/parameters.js';
import { WORD_TABLE_NAME } from '../model/word-table.js';
import { VERSION } from '../version.js';
import { networkShapeOf, storedConfig, tensorsOf } from './stored-network.js';

/**
 * One task of a model as an ONNX graph (operator set 17): the encoder up to the layer that the task's head reads, with
 * pruned weights as zeros, and the head. B sentences, T the longest, C characters of the longest word, K tags.
 *
 * Inputs: `words` i32[B, T], rows of the word table, and `characters` i32[B, T, C], rows of the character table (0 is padding, 1
 * unknown, item i of the model's vocabulary has row i + 2); `lengths` i32[B]. Outputs: `emissions` f32[B, T, K], defined up
 * to each sentence's length; for a CRF also `transitions` f32[K, K] (from, to) and, where the task has them, `start` and
 * `end` f32[K]. The order of sums is the runtime's own, so emissions agree with ours to rounding, not to the bit.
 *
 * @throws {ConfigError} EXPORT_UNKNOWN_TASK
 * @throws {ModelFileError} MODEL_CONFIG, MODEL_TENSOR_MISSING, MODEL_TENSOR_SHAPE
 */
export function exportOnnx(contents: ModelContents, task: string): Uint8Array {
  const found = contents.tasks.find(({ name }) => name === task);
  if (!found) {
    const names = contents.tasks.map(({ name }) => name).join(', ');
    throw new ConfigError('EXPORT_UNKNOWN_TASK', `the model has no task ${JSON.stringify(task)}; it has ${names}`);
  }
  const graph = new TaskGraph(
    contents.networks.find(({ name }) => name === found.network)!,
    networkShapeOf(contents, storedConfig(contents), [found]),
  );
  return encodeOnnx({
    name: task,
    description: `Scores of the tags of task ${task}`,
    producer: { name: 'sparsetag', version: VERSION },
    metadata: { task, head: found.head, tags: JSON.stringify(found.tags) },
    ...graph.build(),
  });
}

class TaskGraph {
  readonly #nodes: OnnxNode[] = [];
  readonly #tensors: OnnxTensor[] = [];
  readonly #model: ModelConfig;
  readonly #head: HeadShape;
  readonly #stored: ReadonlyMap<string, NetworkTensor>;
  readonly #masks: ReadonlyMap<string, TensorMask>;

  /** @param shape that of the network with the head of one task only */
  constructor(network: ModelNetwork, shape: NetworkShape) {
    this.#model = shape.model;
    this.#head = shape.tasks[0]!;
    this.#stored = tensorsOf(network, shape);
    this.#masks = new Map(network.masks.flatMap((mask) => (mask.task === this.#head.name ? [[mask.tensor, mask]] : [])));
  }

  build(): Pick<OnnxModel, 'inputs' | 'outputs' | 'tensors' | 'nodes'> {
    const { name, tags, layer } = this.#head;
    const hasCharacters = this.#model.charDimension > 0;
    const words = this.#run('Gather', [this.#weights(WORD_TABLE_NAME), 'words']);
    const features = hasCharacters ? this.#run('Concat', [words, this.#characterFeatures()], { axis: 2 }) : words;
    let x = this.#run('Transpose', [features], { perm: [1, 0, 2] }); // [T, B, inputs], as the operator wants it
    for (let l = 0; l < layer!; l++) x = this.#bilstm(l, x);
    const columns = transpose(this.#valuesOf(`head.${name}.weight`), tags, 2 * this.#model.hidden);
    const products = this.#run('MatMul', [x, this.#tensor(`head.${name}.weight`, [2 * this.#model.hidden, tags], columns)]);
    const emissions = this.#run('Add', [products, this.#weights(`head.${name}.bias`)]);
    this.#nodes.push({ operator: 'Transpose', inputs: [emissions], outputs: ['emissions'], attributes: { perm: [1, 0, 2] } });

    const inputs: OnnxValue[] = [
      { name: 'words', type: 'i32', shape: ['batch', 'time'] },
      ...(hasCharacters ? [{ name: 'characters', type: 'i32', shape: ['batch', 'time', 'character'] } as const] : []),
      { name: 'lengths', type: 'i32', shape: ['batch'] },
    ];
    const outputs: OnnxValue[] = [{ name: 'emissions', type: 'f32', shape: ['batch', 'time', tags] }, ...this.#chainScores()];
    return { inputs, outputs, tensors: this.#tensors, nodes: this.#nodes };
  }

  /** Features of every token, [B, T, charOutput]; a word's own zeros surround it, and only its own characters count. */
  #characterFeatures(): string {
    const { charWidth, charOutput } = this.#model;
    const rows = this.#run('Flatten', ['characters'], { axis: 2 }); // [B T, C]
    const embedded = this.#run('Gather', [this.#weights('char.table'), rows]);
    const columns = this.#run('Transpose', [embedded], { perm: [0, 2, 1] }); // [B T, charDimension, C]
    const half = (charWidth - 1) / 2;
    const attributes = { kernel_shape: [charWidth], pads: [half, half] };
    const filtered = this.#run('Conv', [columns, this.#weights('char.conv.weight'), this.#weights('char.conv.bias')], attributes);
    // Padding has row 0. What ReLU leaves is not below 0, so a zero there never is the maximum of a word with more.
    const isReal = this.#run('Cast', [this.#run('Cast', [rows], { to: ONNX_TYPE.bool })], { to: ONNX_TYPE.f32 });
    const real = this.#run('Unsqueeze', [isReal, this.#integers('filter axis', [1])]);
    const pooled = this.#run('ReduceMax', [this.#run('Mul', [this.#run('Relu', [filtered]), real])], { axes: [2], keepdims: 0 });
    const linear = [pooled, this.#weights('char.linear.weight'), this.#weights('char.linear.bias')];
    const features = this.#run('Gemm', linear, { transB: 1 });
    const shape = this.#run('Concat', [this.#run('Shape', ['words']), this.#integers('features', [charOutput])], { axis: 0 });
    return this.#run('Reshape', [features, shape]);
  }

  /** One layer, [T, B, inputs] to [T, B, 2 hidden]. */
  #bilstm(layer: number, x: string): string {
    const { hidden } = this.#model;
    const inputs = layer === 0 ? inputWidth(this.#model) : 2 * hidden;
    const both = (part: 'input' | 'recurrent' | 'bias') =>
      DIRECTIONS.map((direction) => reorderGates(this.#valuesOf(lstmName(layer, direction, part))));
    // The operator has two biases a gate row; the second is zero.
    const biases = both('bias').flatMap((bias) => [bias, new Float32Array(4 * hidden)]);
    const operands = [
      x,
      this.#tensor(`lstm.${layer}.input`, [2, 4 * hidden, inputs], join(both('input'))),
      this.#tensor(`lstm.${layer}.recurrent`, [2, 4 * hidden, hidden], join(both('recurrent'))),
      this.#tensor(`lstm.${layer}.bias`, [2, 8 * hidden], join(biases)),
      'lengths',
    ];
    const y = this.#run('LSTM', operands, { direction: 'bidirectional', hidden_size: hidden }); // [T, 2, B, hidden]
    const swapped = this.#run('Transpose', [y], { perm: [0, 2, 1, 3] });
    return this.#run('Reshape', [swapped, this.#integers(`lstm.${layer}.output`, [0, 0, 2 * hidden])]);
  }

  /** Transitions, start and end of a CRF as outputs. */
  #chainScores(): OnnxValue[] {
    const parts = ['transitions', 'start', 'end'].map((part) => ({ part, name: `head.${this.#head.name}.${part}` }));
    return parts.flatMap(({ part, name }): OnnxValue[] => {
      const shape = this.#stored.get(name)?.shape;
      if (!shape) return [];
      this.#nodes.push({ operator: 'Identity', inputs: [this.#weights(name)], outputs: [part] });
      return [{ name: part, type: 'f32', shape }];
    });
  }

  /** Adds a node with one output and returns the output's name. */
  #run(operator: string, inputs: readonly string[], attributes?: OnnxNode['attributes']): string {
    const output = `${operator} ${this.#nodes.length}`;
    this.#nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  #tensor(name: string, shape: readonly number[], values: OnnxTensor['values']): string {
    this.#tensors.push({ name, shape, values });
    return name;
  }

  #integers(name: string, values: readonly number[]): string {
    return this.#tensor(name, [values.length], BigInt64Array.from(values, BigInt));
  }

  #weights(name: string): string {
    return this.#tensor(name, this.#stored.get(name)!.shape, this.#valuesOf(name));
  }

  /** A tensor as it is stored, pruned weights as zeros. */
  #valuesOf(name: string): Float32Array {
    const { values } = this.#stored.get(name)!;
    const mask = this.#masks.get(name);
    return mask ? values.map((value, e) => ((mask.bits[e >> 5]! >>> (e & 31)) & 1 ? value : 0)) : values;
  }
}

/** Rows of gates from our order i f g o to the operator's, i o f g. */
function reorderGates(values: Float32Array): Float32Array {
  const gate = values.length / 4;
  const [i, f, g, o] = [0, 1, 2, 3].map((index) => values.subarray(index * gate, (index + 1) * gate)) as Float32Array[];
  return join([i!, o!, f!, g!]);
}

function join(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(values, (_, e) => values[(e % rows) * columns + Math.floor(e / rows)]!);
}
