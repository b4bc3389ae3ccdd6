import { type Config, type Corpus, makeCorpus, readVectors, type WordVectors } from 'sparsetag';
import { displayName, readTextFile, streamFile } from './files.js';

/** Reads the corpora that a config names, with the label columns that its tasks need. */
export async function readCorpora(config: Config): Promise<Corpus[]> {
  const corpora: Corpus[] = [];
  for (const corpus of config.corpora) {
    const columns = config.tasks.filter((task) => task.corpus === corpus.name).map((task) => task.column);
    const text = async (file: string) => ({ file: displayName(file), bytes: await readTextFile(file) });
    corpora.push(
      makeCorpus(corpus, columns, {
        train: await text(corpus.train),
        dev: await text(corpus.dev),
        test: corpus.test === null ? null : await text(corpus.test),
      }),
    );
  }
  return corpora;
}

/** Reads the word vectors that a config names. @throws {CorpusError} CORPUS_FILE_UNREADABLE */
export async function readConfigVectors(config: Pick<Config, 'vectors'>, signal: AbortSignal): Promise<WordVectors | null> {
  const { file, limit } = config.vectors;
  if (file === null) return null;
  return readVectors(streamFile(file), { file: displayName(file), limit, signal });
}
