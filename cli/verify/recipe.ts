import {
  type Config,
  type Corpus,
  canonicalConfig,
  canonicalJson,
  compactModel,
  compactOrigin,
  contentHashes,
  type ModelContents,
  ModelFileError,
  NUMERICS_VERSION,
  openModelFile,
  resolveConfig,
  storedConfig,
  type TrainOptions,
} from 'sparsetag';

/** What a training reads besides its corpora. */
export type OtherInputs = Pick<TrainOptions, 'vectors' | 'subnets'>;

/**
 * The config that a model was made by, with digests in place of file names.
 * @throws {ModelFileError} VERIFY_NUMERICS where this version computes other bits by design, VERIFY_PRUNED where more than its recipe made it
 */
export function recipeOf(contents: ModelContents): Config {
  if (contents.numericsVersion !== `${NUMERICS_VERSION}`) {
    throw new ModelFileError(
      'VERIFY_NUMERICS',
      `the model was made with numerics ${contents.numericsVersion}; this version computes with ${NUMERICS_VERSION} and gives other bits by design`,
    );
  }
  const { results } = contents;
  if (typeof results === 'object' && results !== null && 'pruned' in results) {
    throw new ModelFileError(
      'VERIFY_PRUNED',
      'the model was pruned after its training, so that its recipe does not make it; verify the model that it was pruned from (results.pruned)',
    );
  }
  const { numerics: _, ...settings } = contents.config as unknown as Config & { readonly numerics: number };
  return resolveConfig({ ...settings, corpora: storedConfig(contents).corpora.map((corpus) => ({ ...corpus, format: 'auto' })) });
}

/** The model as its recipe makes it, from the model that was trained again: compact, where it is. */
export function likeModel(contents: ModelContents, trained: ModelContents, { vectors = null }: OtherInputs): ModelContents {
  const origin = compactOrigin(contents);
  if (!origin) return trained;
  const { words, addedWords } = origin;
  const own = compactModel(trained, { vocabulary: Math.max(1, words) });
  return addedWords === 0 ? own : compactModel(own, { vocabulary: words + addedWords, vectors });
}

/** @throws {ModelFileError} VERIFY_CONFIG where what was found does not add up to the config of the model */
export function requireRecipe(
  contents: ModelContents,
  config: Config,
  corpora: readonly Corpus[],
  { vectors, subnets }: OtherInputs,
): void {
  const hashes = contentHashes(config, corpora, vectors ?? null, subnets ? openModelFile(subnets).fingerprint : null);
  const found = canonicalConfig(config, hashes);
  if (canonicalJson(found) === canonicalJson(contents.config)) return;
  const isOther = (group: 'vectors' | 'subnets') => found[group].file !== config[group].file;
  const what = isOther('vectors')
    ? 'the word vectors are not those that the model was trained with; name them with --vectors'
    : isOther('subnets')
      ? 'the model to take masks from is not the one that was used; name it with --subnets'
      : 'the config in the model has not the settings of this version; verify it with the version that made it';
  throw new ModelFileError('VERIFY_CONFIG', what);
}
