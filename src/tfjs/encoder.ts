import type { NamedAttrMap, Tensor, Tensor1D, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core';
import { WordTypes } from '../data/encode.js';
import { foldCase } from '../data/normalize.js';
import { tableVocabulary } from '../data/vocabulary.js';
import { ConfigError } from '../errors.js';
import type { ModelContents, ModelNetwork, ModelTask } from '../io/model-contents.js';
import { openModelFile } from '../io/model-file.js';
import { WORD_TABLE_NAME } from '../model/word-table.js';
import type { RuntimeOptions } from '../runtime/runtime.js';
import { type LoadedNetwork, loadNetwork } from '../tagger/load-network.js';
import { storedConfig } from '../tagger/stored-network.js';
import type { ChainScores } from './chain.js';
import { requireRange, requireTensor } from './checks.js';
import { ENCODE, type EncoderNetwork } from './encode.js';
import { runOp, type Tf } from './op.js';

/** Sentences as rows of a model's tables, what its ONNX graphs take too. */
export interface EncoderInputs {
  /** int32 [B, T]: rows of the word table. */
  readonly words: Tensor2D;
  /** int32 [B, T, C]: rows of the character table, 0 behind the end of a word. */
  readonly characters: Tensor3D;
  /** int32 [B]: tokens of each sentence, 1 to T. */
  readonly lengths: Tensor1D;
}

/** The head of a task as tensors, to go on training from or to score with. */
export interface EncoderHead {
  /** [K, 2H] */
  readonly weight: Tensor2D;
  /** [K] */
  readonly bias: Tensor1D;
  /** null for a softmax head */
  readonly chain: ChainScores | null;
}

export interface EncoderOptions {
  /** Whether the weights of encoder and head are variables, which optimizers change; default: the model stays as it was trained. */
  readonly trainable?: boolean;
}

/** One task's trained model in TensorFlow.js. Its encoder is a function of tensors; its head is tensors. */
export class Encoder {
  readonly head: EncoderHead;
  /** The encoder's weights by their names in the model file (`word.table`, `lstm.0.forward.input` ...); none unless they are trainable. */
  readonly weights: Readonly<Record<string, Variable>>;
  /** Tags of the task, by number. */
  readonly tags: readonly string[];
  readonly #network: EncoderNetwork;

  private constructor(
    private readonly tf: Tf,
    private readonly contents: ModelContents,
    { runtime, network }: LoadedNetwork,
    place: { readonly mask: number; readonly head: number },
    stored: ModelNetwork,
    task: ModelTask,
    trainable: boolean,
  ) {
    this.tags = task.tags;
    const tensors = new Map(stored.tensors.map((tensor) => [tensor.name, tensor]));
    const variable = (name: string): Variable => {
      const { values, shape } = tensors.get(name)!;
      return tf.tidy(() => tf.variable(tf.tensor(values, [...shape], 'float32')));
    };
    const parameters = trainable ? network.encoderParameters(place.head) : null;
    const names = parameters ? [...parameters.map(({ name }) => name), WORD_TABLE_NAME] : [];
    this.weights = Object.fromEntries(names.map((name) => [name, variable(name)]));
    this.#network = { runtime, network, ...place, parameters, copied: [] };
    const tensor = (part: string): Tensor => {
      const { values, shape } = tensors.get(`head.${task.name}.${part}`)!;
      return trainable ? variable(`head.${task.name}.${part}`) : tf.keep(tf.tensor(values, [...shape], 'float32'));
    };
    const chain = (): ChainScores => ({
      transitions: tensor('transitions') as Tensor2D,
      ...(tensors.has(`head.${task.name}.start`) && { start: tensor('start') as Tensor1D, end: tensor('end') as Tensor1D }),
    });
    this.head = {
      weight: tensor('weight') as Tensor2D,
      bias: tensor('bias') as Tensor1D,
      chain: task.head === 'crf' ? chain() : null,
    };
  }

  /**
   * @throws {ModelFileError} when the bytes are no model file, or none that can tag; {ConfigError} TFJS_TASK;
   * {CapabilityError}, {ResourceError}
   */
  static async load(
    tf: Tf,
    model: Uint8Array,
    task: string,
    { trainable = false }: EncoderOptions,
    options?: RuntimeOptions,
  ): Promise<Encoder> {
    const { contents } = openModelFile(model);
    const number = contents.tasks.findIndex(({ name }) => name === task);
    const found = contents.tasks[number];
    if (!found) {
      const names = contents.tasks.map(({ name }) => name).join(', ');
      throw new ConfigError('TFJS_TASK', `the model has no task ${JSON.stringify(task)}; it has ${names}`);
    }
    const stored = contents.networks.find(({ name }) => name === found.network)!;
    const loaded = await loadNetwork(contents, storedConfig(contents), stored, options, trainable);
    const [place] = loaded.subnets.flatMap(({ mask, tasks }) =>
      tasks.filter((own) => own.task === number).map(({ head }) => ({ mask, head })),
    );
    return new Encoder(tf, contents, loaded, place!, stored, found, trainable);
  }

  /** Looks up sentences, none empty, in the model's vocabularies. @throws {ConfigError} TFJS_LENGTH when one is empty */
  lookUp(sentences: readonly (readonly string[])[]): EncoderInputs {
    const { words, characters } = this.contents.vocabulary;
    const fold = this.#network.network.shape.model.lowercase ? foldCase : (token: string) => token;
    const types = new WordTypes(tableVocabulary(words), tableVocabulary(characters), fold);
    const rows = sentences.map((tokens) => types.encode({ tokens }));
    rows.forEach(({ length }, sentence) => {
      requireRange('TFJS_LENGTH', 'tokens of a sentence', length, sentence, 1, Number.MAX_SAFE_INTEGER);
    });
    const B = rows.length;
    const T = rows.reduce((longest, { length }) => Math.max(longest, length), 0);
    const C = types.types.reduce((longest, type) => Math.max(longest, type.characters.length), 0);
    const wordRows = new Int32Array(B * T);
    const characterRows = new Int32Array(B * T * C);
    rows.forEach((numbers, b) => {
      numbers.forEach((number, t) => {
        const type = types.types[number]!;
        wordRows[b * T + t] = type.row;
        characterRows.set(type.characters, (b * T + t) * C);
      });
    });
    return {
      words: this.tf.tensor2d(wordRows, [B, T], 'int32'),
      characters: this.tf.tensor3d(characterRows, [B, T, C], 'int32'),
      lengths: this.tf.tensor1d(
        rows.map(({ length }) => length),
        'int32',
      ),
    };
  }

  /**
   * What the task's head reads: [B, T, 2H], +0 behind each sentence, the bits of the tagger. There is no dropout. Trainable weights have
   * gradients, 0 at pruned ones.
   * @throws {ConfigError} TFJS_SHAPE, TFJS_DTYPE, TFJS_LENGTH, TFJS_ROW; {CapabilityError} TFJS_BACKEND
   */
  encode({ words, characters, lengths }: EncoderInputs): Tensor3D {
    requireTensor('words', words, 'int32', [null, null]);
    requireTensor('characters', characters, 'int32', [...words.shape, null]);
    requireTensor('lengths', lengths, 'int32', [words.shape[0]]);
    const inputs = [words, characters, lengths, ...Object.values(this.weights)];
    return runOp(this.tf, ENCODE, inputs, this.#network as unknown as NamedAttrMap)[0] as Tensor3D;
  }

  /** The scores of the task's tags, [B, T, K], of what `encode` gave. */
  emissions(features: Tensor3D): Tensor3D {
    const { tf } = this;
    const { weight, bias } = this.head;
    return tf.tidy(() => {
      const [B, T, H] = features.shape;
      const rows = tf.matMul(tf.reshape(features, [B * T, H]) as Tensor2D, weight, false, true);
      return tf.reshape(tf.add(rows, bias), [B, T, this.tags.length]) as Tensor3D;
    });
  }

  /** Ends the threads of the encoder and disposes its variables and the tensors of its head. */
  dispose(): void {
    this.#network.runtime.dispose();
    this.tf.dispose([...Object.values(this.weights), this.head.weight, this.head.bias, ...Object.values(this.head.chain ?? {})]);
  }
}
