import type { Tensor, Tensor1D, Tensor2D, Tensor3D, TensorInfo } from '@tensorflow/tfjs-core';
import { BilstmLayer, recurrentTileElements } from '../model/bilstm-layer.js';
import { finish } from '../model/in-parts.js';
import { Matrix } from '../model/matrix.js';
import { indexedDensity, MatrixIndex } from '../model/matrix-index.js';
import type { Pass } from '../model/pass.js';
import { tiledElements } from '../model/tiles.js';
import { MASK_BITS, roundUp } from '../runtime/layout.js';
import { requireTensor } from './checks.js';
import { type Op, type OpCall, runOp, type Tf } from './op.js';
import { lengthsOf, passOf, toActivations, toRows } from './sentences.js';

/** Weights of one direction; the gates are stacked in the order input, forget, cell, output. */
export interface LstmWeights {
  /** [4H, I] */
  readonly input: Tensor2D;
  /** [4H, H] */
  readonly recurrent: Tensor2D;
  /** [4H] */
  readonly bias: Tensor1D;
}

/** Which weights of one direction are kept; bool, of the shapes of the weights. */
export interface LstmMasks {
  readonly input: Tensor2D;
  readonly recurrent: Tensor2D;
}

export interface BilstmWeights {
  readonly forward: LstmWeights;
  readonly backward: LstmWeights;
}

export interface BilstmMasks {
  readonly forward: LstmMasks;
  readonly backward: LstmMasks;
}

/** Weight tensors of both directions. */
const WEIGHTS = 6;

/** Checks shapes and runs the op; `x` [B, T, I], `lengths` [B]. */
export function bilstm(tf: Tf, x: Tensor3D, lengths: Tensor1D, weights: BilstmWeights, masks?: BilstmMasks): Tensor3D {
  requireTensor('x', x, 'float32', [null, null, null]);
  requireTensor('lengths', lengths, 'int32', [x.shape[0]]);
  requireTensor('weights.forward.recurrent', weights?.forward?.recurrent, 'float32', [null, null]);
  const inputs: Tensor[] = [x, lengths];
  const hidden = weights.forward.recurrent.shape[1]!;
  const shapes = { input: [4 * hidden, x.shape[2]], recurrent: [4 * hidden, hidden], bias: [4 * hidden] };
  for (const direction of ['forward', 'backward'] as const) {
    for (const part of ['input', 'recurrent', 'bias'] as const) {
      requireTensor(`weights.${direction}.${part}`, weights[direction]?.[part], 'float32', shapes[part]);
      inputs.push(weights[direction][part]);
    }
  }
  if (masks) {
    for (const direction of ['forward', 'backward'] as const) {
      for (const part of ['input', 'recurrent'] as const) {
        requireTensor(`masks.${direction}.${part}`, masks[direction]?.[part], 'bool', shapes[part]);
        inputs.push(masks[direction][part]);
      }
    }
  }
  return runOp(tf, BILSTM, inputs)[0] as Tensor3D;
}

/** x [B, T, I], lengths [B], the weights of both directions, perhaps their masks; gives y [B, T, 2H], +0 behind each sentence. */
export const BILSTM: Op = {
  name: 'SparseTagBilstm',
  run(call) {
    const pass = open(call, 0);
    finish(pass.layer.forward(pass.pass, pass.x));
    const y = toRows(call.runtime, pass.pass, pass.layer.output(pass.pass), pass.T, 2 * pass.hidden);
    return [call.heap.give([pass.B, pass.T, 2 * pass.hidden], y)];
  },
  gradient: (tf) => ({
    saveAllInputs: true,
    gradFunc(dy, saved) {
      const gradients = runOp(tf, BILSTM_GRADIENT, [dy as Tensor, ...saved]);
      // Input 1 is `lengths`.
      return Object.fromEntries(gradients.map((gradient, i) => [i === 0 ? 0 : i + 1, () => gradient]));
    },
  }),
};

/**
 * dy, then the inputs of the layer; gives the gradients of x and of the weights, +0 at pruned ones. Computes the forward
 * pass again, so that nothing of a call stays in kernel memory until its gradients are asked for, if ever.
 */
export const BILSTM_GRADIENT: Op = {
  name: 'SparseTagBilstmGradient',
  run(call) {
    const { runtime, heap, inputs } = call;
    const { layer, pass, x, B, T, I, hidden, gradients } = open(call, 1);
    finish(layer.forward(pass, x));
    const dy = toActivations(runtime, pass, heap.take('dy', inputs[0]!), T, 2 * hidden);
    const dx = { pointer: runtime.arena.allocateWords('dx', I * pass.stride), stride: pass.stride };
    finish(layer.backward(pass, dy, x, dx));
    return [
      heap.give([B, T, I], toRows(runtime, pass, dx, T, I)),
      ...gradients.map(({ pointer, shape, mask }) => {
        if (mask) runtime.kernels.maskApply(pointer, mask, shape[0]! * shape[1]!);
        return heap.give(shape, pointer);
      }),
    ];
  },
};

interface Gradient {
  readonly pointer: number;
  readonly shape: readonly number[];
  readonly mask: number;
}

interface OpenLayer {
  readonly layer: BilstmLayer;
  readonly pass: Pass;
  readonly x: { readonly pointer: number; readonly stride: number };
  readonly B: number;
  readonly T: number;
  readonly I: number;
  readonly hidden: number;
  readonly gradients: readonly Gradient[];
}

/** Copies the inputs from number `first` on to kernel memory and makes the layer of them. */
function open({ runtime, heap, inputs }: OpCall, first: number): OpenLayer {
  const [x, lengths] = [inputs[first]!, inputs[first + 1]!];
  const weights = inputs.slice(first + 2, first + 2 + WEIGHTS);
  const masks = inputs.slice(first + 2 + WEIGHTS);
  const [B, T, I] = x.shape as [number, number, number];
  const hidden = weights[1]!.shape[1]!;
  const { arena, work } = runtime;

  const gradients: Gradient[] = [];
  const tensors = [0, 1].map((d) => {
    const [input, recurrent, bias] = weights.slice(3 * d, 3 * d + 3) as [TensorInfo, TensorInfo, TensorInfo];
    const own = [
      maskedMatrix({ runtime, heap }, input, masks[2 * d], false),
      maskedMatrix({ runtime, heap }, recurrent, masks[2 * d + 1], true),
    ] as const;
    const dBias = arena.allocateWords('bias gradient', 4 * hidden);
    gradients.push(own[0].gradient, own[1].gradient, { pointer: dBias, shape: bias.shape, mask: 0 });
    return { input: own[0].matrix, recurrent: own[1].matrix, bias: heap.take('bias', bias), dBias };
  });
  work.join();

  const pass = passOf(runtime, lengthsOf(heap, lengths, T));
  const { capacity } = pass.memory;
  const elements = Math.max(tiledElements(Math.max(I, 4 * hidden), capacity.positions), recurrentTileElements(hidden, capacity.lanes));
  const tiles = tensors.map(() => (masks.length > 0 ? arena.allocateWords('tiles', elements) : 0));
  const layer = new BilstmLayer(runtime, 'bilstm', hidden, tensors);
  layer.plan(capacity, first > 0, tiles);
  return { layer, pass, x: toActivations(runtime, pass, heap.take('x', x), T, I), B, T, I, hidden, gradients };
}

function maskedMatrix(
  { runtime, heap }: Pick<OpCall, 'runtime' | 'heap'>,
  weight: TensorInfo,
  kept: TensorInfo | undefined,
  isRecurrent: boolean,
): { readonly matrix: Matrix; readonly gradient: Gradient } {
  const [rows, columns] = weight.shape as [number, number];
  const size = rows * columns;
  const pointer = runtime.arena.allocateWords('weight gradient', roundUp(size, MASK_BITS));
  const matrix = new Matrix(runtime, 'weights', rows, columns, heap.take('weights', weight), pointer, isRecurrent);
  const mask = kept ? heap.takeMask('mask', kept) : 0;
  matrix.prepare(mask, mask ? indexOf(runtime, matrix, mask) : null, true);
  return { matrix, gradient: { pointer, shape: weight.shape, mask } };
}

/** The index of a matrix under a mask; null where its dense form is faster. */
function indexOf(runtime: OpCall['runtime'], matrix: Matrix, mask: number): MatrixIndex | null {
  if (runtime.info.kernels === 'dense') return null;
  const capacity = Math.ceil(indexedDensity(runtime) * matrix.rows * matrix.columns);
  const index = new MatrixIndex(runtime, 'index', matrix, capacity, true);
  return index.build(mask) ? index : null;
}
