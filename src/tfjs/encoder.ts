import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { EncodedSentence, WordType } from '../data/encode.js';
import { WordTypes } from '../data/encode.js';
import { foldCase } from '../data/normalize.js';
import { tableVocabulary } from '../data/vocabulary.js';
import { ConfigError } from '../errors.js';
import { type ModelContents, type ModelNetwork, type ModelTask, openModelFile } from '../io/model-file.js';
import { packBatch } from '../model/pack-batch.js';
import type { RuntimeOptions } from '../runtime/runtime.js';
import { type LoadedNetwork, loadNetwork } from '../tagger/load-network.js';
import { storedConfig } from '../tagger/stored-network.js';
import type { ChainScores } from './chain.js';
import { requireRange, requireTensor } from './checks.js';
import { Heap } from './heap.js';
import { type Op, runOp, type Tf } from './op.js';
import { lengthsOf, toRows } from './sentences.js';

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

/** One task's trained model in TensorFlow.js. Its encoder is a function of tensors and stays as it was trained; its head is tensors. */
export class Encoder {
  readonly head: EncoderHead;

  private constructor(
    private readonly tf: Tf,
    private readonly contents: ModelContents,
    private readonly loaded: LoadedNetwork,
    private readonly place: { readonly mask: number; readonly head: number },
    stored: ModelNetwork,
    task: ModelTask,
    /** Tags of the task, by number. */
    readonly tags: readonly string[],
  ) {
    const tensors = new Map(stored.tensors.map((tensor) => [tensor.name, tensor]));
    const tensor = (part: string) => {
      const { values, shape } = tensors.get(`head.${task.name}.${part}`)!;
      return tf.keep(tf.tensor(values, [...shape], 'float32'));
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
  static async load(tf: Tf, model: Uint8Array, task: string, options?: RuntimeOptions): Promise<Encoder> {
    const { contents } = openModelFile(model);
    const number = contents.tasks.findIndex(({ name }) => name === task);
    const found = contents.tasks[number];
    if (!found) {
      const names = contents.tasks.map(({ name }) => name).join(', ');
      throw new ConfigError('TFJS_TASK', `the model has no task ${JSON.stringify(task)}; it has ${names}`);
    }
    const stored = contents.networks.find(({ name }) => name === found.network)!;
    const loaded = await loadNetwork(contents, storedConfig(contents), stored, options);
    const [place] = loaded.subnets.flatMap(({ mask, tasks }) =>
      tasks.filter((own) => own.task === number).map(({ head }) => ({ mask, head })),
    );
    return new Encoder(tf, contents, loaded, place!, stored, found, found.tags);
  }

  /** Looks up sentences, none empty, in the model's vocabularies. @throws {ConfigError} TFJS_LENGTH when one is empty */
  lookUp(sentences: readonly (readonly string[])[]): EncoderInputs {
    const { words, characters } = this.contents.vocabulary;
    const fold = this.loaded.network.shape.model.lowercase ? foldCase : (token: string) => token;
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
   * What the task's head reads: [B, T, 2H], +0 behind each sentence, the bits of the tagger. No gradient reaches the encoder.
   * @throws {ConfigError} TFJS_SHAPE, TFJS_DTYPE, TFJS_LENGTH, TFJS_ROW; {CapabilityError} TFJS_BACKEND
   */
  encode({ words, characters, lengths }: EncoderInputs): Tensor3D {
    requireTensor('words', words, 'int32', [null, null]);
    requireTensor('characters', characters, 'int32', [...words.shape, null]);
    requireTensor('lengths', lengths, 'int32', [words.shape[0]]);
    return runOp(this.tf, ENCODE, [words, characters, lengths], { encoder: this.loaded, place: this.place })[0] as Tensor3D;
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

  /** Ends the threads of the encoder and disposes the tensors of its head. */
  dispose(): void {
    this.loaded.runtime.dispose();
    this.tf.dispose([this.head.weight, this.head.bias, ...Object.values(this.head.chain ?? {})]);
  }
}

/** Words, characters and lengths through a network that the attributes bring; gives [B, T, 2H]. No gradient. */
export const ENCODE: Op = {
  name: 'SparseTagEncode',
  run({ heap, inputs, attributes }) {
    const [words, characters, lengths] = inputs;
    const { runtime, network } = attributes.encoder as LoadedNetwork;
    const { mask, head } = attributes.place as { mask: number; head: number };
    const [B, T, C] = characters!.shape as [number, number, number];
    const { types, sentences } = sentencesOf(
      heap.integers(words!),
      heap.integers(characters!),
      lengthsOf(heap, lengths!, T),
      T,
      C,
      network.shape,
    );
    network.prepare(mask, [head], false);
    const pass = network.encode(packBatch(sentences, types), null);
    const hidden = 2 * network.shape.model.hidden;
    // The workspace of the network is the end of its memory; what is taken behind it is given back at once.
    const mark = runtime.arena.mark();
    const features = new Heap(heap.backend, runtime.arena).give(
      [B, T, hidden],
      toRows(runtime, pass, network.output(pass, head), T, hidden),
    );
    runtime.arena.release(mark);
    return [features];
  },
};

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
