import type { ModelConfig } from '../config/config.js';
import { UNKNOWN_ROW } from '../data/vocabulary.js';
import { NumericsError } from '../errors.js';
import type { Runtime } from '../runtime/runtime.js';
import { type BatchCapacity, BatchMemory, capacityOf, fits, largerCapacity, strideFor } from './batch-memory.js';
import { BilstmLayer, recurrentTileElements } from './bilstm-layer.js';
import { CharEncoder } from './char-encoder.js';
import { dropout } from './dropout.js';
import { Head, type HeadTensors, type Prediction } from './head.js';
import { finish, type InParts } from './in-parts.js';
import { MaskIndex } from './mask-index.js';
import { type Activations, Matrix } from './matrix.js';
import type { PackedBatch } from './pack-batch.js';
import { DIRECTIONS, type HeadShape, inputWidth, layOutParameters, lstmName, type Parameter, type ParameterTable } from './parameters.js';
import type { Pass } from './pass.js';
import { DROPOUT_STREAM, type RandomKey } from './random-streams.js';
import { tiledElements } from './tiles.js';
import { WordTable } from './word-table.js';

export interface NetworkShape {
  readonly model: ModelConfig;
  /** Rows of the word and of the character table. */
  readonly words: number;
  readonly characters: number;
  /** One head a task, in the order of the config. */
  readonly tasks: readonly HeadShape[];
}

/** What the random numbers of a training step are functions of. */
type StepKey = RandomKey & { readonly step: number };

/**
 * An over-parameterised encoder (word and character features -> BiLSTM) with one head per task. A task's subnet is this
 * network under the task's mask. All numbers live in the runtime's arena; this object only knows addresses.
 */
export class Network {
  readonly table: ParameterTable;
  readonly words: WordTable;
  /** Addresses of the planes of parameters and gradients (0 when for tagging only). */
  readonly parameters: number;
  readonly gradients: number;
  readonly #runtime: Runtime;
  readonly #model: ModelConfig;
  readonly #characters: CharEncoder | null;
  readonly #layers: readonly BilstmLayer[];
  readonly #heads: readonly Head[];
  readonly #inputs: number;
  readonly #byName: ReadonlyMap<string, Parameter>;
  readonly #matrices = new Map<string, Matrix>();
  /** By address of the mask. */
  readonly #indices = new Map<number, MaskIndex>();
  #workspaceMark = -1;
  /** Layers that the heads of the last `prepare` read. */
  #depth = 0;
  #memory: BatchMemory | null = null;
  #input = 0;
  #dA = 0;
  #dB = 0;
  #rowDraws = 0;

  constructor(
    runtime: Runtime,
    readonly shape: NetworkShape,
    private readonly training: boolean,
  ) {
    const { arena } = runtime;
    const { model } = shape;
    this.#runtime = runtime;
    this.#model = model;
    this.#inputs = inputWidth(model);
    this.table = layOutParameters(model, shape.characters, shape.tasks);
    this.#byName = new Map(this.table.parameters.map((parameter) => [parameter.name, parameter]));
    this.parameters = arena.allocateWords('parameters', this.table.size);
    this.gradients = training ? arena.allocateWords('gradients', this.table.size) : 0;
    this.words = new WordTable(runtime, shape.words, model.wordDimension);

    this.#characters = model.charDimension > 0 ? this.#makeCharEncoder() : null;
    this.#layers = Array.from({ length: model.layers }, (_, layer) => {
      const directions = DIRECTIONS.map((direction) => {
        const bias = lstmName(layer, direction, 'bias');
        return {
          input: this.#matrix(lstmName(layer, direction, 'input')),
          recurrent: this.#matrix(lstmName(layer, direction, 'recurrent'), true),
          bias: this.#parameter(bias),
          dBias: this.#gradient(bias),
        };
      });
      return new BilstmLayer(runtime, `lstm.${layer}`, model.hidden, directions);
    });
    this.#heads = shape.tasks.map((task, i) => this.#makeHead(task, this.table.heads[i]!.end));
  }

  #makeCharEncoder(): CharEncoder {
    const tensors = (address: (name: string) => number) => ({
      table: address('char.table'),
      convBias: address('char.conv.bias'),
      linearBias: address('char.linear.bias'),
    });
    return new CharEncoder(
      this.#runtime,
      this.#model,
      this.shape.characters,
      tensors((name) => this.#parameter(name)),
      tensors((name) => this.#gradient(name)),
      this.#matrix('char.conv.weight'),
      this.#matrix('char.linear.weight'),
    );
  }

  #makeHead(task: HeadShape, end: number): Head {
    const tensors = (address: (name: string) => number): HeadTensors => ({
      bias: address(`head.${task.name}.bias`),
      transitions: task.head === 'crf' ? address(`head.${task.name}.transitions`) : 0,
      start: task.head === 'crf' && task.startEnd ? address(`head.${task.name}.start`) : 0,
      end: task.head === 'crf' && task.startEnd ? address(`head.${task.name}.end`) : 0,
    });
    const first = this.#byName.get(`head.${task.name}.transitions`)?.offset ?? end;
    return new Head(
      this.#runtime,
      task,
      this.#matrix(`head.${task.name}.weight`),
      tensors((name) => this.#parameter(name)),
      tensors((name) => this.#gradient(name)),
      { pointer: this.gradients + 4 * first, count: end - first },
    );
  }

  #named(name: string): Parameter {
    const parameter = this.#byName.get(name);
    if (!parameter) throw new Error(`no parameter ${name}`);
    return parameter;
  }

  #parameter(name: string): number {
    return this.parameters + 4 * this.#named(name).offset;
  }

  #gradient(name: string): number {
    return this.training ? this.gradients + 4 * this.#named(name).offset : 0;
  }

  #matrix(name: string, isRecurrent = false): Matrix {
    const { shape, size } = this.#named(name);
    const rows = shape[0]!;
    const matrix = new Matrix(this.#runtime, name, rows, size / rows, this.#parameter(name), this.#gradient(name), isRecurrent);
    this.#matrices.set(name, matrix);
    return matrix;
  }

  /**
   * Takes the workspace for batches up to `capacity`. It is the last region of the arena, so that a larger batch can
   * replace it: nothing else may be allocated after it.
   */
  plan(capacity: BatchCapacity): void {
    const { arena } = this.#runtime;
    // Where memory runs out on the way there is no workspace, and the next batch plans its own.
    this.#memory = null;
    if (this.#workspaceMark >= 0) arena.release(this.#workspaceMark);
    this.#workspaceMark = arena.mark();
    const stride = strideFor(capacity.positions);
    const widest = Math.max(this.#inputs, 2 * this.#model.hidden);
    const memory = new BatchMemory(arena, capacity);
    const tiles = this.#takeTiles(capacity);
    this.#input = arena.allocateWords('input', this.#inputs * stride);
    if (this.training) {
      this.#rowDraws = arena.allocateWords('word dropout', capacity.positions);
      this.#dA = arena.allocateWords('activation gradients a', widest * stride);
      this.#dB = arena.allocateWords('activation gradients b', widest * stride);
      this.words.planGradients(capacity.tokens);
    }
    this.#characters?.plan(capacity, this.training, tiles[0]!);
    for (const layer of this.#layers) layer.plan(capacity, this.training, tiles);
    for (const head of this.#heads) head.plan(capacity, this.training);
    this.#memory = memory;
  }

  /** Room for the tiles of each direction's sparse products; none where no mask is indexed. */
  #takeTiles({ positions, lanes, characters }: BatchCapacity): number[] {
    const { arena } = this.#runtime;
    const { hidden, charDimension, charWidth, charFilters } = this.#model;
    if (this.#indices.size === 0) return DIRECTIONS.map(() => 0);
    const widest = Math.max(this.#inputs, 4 * hidden);
    const count = Math.max(
      tiledElements(widest, positions),
      tiledElements(Math.max(charDimension * charWidth, charFilters), characters),
      recurrentTileElements(hidden, lanes),
    );
    return DIRECTIONS.map((direction) => arena.allocateWords(`tiles ${direction}`, count));
  }

  /**
   * Takes memory to index a mask, so that passes under it skip pruned weights; before the workspace is planned.
   * @param mask address of its bits over the prunable plane
   */
  reserveIndex(mask: number, name: string): void {
    if (this.#runtime.info.kernels === 'dense') return;
    const prunable = this.table.parameters
      .filter(({ offset }) => offset < this.table.prunable.end)
      .map((parameter) => ({ ...parameter, matrix: this.#matrices.get(parameter.name)! }));
    for (const { matrix } of prunable) matrix.reserveAlone();
    this.#indices.set(mask, new MaskIndex(this.#runtime, name, prunable, this.training));
  }

  /**
   * To be called when the bits of a mask have changed. For tagging it also takes memory for a copy of the weights under the
   * mask, the first time and whenever the mask keeps more than before; so it comes before the workspace is planned.
   */
  indexMask(mask: number): void {
    const index = this.#indices.get(mask);
    index?.build(mask);
    if (this.training) return;
    for (const { name, offset } of this.table.parameters) {
      if (offset < this.table.prunable.end) this.#matrices.get(name)!.reserveCopy(mask + offset / 8, index?.of(name) ?? null);
    }
  }

  /**
   * Readies the weights for passes under `mask` (address of the bits of the prunable plane, 0 = all kept) up to the layers
   * that the heads `tasks` read; in training to be called again whenever weights or mask have changed. For tagging they never
   * change, and the second call for a mask costs nothing.
   */
  prepare(mask: number, tasks: readonly number[], backward: boolean): void {
    const index = this.#indices.get(mask);
    const ready = (name: string): void => {
      const bits = mask === 0 ? 0 : mask + this.#named(name).offset / 8;
      this.#matrices.get(name)!.prepare(bits, index?.of(name) ?? null, backward);
    };
    const readyWhole = (name: string): void => this.#matrices.get(name)!.prepare(0, null, backward);
    if (this.#characters) {
      ready('char.conv.weight');
      readyWhole('char.linear.weight');
    }
    this.#depth = Math.max(...tasks.map((task) => this.#layerOf(task)));
    for (let layer = 0; layer < this.#depth; layer++) {
      for (const direction of DIRECTIONS) {
        ready(lstmName(layer, direction, 'input'));
        ready(lstmName(layer, direction, 'recurrent'));
      }
    }
    for (const task of tasks) readyWhole(`head.${this.shape.tasks[task]!.name}.weight`);
    this.#runtime.work.join();
  }

  /** Loads a batch and runs the encoder; `random` keys dropout in training, null tags. */
  encode(batch: PackedBatch, random: StepKey | null): Pass {
    return finish(this.encodeInParts(batch, random));
  }

  /** The same, a layer at a time. */
  *encodeInParts(batch: PackedBatch, random: StepKey | null): InParts<Pass> {
    const need = capacityOf(batch);
    if (!this.#memory || !fits(need, this.#memory.capacity)) this.plan(this.#memory ? largerCapacity(need, this.#memory.capacity) : need);
    const memory = this.#memory!;
    memory.write(batch);
    const pass: Pass = { batch, memory, stride: strideFor(batch.positions), random };
    const { work } = this.#runtime;
    const { wordDimension, charOutput, hidden } = this.#model;
    const input = this.#inputActivations(pass);
    if (random) this.#dropWordRows(pass);
    this.words.gather(input, memory.wordRows, batch.positions);
    dropout(work, pass, input, wordDimension, batch.positions, DROPOUT_STREAM.word, this.#model.dropout.word);
    if (this.#characters) {
      const own = this.#characterRows(input);
      this.#characters.forward(pass, own);
      dropout(work, pass, own, charOutput, batch.positions, DROPOUT_STREAM.charOutput, this.#model.dropout.charOutput);
    }
    let x = input;
    for (const layer of this.#layers.slice(0, this.#depth)) {
      yield* layer.forward(pass, x);
      x = layer.output(pass);
    }
    dropout(work, pass, x, 2 * hidden, batch.positions, DROPOUT_STREAM.output, this.#model.dropout.output);
    return pass;
  }

  /** Best tags of each sentence of an encoded batch for one task, with their probabilities if `scored`. */
  decode(pass: Pass, task: number, scored = false): Prediction[] {
    const head = this.#heads[task]!;
    head.forward(pass, this.output(pass, task));
    return head.decode(pass, scored);
  }

  /**
   * Loss of one task on an encoded batch and the gradients of everything the pass used: parameters in the plane of
   * gradients (pruned entries are left undefined), word rows in `words`.
   * @throws {NumericsError} NOT_FINITE_LOSS naming the step
   */
  backward(pass: Pass, task: number): number {
    return finish(this.backwardInParts(pass, task));
  }

  /** The same, a direction of a layer at a time. */
  *backwardInParts(pass: Pass, task: number): InParts<number> {
    const head = this.#heads[task]!;
    const output = this.output(pass, task);
    head.forward(pass, output);
    const loss = head.backward(pass, output, this.outputGradient(pass));
    if (!Number.isFinite(loss)) {
      const where = `task ${this.shape.tasks[task]!.name}, step ${pass.random?.step ?? 0} of its phase`;
      throw new NumericsError('NOT_FINITE_LOSS', `the loss is ${loss} (${where}); lower the learning rate or clip the gradients`);
    }
    yield* this.backwardEncoder(pass, task);
    return loss;
  }

  /** Where the gradient of what a head reads lies for `backwardEncoder`; padding is +0. */
  outputGradient(pass: Pass): Activations {
    return { pointer: this.#dA, stride: pass.stride };
  }

  /** As `backward`, without the head: from `outputGradient`, which is spent, to the gradients of everything that the encoder used. */
  *backwardEncoder(pass: Pass, task: number): InParts<void> {
    const { work } = this.#runtime;
    const { wordDimension, charOutput, hidden, dropout: rates } = this.#model;
    const { positions } = pass.batch;
    let dy = this.outputGradient(pass);
    let dx: Activations = { pointer: this.#dB, stride: pass.stride };
    dropout(work, pass, dy, 2 * hidden, positions, DROPOUT_STREAM.output, rates.output);
    for (let l = this.#layerOf(task) - 1; l >= 0; l--) {
      const x = l > 0 ? this.#layers[l - 1]!.output(pass) : this.#inputActivations(pass);
      yield* this.#layers[l]!.backward(pass, dy, x, dx);
      [dy, dx] = [dx, dy];
    }
    if (this.#characters) {
      const own = this.#characterRows(dy);
      dropout(work, pass, own, charOutput, positions, DROPOUT_STREAM.charOutput, rates.charOutput);
      this.#characters.backward(pass, own);
    }
    dropout(work, pass, dy, wordDimension, positions, DROPOUT_STREAM.word, rates.word);
    this.words.scatter(dy, this.#runtime.arena.i32(pass.memory.wordRows, positions), pass.batch.listing);
  }

  /** Word dropout: a token's row becomes the unknown row, its characters stay. */
  #dropWordRows(pass: Pass): void {
    const { positions } = pass.batch;
    const { arena, work } = this.#runtime;
    if (this.#model.wordDropout === 0) return;
    const draws = arena.f32(this.#rowDraws, positions);
    draws.fill(1);
    dropout(work, pass, { pointer: this.#rowDraws, stride: pass.stride }, 1, positions, DROPOUT_STREAM.wordRow, this.#model.wordDropout);
    const rows = arena.i32(pass.memory.wordRows, positions);
    for (const position of pass.batch.listing) if (draws[position] === 0) rows[position] = UNKNOWN_ROW;
  }

  #inputActivations(pass: Pass): Activations {
    return { pointer: this.#input, stride: pass.stride };
  }

  #characterRows(input: Activations): Activations {
    return { pointer: input.pointer + 4 * this.#model.wordDimension * input.stride, stride: input.stride };
  }

  #layerOf(task: number): number {
    return this.shape.tasks[task]!.layer ?? this.#layers.length;
  }

  /** The parameters that the encoder of a task uses, in the order of the table. */
  encoderParameters(task: number): Parameter[] {
    const others = ['head.', ...this.#layers.slice(this.#layerOf(task)).map(({ name }) => `${name}.`)];
    return this.table.parameters.filter(({ name }) => !others.some((prefix) => name.startsWith(prefix)));
  }

  /** What the head of a task reads. */
  output(pass: Pass, task: number): Activations {
    return this.#layers[this.#layerOf(task) - 1]!.output(pass);
  }
}
