// The whole network in f64, one sentence at a time, as the method describes it: word rows and character CNN, BiLSTM
// layers, a head with its loss. Parameters by name, row after row.
import type { ModelConfig } from '../../src/config/config.js';
import type { EncodedSentence, WordType } from '../../src/data/encode.js';
import type { HeadShape } from '../../src/model/parameters.js';
import { reluMax, windows } from './char-cnn.js';
import { type CrfScores, crfLogPartition, crfScore } from './crf.js';
import { lstm, product } from './lstm.js';
import { crossEntropy } from './softmax.js';

export interface OracleNetwork {
  readonly model: ModelConfig;
  readonly parameters: ReadonlyMap<string, Float64Array>;
  readonly words: readonly Float64Array[];
  readonly types: readonly WordType[];
  readonly dropout?: OracleDropout;
}

/** What each activation is multiplied by in training: 0 or 1 / (1 - p). `b` counts sentences as they are given. */
export interface OracleDropout {
  /** Whether the row of a token is replaced by the unknown row. */
  readonly unknown: (b: number, t: number) => boolean;
  readonly word: (b: number, t: number, feature: number) => number;
  readonly charEmbedding: (type: number, character: number, feature: number) => number;
  readonly charOutput: (b: number, t: number, feature: number) => number;
  readonly output: (b: number, t: number, feature: number) => number;
}

const UNKNOWN_ROW = 1;

/** Rows of a matrix, as views: they follow when its numbers are changed. Made once, for losses are taken by the thousand. */
function matrix(network: OracleNetwork, name: string, columns: number): Float64Array[] {
  const values = vector(network, name);
  let rows = madeRows.get(values);
  if (!rows) {
    rows = Array.from({ length: values.length / columns }, (_, r) => values.subarray(r * columns, (r + 1) * columns));
    madeRows.set(values, rows);
  }
  return rows;
}

const madeRows = new WeakMap<Float64Array, Float64Array[]>();

function vector({ parameters }: OracleNetwork, name: string): Float64Array {
  const values = parameters.get(name);
  if (!values) throw new Error(`no parameter ${name}`);
  return values;
}

function add(a: readonly number[], b: ArrayLike<number>): number[] {
  return a.map((value, i) => value + b[i]!);
}

/** Character features of a word type, before their own dropout. */
function characterFeatures(network: OracleNetwork, type: number): number[] {
  const { charDimension, charWidth, charFilters } = network.model;
  const table = matrix(network, 'char.table', charDimension);
  const embedded = [...network.types[type]!.characters].map((row, q) =>
    [...table[row]!].map((value, f) => value * (network.dropout?.charEmbedding(type, q, f) ?? 1)),
  );
  const conv = matrix(network, 'char.conv.weight', charDimension * charWidth);
  const bias = vector(network, 'char.conv.bias');
  const filtered = windows(embedded, charWidth).map((window) => add(product(conv, window), bias));
  const pooled = Array.from({ length: charFilters }, (_, f) => reluMax(filtered.map((row) => row[f]!)).value);
  return add(product(matrix(network, 'char.linear.weight', charFilters), pooled), vector(network, 'char.linear.bias'));
}

/** Features of each sentence after the last layer, [token][2 * hidden]. */
export function encode(network: OracleNetwork, sentences: readonly EncodedSentence[]): number[][][] {
  const characters = new Map<number, number[]>();
  if (network.model.charDimension > 0) {
    for (const { types } of sentences) {
      for (const type of types) if (!characters.has(type)) characters.set(type, characterFeatures(network, type));
    }
  }
  return sentences.map((sentence, b) => encodeSentence(network, sentence, b, characters));
}

function encodeSentence(
  network: OracleNetwork,
  sentence: EncodedSentence,
  b: number,
  characters: ReadonlyMap<number, readonly number[]>,
): number[][] {
  const { model, dropout, types, words } = network;
  let x = [...sentence.types].map((type, t) => {
    const row = dropout?.unknown(b, t) ? UNKNOWN_ROW : types[type]!.row;
    const word = [...words[row]!].map((value, f) => value * (dropout?.word(b, t, f) ?? 1));
    const own = characters.get(type) ?? [];
    return [...word, ...own.map((value, f) => value * (dropout?.charOutput(b, t, f) ?? 1))];
  });
  for (let layer = 0; layer < model.layers; layer++) {
    const [forward, backward] = (['forward', 'backward'] as const).map((direction) => {
      const input = matrix(network, `lstm.${layer}.${direction}.input`, x[0]!.length);
      const recurrent = matrix(network, `lstm.${layer}.${direction}.recurrent`, model.hidden);
      const bias = vector(network, `lstm.${layer}.${direction}.bias`);
      return lstm(
        { recurrent, bias },
        x.map((features) => product(input, features)),
        direction === 'backward',
      ).h;
    });
    x = forward!.map((h, t) => [...h, ...backward![t]!]);
  }
  return x.map((row, t) => row.map((value, f) => value * (dropout?.output(b, t, f) ?? 1)));
}

/** Scores of each sentence for one head. */
export function scores(network: OracleNetwork, head: HeadShape, sentences: readonly EncodedSentence[]): CrfScores[] {
  const named = (part: string): string => `head.${head.name}.${part}`;
  const weight = matrix(network, named('weight'), 2 * network.model.hidden);
  const bias = vector(network, named('bias'));
  const isChain = head.head === 'crf';
  const transitions = isChain ? matrix(network, named('transitions'), head.tags).map((row) => [...row]) : [];
  const bounds = isChain && head.startEnd ? { start: [...vector(network, named('start'))], end: [...vector(network, named('end'))] } : {};
  return encode(network, sentences).map((features) => ({
    emissions: features.map((row) => add(product(weight, row), bias)),
    transitions,
    ...bounds,
  }));
}

/** Loss of a batch: the mean over tokens of cross-entropy, or over sentences of log Z - gold score. */
export function networkLoss(network: OracleNetwork, head: HeadShape, sentences: readonly EncodedSentence[]): number {
  let sum = 0;
  let tokens = 0;
  scores(network, head, sentences).forEach((own, b) => {
    const tags = [...sentences[b]!.tags!];
    if (head.head === 'crf') sum += crfLogPartition(own) - crfScore(own, tags);
    else sum += own.emissions.reduce((part, row, t) => part + crossEntropy(row, tags[t]!).loss, 0);
    tokens += tags.length;
  });
  return sum / (head.head === 'crf' ? sentences.length : tokens);
}
