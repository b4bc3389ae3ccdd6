import type { Target } from './target.js';
import { checkpointTarget } from './targets/checkpoint.js';
import { CONFIG_TARGET } from './targets/config.js';
import { CORPUS_TARGETS } from './targets/corpora.js';
import { modelFileTarget } from './targets/model-file.js';

/** Makes a target. @param kernels compiled kernels, for models and runs that are accepted */
export type MakeTarget = (kernels: WebAssembly.Module) => Target | Promise<Target>;

/** Every reader, by name. */
export const TARGETS: ReadonlyMap<string, MakeTarget> = new Map<string, MakeTarget>([
  ['model-file', modelFileTarget],
  ['checkpoint-sparse', (kernels) => checkpointTarget('sparse', kernels)],
  ['checkpoint-single', (kernels) => checkpointTarget('single', kernels)],
  ...CORPUS_TARGETS.map((target): [string, MakeTarget] => [target.name, () => target]),
  ['config', () => CONFIG_TARGET],
]);
