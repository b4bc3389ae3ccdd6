import { allOnes } from '../evaluate/mask-bits.js';
import { sizeOf, type TensorMask } from '../io/model-contents.js';
import { GATES } from './network-summary.js';

/** A matrix, or a part of one, and the masks that tasks have on it. */
export interface MaskArea {
  readonly rows: number;
  readonly columns: number;
  /** Element of the masks at which the first row begins; rows follow one another. */
  readonly begin: number;
  /** Bits by task: element e is bit e & 31 of word e >> 5. A task without a mask keeps all. */
  readonly masks: readonly { readonly task: string; readonly bits: Uint32Array }[];
}

/** Where a matrix is in the network. */
export interface MatrixPlace {
  /** BiLSTM layer from 0, its gate and direction; null for the character filters. */
  readonly layer: number | null;
  readonly gate: (typeof GATES)[number] | null;
  readonly direction: 'forward' | 'backward' | null;
  readonly part: 'input' | 'recurrent' | 'filters';
}

export interface MaskMatrix extends MaskArea, MatrixPlace {}

const CHARACTERS = 'char.conv.weight';

/** Tensors of a network, or shapes of them, and masks on some. */
export interface MaskedTensors {
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly masks: readonly TensorMask[];
}

/**
 * The prunable matrices of a network: by layer, gate, direction and part, the character filters last.
 * @param tasks of this network, in the order in which their masks are wanted
 */
export function maskMatrices(tasks: readonly string[], network: MaskedTensors): MaskMatrix[] {
  const matrices: MaskMatrix[] = [];
  for (let layer = 0; shapeOf(network, `lstm.${layer}.forward.input`); layer++) {
    for (const gate of GATES) {
      for (const direction of ['forward', 'backward'] as const) {
        for (const part of ['input', 'recurrent'] as const) {
          const place = gatePart(network, `lstm.${layer}.${direction}.${part}`, GATES.indexOf(gate));
          matrices.push({ layer, gate, direction, part, ...place, masks: masksOf(network, tasks, `lstm.${layer}.${direction}.${part}`) });
        }
      }
    }
  }
  const shape = shapeOf(network, CHARACTERS);
  if (!shape) return matrices;
  const [rows, columns] = [shape[0]!, sizeOf(shape.slice(1))];
  const masks = masksOf(network, tasks, CHARACTERS);
  return [...matrices, { layer: null, gate: null, direction: null, part: 'filters', rows, columns, begin: 0, masks }];
}

/** Gates are stacked: each has a quarter of the rows. */
function gatePart(network: MaskedTensors, tensor: string, gate: number): Pick<MaskMatrix, 'rows' | 'columns' | 'begin'> {
  const [height, columns] = shapeOf(network, tensor) as readonly [number, number];
  const rows = height / GATES.length;
  return { rows, columns, begin: gate * rows * columns };
}

function masksOf(network: MaskedTensors, tasks: readonly string[], tensor: string): MaskMatrix['masks'] {
  const all = allOnes(sizeOf(shapeOf(network, tensor)!));
  const bitsOf = (task: string): Uint32Array => network.masks.find((mask) => mask.task === task && mask.tensor === tensor)?.bits ?? all;
  return tasks.map((task) => ({ task, bits: bitsOf(task) }));
}

function shapeOf(network: MaskedTensors, tensor: string): readonly number[] | undefined {
  return network.tensors.find(({ name }) => name === tensor)?.shape;
}
