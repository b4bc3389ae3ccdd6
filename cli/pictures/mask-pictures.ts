import type { ModelContents, ModelNetwork } from 'sparsetag';
import { GATES } from '../mask-summary.js';
import { drawMasks, type MaskMatrix } from '../render/svg/mask-picture.js';
import type { Picture } from './picture.js';

const GATE_NAMES: Readonly<Record<(typeof GATES)[number], string>> = { i: 'input', f: 'forget', g: 'cell', o: 'output' };
const CHARACTERS = 'char.conv.weight';

/** Pictures of the masks of every network that has any: one for each layer and gate, and one for the character filters. */
export function maskPictures(contents: ModelContents): Picture[] {
  return contents.networks.flatMap((network) => {
    if (network.masks.length === 0) return [];
    const tasks = contents.tasks.filter((task) => task.network === network.name).map(({ name }) => name);
    const isOnly = contents.networks.length === 1;
    const draw = (file: string, what: string, matrices: readonly MaskMatrix[]): Picture => {
      const title = isOnly ? what : `${what} (network ${network.name})`;
      return { file: `masks-${isOnly ? '' : `${network.name}-`}${file}.svg`, title, svg: drawMasks(title, matrices) };
    };
    const pictures: Picture[] = [];
    for (let layer = 0; shapeOf(network, `lstm.${layer}.forward.input`); layer++) {
      GATES.forEach((gate, g) => {
        const matrices = ['forward', 'backward'].flatMap((direction) =>
          ['input', 'recurrent'].map((part) => matrixOf(network, tasks, `lstm.${layer}.${direction}.${part}`, `${direction} ${part}`, g)),
        );
        pictures.push(draw(`layer-${layer + 1}-${gate}`, `Layer ${layer + 1}, ${GATE_NAMES[gate]} gate`, matrices));
      });
    }
    if (shapeOf(network, CHARACTERS))
      pictures.push(draw('characters', 'Character filters', [matrixOf(network, tasks, CHARACTERS, 'filters', null)]));
    return pictures;
  });
}

function shapeOf(network: ModelNetwork, tensor: string): readonly number[] | undefined {
  return network.tensors.find(({ name }) => name === tensor)?.shape;
}

/** The part of a tensor that belongs to a gate (null: all of it) as a matrix. A task without a mask keeps all. */
function matrixOf(network: ModelNetwork, tasks: readonly string[], tensor: string, title: string, gate: number | null): MaskMatrix {
  const shape = shapeOf(network, tensor)!;
  const columns = shape.slice(1).reduce((product, n) => product * n, 1);
  const rows = gate === null ? shape[0]! : shape[0]! / GATES.length;
  const begin = gate === null ? 0 : gate * rows * columns;
  const all = new Uint32Array(Math.ceil((shape[0]! * columns) / 32)).fill(0xffffffff);
  const bitsOf = (task: string): Uint32Array => network.masks.find((mask) => mask.task === task && mask.tensor === tensor)?.bits ?? all;
  return { title, rows, columns, begin, masks: tasks.map((task) => ({ task, bits: bitsOf(task) })) };
}
