import type { Config, CorpusConfig } from './config.js';

/** Grows whenever the same config and data would give other bits than before (NUMERICS.md). */
export const NUMERICS_VERSION = 1;

/** A config that names data by content: where `Config` has a file, this has the digest of what the file held. */
export type CanonicalConfig = Omit<Config, 'corpora'> & {
  readonly numerics: number;
  readonly corpora: readonly Omit<CorpusConfig, 'format'>[];
};

/**
 * What decides the bits of a run and nothing else: every setting resolved, file names replaced by digests, no path,
 * thread count, kernel build or time. Equal canonical configs give equal models.
 *
 * @param contentHashes digest of the content of every file that `config` names, by its name in `config`
 */
export function canonicalConfig(config: Config, contentHashes: ReadonlyMap<string, string>): CanonicalConfig {
  const digest = <T extends string | null>(file: T): T => {
    if (file === null) return file;
    const hash = contentHashes.get(file);
    if (hash === undefined) throw new Error(`no content hash for ${file}`);
    return hash as T;
  };
  return {
    ...config,
    numerics: NUMERICS_VERSION,
    // How a file is written does not matter: its content is hashed as tokens and labels.
    corpora: config.corpora.map(({ format: _, ...corpus }) => ({
      ...corpus,
      train: digest(corpus.train),
      dev: digest(corpus.dev),
      test: digest(corpus.test),
    })),
    vectors: { ...config.vectors, file: digest(config.vectors.file) },
    subnets: { ...config.subnets, file: digest(config.subnets.file) },
  };
}
