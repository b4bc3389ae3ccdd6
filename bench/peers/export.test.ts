// What other engines make of our ONNX graphs, against our own scores.
import * as native from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { WordTypes } from '../../src/data/encode.js';
import { foldCase } from '../../src/data/normalize.js';
import { tableVocabulary } from '../../src/data/vocabulary.js';
import type { ModelContents } from '../../src/io/model-contents.js';
import { openModelFile } from '../../src/io/model-file.js';
import { strideFor } from '../../src/model/batch-memory.js';
import { packBatch } from '../../src/model/pack-batch.js';
import { exportOnnx } from '../../src/tagger/export-onnx.js';
import { loadNetwork } from '../../src/tagger/load-network.js';
import { storedConfig } from '../../src/tagger/stored-network.js';
import { runTraining, smallConfig, smallCorpus } from '../../test/helpers/small-run.js';
import { makeFeeds } from '../engines/onnx-feeds.mjs';

/** Engines sum in other orders than we do. */
const TOLERANCE = 1e-4;
const MODELS = {
  'subnets of two layers': { sharing: 'sparse', layers: 2 },
  'a network a task': { sharing: 'single', layers: 1 },
  'a head on a lower layer': { sharing: 'hierarchical', layers: 2 },
  'no characters': { sharing: 'sparse', layers: 1, charDimension: 0 },
  'filters of five characters': { sharing: 'hard', layers: 1, charWidth: 5 },
};

/** One-letter words, repeated words, sentences of one token: whatever padding could spoil. */
const SENTENCES = [...smallCorpus(12).test!.sentences.map(({ tokens }) => tokens), ['a'], ['I', 'x', 'I', 'unseen-and-rather-long']];

async function modelOf({ sharing, ...model }: (typeof MODELS)[keyof typeof MODELS]): Promise<ModelContents> {
  const config = smallConfig({
    model: { wordDimension: 9, charDimension: 5, charFilters: 6, charOutput: 4, hidden: 7, ...model },
    train: { sharing, epochs: 1 },
    ...(sharing === 'hierarchical' && { tasks: hierarchicalTasks() }),
    prune: { keep: [0.4], epochs: 1, select: 1 },
  });
  return openModelFile((await runTraining(config)).done.model).contents;
}

/** The tasks of a small run, the first one on the lower layer. */
function hierarchicalTasks() {
  return smallConfig().tasks.map(({ layer: _, ...task }, i) => (i === 0 ? { ...task, layer: 1 } : task));
}

function encode({ vocabulary }: ModelContents) {
  const types = new WordTypes(tableVocabulary(vocabulary.words), tableVocabulary(vocabulary.characters), foldCase);
  const sentences = SENTENCES.map((tokens) => ({ types: types.encode({ tokens }), tags: null }));
  return { types: types.types, sentences };
}

/** Our emissions of a task, [sentence][token][tag], read from the workspace. */
async function ownEmissions(contents: ModelContents, task: string): Promise<Float32Array[][]> {
  const index = contents.tasks.findIndex(({ name }) => name === task);
  const stored = contents.networks.find(({ name }) => name === contents.tasks[index]!.network)!;
  const { runtime, network, subnets } = await loadNetwork(contents, storedConfig(contents), stored, undefined);
  const subnet = subnets.find(({ tasks }) => tasks.some((own) => own.task === index))!;
  const { head } = subnet.tasks.find((own) => own.task === index)!;
  const { types, sentences } = encode(contents);
  const batch = packBatch(sentences, types);
  network.prepare(subnet.mask, [head], false);
  network.decode(network.encode(batch, null), head);
  const tags = contents.tasks[index]!.tags.length;
  const stride = strideFor(batch.positions);
  const { pointer } = runtime.arena.regions.find(({ name }) => name === `head ${task} emissions`)!;
  const plane = runtime.arena.f32(pointer, tags * stride);
  return sentences.map((sentence, s) => {
    const rank = batch.order.indexOf(s);
    return Array.from(sentence.types, (_, t) => Float32Array.from({ length: tags }, (_, k) => plane[k * stride + batch.base[t]! + rank]!));
  });
}

/** All outputs of a graph over the sentences as one padded batch. */
async function run(ort: typeof native | typeof web, graph: Uint8Array, contents: ModelContents) {
  const { types, sentences } = encode(contents);
  const rows = sentences.map((sentence) => ({
    words: Array.from(sentence.types, (type) => types[type]!.row),
    characters: Array.from(sentence.types, (type) => [...types[type]!.characters]),
  }));
  const [feed] = makeFeeds({ sentences: rows, batches: { all: [rows.map((_, i) => i)] } }, 'all');
  const session = await ort.InferenceSession.create(graph);
  const tensors = Object.entries(feed!.inputs).map(([name, [data, shape]]) => [name, new ort.Tensor('int32', data, shape)] as const);
  const outputs = await session.run(Object.fromEntries(tensors.filter(([name]) => session.inputNames.includes(name))));
  return new Map(session.outputNames.map((name) => [name, { data: outputs[name]!.data as Float32Array, dims: outputs[name]!.dims }]));
}

describe.each([
  ['onnxruntime-node', native],
  ['onnxruntime-web', web],
])('%s', (_, ort) => {
  test.each(Object.entries(MODELS))('gives our emissions: %s', async (_, options) => {
    const contents = await modelOf(options);
    for (const { name: task, head, network } of contents.tasks) {
      const outputs = await run(ort, exportOnnx(contents, task), contents);
      const { data, dims } = outputs.get('emissions')!;
      const own = await ownEmissions(contents, task);
      const differences = own.flatMap((rows, s) =>
        rows.flatMap((row, t) => Array.from(row, (value, k) => Math.abs(value - data[(s * dims[1]! + t) * dims[2]! + k]!))),
      );
      expect(Math.max(...differences), task).toBeLessThan(TOLERANCE);
      // Emissions that hardly vary would agree for no reason.
      expect(Math.max(...own[0]![0]!) - Math.min(...own[0]![0]!)).toBeGreaterThan(100 * TOLERANCE);
      const { tensors } = contents.networks.find(({ name }) => name === network)!;
      const stored = (part: string) => tensors.find(({ name }) => name === `head.${task}.${part}`)?.values;
      for (const part of head === 'crf' ? ['transitions', 'start', 'end'] : []) expect(outputs.get(part)?.data).toEqual(stored(part));
      expect([...outputs.keys()].length).toBe(head === 'crf' ? 4 : 1);
    }
  });
});
