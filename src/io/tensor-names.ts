// Names of a model's tensors in its file.

export const WORDS = 'vocabulary/words';
export const CHARACTERS = 'vocabulary/characters';

/** Names may hold anything; in paths of tensors "/" divides, so it is escaped, injectively. */
const escapeName = (name: string): string => name.replaceAll('%', '%25').replaceAll('/', '%2F');
export const weightsName = (network: string, tensor: string): string => `weights/${escapeName(network)}/${escapeName(tensor)}`;
export const scalesName = (network: string, tensor: string): string => `scales/${escapeName(network)}/${escapeName(tensor)}`;
export const maskName = (network: string, task: string, tensor: string): string =>
  `masks/${escapeName(network)}/${escapeName(task)}/${escapeName(tensor)}`;
