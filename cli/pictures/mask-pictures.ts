import { GATES, type MaskMatrix, type ModelContents, maskMatrices, tasksOfNetwork } from 'sparsetag';
import { drawMasks } from '../render/svg/mask-picture.js';
import type { Picture } from './picture.js';

const GATE_NAMES: Readonly<Record<(typeof GATES)[number], string>> = { i: 'input', f: 'forget', g: 'cell', o: 'output' };

/** Pictures of the masks of every network that has any: one for each layer and gate, and one for the character filters. */
export function maskPictures(contents: ModelContents): Picture[] {
  return contents.networks.flatMap((network) => {
    if (network.masks.length === 0) return [];
    const isOnly = contents.networks.length === 1;
    const draw = (file: string, what: string, matrices: readonly MaskMatrix[]): Picture => {
      const title = isOnly ? what : `${what} (network ${network.name})`;
      const titled = matrices.map((matrix) => ({ ...matrix, title: titleOf(matrix) }));
      return { file: `masks-${isOnly ? '' : `${network.name}-`}${file}.svg`, title, svg: drawMasks(title, titled) };
    };
    const all = maskMatrices(tasksOfNetwork(contents, network), network);
    const pictures: Picture[] = [];
    for (let layer = 0; all.some((matrix) => matrix.layer === layer); layer++) {
      for (const gate of GATES) {
        const matrices = all.filter((matrix) => matrix.layer === layer && matrix.gate === gate);
        pictures.push(draw(`layer-${layer + 1}-${gate}`, `Layer ${layer + 1}, ${GATE_NAMES[gate]} gate`, matrices));
      }
    }
    const characters = all.filter(({ layer }) => layer === null);
    if (characters.length > 0) pictures.push(draw('characters', 'Character filters', characters));
    return pictures;
  });
}

function titleOf({ direction, part }: MaskMatrix): string {
  return direction === null ? part : `${direction} ${part}`;
}
