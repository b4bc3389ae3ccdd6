import { createReadStream } from 'node:fs';
import { type Config, type Corpus, CorpusError, makeCorpus, readVectors, type WordVectors } from 'sparsetag';
import { displayName, readTextFile, reasonOf } from './files.js';

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
export async function readConfigVectors(config: Config, signal: AbortSignal): Promise<WordVectors | null> {
  const { file, limit } = config.vectors;
  if (file === null) return null;
  const name = displayName(file);
  const stream = createReadStream(file, { highWaterMark: 1 << 20 });
  try {
    return await readVectors(stream, { file: name, limit, signal });
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause;
    throw new CorpusError('CORPUS_FILE_UNREADABLE', `the word vectors ${name} cannot be read: ${reasonOf(cause)}`, undefined, { cause });
  } finally {
    stream.destroy();
  }
}
