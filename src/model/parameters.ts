import type { ModelConfig, TaskConfig } from '../config/config.js';
import { MASK_BITS, roundUp } from '../runtime/layout.js';

/** How a tensor starts; bounds are exact square roots of ratios, so that every engine computes the same. */
export type Initialiser =
  | { readonly kind: 'constant'; readonly value: number }
  /** U(-bound, +bound) */
  | { readonly kind: 'uniform'; readonly bound: number }
  /** N(0, deviation) */
  | { readonly kind: 'normal'; readonly deviation: number }
  /** Bias of the stacked gates: 0, the forget rows 2 (the reference has 1 in each of two biases). */
  | { readonly kind: 'lstm-bias' };

/** One tensor of a network's parameter plane. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** First element in the plane; a multiple of 32. */
  readonly offset: number;
  /** Elements, the product of the shape. */
  readonly size: number;
  /** Row stride in memory where it is wider than the last axis of the shape (CRF transitions), else the last axis. */
  readonly rowStride: number;
  readonly initialiser: Initialiser;
}

/** Elements of the plane that a tensor spans, from its first row to the end of its last. */
function spanOf({ shape, size, rowStride }: Parameter): number {
  return (size / shape.at(-1)!) * rowStride;
}

/** A tensor's values, row after row, out of a plane. */
export function readTensor(plane: Float32Array, parameter: Parameter): Float32Array {
  const columns = parameter.shape.at(-1)!;
  const values = new Float32Array(parameter.size);
  for (let to = 0, from = parameter.offset; to < parameter.size; to += columns, from += parameter.rowStride) {
    values.set(plane.subarray(from, from + columns), to);
  }
  return values;
}

/** Puts a tensor's values into a plane; the padding of its rows becomes +0. */
export function writeTensor(plane: Float32Array, parameter: Parameter, values: Float32Array): void {
  const columns = parameter.shape.at(-1)!;
  plane.fill(0, parameter.offset, parameter.offset + spanOf(parameter));
  for (let from = 0, to = parameter.offset; from < parameter.size; from += columns, to += parameter.rowStride) {
    plane.set(values.subarray(from, from + columns), to);
  }
}

/** A run of the plane that is updated together. */
export interface PlaneRange {
  readonly begin: number;
  readonly end: number;
}

/** A run of the plane that the steps of these tasks update. */
export interface SharedRange extends PlaneRange {
  readonly tasks: readonly number[];
}

/**
 * The parameter table of one network: prunable tensors first, then those that all tasks share, then one head per task.
 * Parameters, gradients, velocities and masks are planes in this one order. The word table is not in it (its rows are
 * updated lazily; see word-table.ts).
 */
export interface ParameterTable {
  readonly parameters: readonly Parameter[];
  readonly prunable: PlaneRange;
  /** One range, or more where some heads read a lower layer and so leave the biases above it alone. */
  readonly shared: readonly SharedRange[];
  /** By task, in the order of `tasks`. */
  readonly heads: readonly PlaneRange[];
  /** Weights that can be pruned, padding not counted. */
  readonly prunableCount: number;
  /** Elements of a plane. */
  readonly size: number;
}

/** What the table needs to know of a task. */
export interface HeadShape {
  readonly name: string;
  readonly tags: number;
  readonly head: TaskConfig['head'];
  readonly startEnd: boolean;
  /** BiLSTM layer that the head reads, from 1; default: the top. */
  readonly layer?: number;
}

export const DIRECTIONS = ['forward', 'backward'] as const;

/** Features that enter the BiLSTM. */
export function inputWidth(model: ModelConfig): number {
  return model.wordDimension + (model.charDimension > 0 ? model.charOutput : 0);
}

/** Name of an LSTM tensor, e.g. `lstm.0.forward.input`. */
export function lstmName(layer: number, direction: (typeof DIRECTIONS)[number], part: 'input' | 'recurrent' | 'bias'): string {
  return `lstm.${layer}.${direction}.${part}`;
}

/**
 * Lays out the parameters of a network.
 *
 * @remarks Source of shapes and initial values: docs/method.md (the reference's): conv and linear U(+-1/sqrt(fan in)),
 * LSTM and heads Xavier-uniform on the stacked shape, character rows U(+-sqrt(3 / dimension)), transitions N(0, 1/sqrt(K)).
 */
export function layOutParameters(model: ModelConfig, characters: number, tasks: readonly HeadShape[]): ParameterTable {
  const parameters: Parameter[] = [];
  let offset = 0;
  let prunableCount = 0;
  const add = (name: string, shape: readonly number[], initialiser: Initialiser, rowStride = shape.at(-1)!): void => {
    const size = shape.reduce((product, n) => product * n, 1);
    parameters.push({ name, shape, offset, size, rowStride, initialiser });
    offset = roundUp(offset + (size / shape.at(-1)!) * rowStride, MASK_BITS);
  };
  const uniform = (bound: number): Initialiser => ({ kind: 'uniform', bound });
  const xavier = (rows: number, columns: number): Initialiser => uniform(Math.sqrt(6 / (rows + columns)));
  const { hidden, charDimension, charFilters, charWidth, charOutput } = model;
  const hasCharacters = charDimension > 0;
  const convBound = Math.sqrt(1 / (charDimension * charWidth || 1));
  const linearBound = Math.sqrt(1 / (charFilters || 1));

  if (hasCharacters) add('char.conv.weight', [charFilters, charDimension, charWidth], uniform(convBound));
  for (let layer = 0; layer < model.layers; layer++) {
    const inputs = layer === 0 ? inputWidth(model) : 2 * hidden;
    for (const direction of DIRECTIONS) {
      add(lstmName(layer, direction, 'input'), [4 * hidden, inputs], xavier(4 * hidden, inputs));
      add(lstmName(layer, direction, 'recurrent'), [4 * hidden, hidden], xavier(4 * hidden, hidden));
    }
  }
  for (const parameter of parameters) prunableCount += parameter.size;
  const prunable = { begin: 0, end: offset };

  const shared: SharedRange[] = [];
  const share = (depth: number): void => {
    if (offset === (shared.at(-1)?.end ?? prunable.end)) return;
    const users = tasks.flatMap(({ layer = model.layers }, t) => (layer >= depth ? [t] : []));
    const last = shared.at(-1);
    if (last?.tasks.length === users.length) shared[shared.length - 1] = { ...last, end: offset };
    else shared.push({ begin: last?.end ?? prunable.end, end: offset, tasks: users });
  };
  for (let layer = 0; layer < model.layers; layer++) {
    for (const direction of DIRECTIONS) add(lstmName(layer, direction, 'bias'), [4 * hidden], { kind: 'lstm-bias' });
    share(layer + 1);
  }
  if (hasCharacters) {
    add('char.conv.bias', [charFilters], uniform(convBound));
    add('char.linear.weight', [charOutput, charFilters], uniform(linearBound));
    add('char.linear.bias', [charOutput], uniform(linearBound));
    add('char.table', [characters, charDimension], uniform(Math.sqrt(3 / charDimension)));
  }
  share(0);

  const heads = tasks.map((task): PlaneRange => {
    const begin = offset;
    add(`head.${task.name}.weight`, [task.tags, 2 * hidden], xavier(task.tags, 2 * hidden));
    add(`head.${task.name}.bias`, [task.tags], { kind: 'constant', value: 0 });
    if (task.head === 'crf') {
      const stride = roundUp(task.tags, 4);
      add(`head.${task.name}.transitions`, [task.tags, task.tags], { kind: 'normal', deviation: Math.sqrt(1 / task.tags) }, stride);
      if (task.startEnd) {
        add(`head.${task.name}.start`, [task.tags], { kind: 'constant', value: 0 });
        add(`head.${task.name}.end`, [task.tags], { kind: 'constant', value: 0 });
      }
    }
    return { begin, end: offset };
  });
  return { parameters, prunable, shared, heads, prunableCount, size: offset };
}
