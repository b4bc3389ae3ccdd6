import type { Config } from '../config/config.js';
import type { Corpus, Sentence, WordVectors } from '../data/sentence.js';
import { Sha256, sha256Hex } from '../io/sha256.js';

/**
 * Digests of what a run is made from, by the file names of its config; what `canonicalConfig` asks for.
 *
 * @param corpora those that the config names, as they are given to `train`
 * @param subnets fingerprint of the model that `subnets.file` names
 */
export function contentHashes(
  config: Config,
  corpora: readonly Corpus[],
  vectors: WordVectors | null,
  subnets: string | null,
): Map<string, string> {
  const digests = new Map<string, string[]>();
  const add = (file: string, digest: string): void => {
    digests.set(file, [...(digests.get(file) ?? []), digest]);
  };
  for (const named of config.corpora) {
    const corpus = corpora.find(({ name }) => name === named.name)!;
    add(named.train, sentencesHash(corpus.train.sentences));
    add(named.dev, sentencesHash(corpus.dev.sentences));
    if (corpus.test) add(named.test!, sentencesHash(corpus.test.sentences));
  }
  const hashes = new Map(Array.from(digests, ([file, each]) => [file, fileDigest(each)]));
  if (vectors) hashes.set(config.vectors.file!, hashVectors(vectors));
  if (subnets !== null) hashes.set(config.subnets.file!, subnets);
  return hashes;
}

/**
 * Digest of a file of sentences that a config names once or more.
 * @param digests of its sentences as each of those that name it reads them (`sentencesHash`), in the order of the config: corpora may read
 * one file with other columns
 */
export function fileDigest(digests: readonly string[]): string {
  return digests.reduce((known, digest) => (known === digest ? known : sha256Hex(`${known}${digest}`)));
}

/** SHA-256 over the dimension, the words and the numbers of word vectors. */
export function hashVectors({ dimension, words, values }: WordVectors): string {
  const hash = new Sha256();
  hash.update(new TextEncoder().encode(`${dimension}\n${words.join('\n')}\n`));
  hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return hash.hex();
}

/** SHA-256 over tokens and labels, as models name their corpora by it: a token and its labels a line, tab between, an empty line after a sentence. */
export function sentencesHash(sentences: readonly Sentence[]): string {
  const hash = new Sha256();
  const encoder = new TextEncoder();
  for (const { tokens, labels } of sentences) {
    hash.update(encoder.encode(`${tokens.map((token, i) => [token, ...labels.map((column) => column[i])].join('\t')).join('\n')}\n\n`));
  }
  return hash.hex();
}
