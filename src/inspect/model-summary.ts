import type { JsonValue } from '../io/canonical-json.js';
import type { ModelCorpus, ModelTask } from '../io/model-contents.js';
import { openModelFile } from '../io/model-file.js';
import { cellsOf, type MatrixCells } from './mask-cells.js';
import { maskMatrices } from './mask-matrices.js';
import { type NetworkSummary, summarizeNetwork, tasksOfNetwork } from './network-summary.js';

/** What a model file holds, without its weights. */
export interface ModelSummary {
  readonly fingerprint: string;
  readonly numericsVersion: string;
  readonly tasks: readonly ModelTask[];
  readonly corpora: readonly ModelCorpus[];
  readonly config: JsonValue;
  readonly results: JsonValue;
  /** Items of the vocabularies. */
  readonly words: number;
  readonly characters: number;
  /** Cells are there where the network has masks. */
  readonly networks: readonly (NetworkSummary & { readonly cells: readonly MatrixCells[] })[];
}

/** @throws {ModelFileError} as `openModelFile` */
export function summarizeModel(file: Uint8Array): ModelSummary {
  const { contents, fingerprint } = openModelFile(file);
  const { numericsVersion, tasks, corpora, config, results, vocabulary } = contents;
  return {
    fingerprint,
    numericsVersion,
    tasks,
    corpora,
    config,
    results,
    words: vocabulary.words.length,
    characters: vocabulary.characters.length,
    networks: contents.networks.map((network) => ({
      ...summarizeNetwork(contents, network),
      cells: network.masks.length > 0 ? maskMatrices(tasksOfNetwork(contents, network), network).map(cellsOf) : [],
    })),
  };
}
