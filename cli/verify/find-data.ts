import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type Config,
  type Corpus,
  type CorpusConfig,
  CorpusError,
  type CorpusFormat,
  fileDigest,
  type LabelColumn,
  orderColumns,
  readSentences,
  type Sentence,
  type Split,
  sentencesHash,
} from 'sparsetag';
import { displayName, readTextFile } from '../files.js';

/** A way in which a config reads a file. */
interface Reading {
  readonly corpus: CorpusConfig;
  readonly columns: readonly LabelColumn[];
}

const FORMATS: readonly CorpusFormat[] = ['auto', 'conll2003', 'conll2000', 'conllu', 'jsonl'];

/**
 * The corpora that a canonical config was made from, found among files by their content: names do not matter, and a file with other
 * sentences or labels is not used.
 *
 * @param named files, and folders that hold some
 * @param usual more of them, which need not be there
 * @throws {CorpusError} CORPUS_NOT_FOUND names the splits that no file holds
 */
export async function findCorpora(config: Config, named: readonly string[], usual: readonly string[]): Promise<Corpus[]> {
  const { files, absent } = await filesOf([...named, ...usual]);
  const search = new Search(files);
  const missing: string[] = [];
  const corpora: Corpus[] = [];
  const readings = config.corpora.map((corpus): Reading => {
    const columns = orderColumns(config.tasks.filter((task) => task.corpus === corpus.name).map((task) => task.column));
    return { corpus, columns };
  });
  for (const reading of readings) {
    const { corpus, columns } = reading;
    const find = async (role: 'train' | 'dev' | 'test', hash: string): Promise<Split> => {
      const alike = readings.flatMap((each) => splitsOf(each.corpus).flatMap((other) => (other === hash ? [each] : [])));
      const split = (await search.find(reading, hash)) ?? (await search.find(reading, hash, alike));
      if (!split) missing.push(`${role} of ${corpus.name} (sha256 ${hash.slice(0, 12)}...)`);
      return split ?? { file: '', sentences: [] };
    };
    const [train, dev] = [await find('train', corpus.train), await find('dev', corpus.dev)];
    corpora.push({ name: corpus.name, columns, train, dev, test: corpus.test === null ? null : await find('test', corpus.test) });
  }
  if (missing.length === 0) return corpora;
  const mistaken = named.filter((place) => absent.includes(place)).map((place) => `, and there is no ${place}`);
  const looked = files.length === 0 ? 'there was no file to look in' : `none of ${files.length} files has that content`;
  throw new CorpusError(
    'CORPUS_NOT_FOUND',
    `the model was trained on other data than can be found: ${missing.join(', ')}: ${looked}${mistaken.join('')}; give the files, their folder, or --config`,
  );
}

/** Digests of the splits of a canonical config's corpus. */
function splitsOf({ train, dev, test }: CorpusConfig): string[] {
  return test === null ? [train, dev] : [train, dev, test];
}

/** Files, and those in folders, and the places where nothing is. */
async function filesOf(places: readonly string[]): Promise<{ readonly files: readonly string[]; readonly absent: readonly string[] }> {
  const files = new Set<string>();
  const absent: string[] = [];
  for (const place of places) {
    const found = await stat(place).catch(() => null);
    if (!found) absent.push(place);
    if (found?.isFile()) files.add(path.resolve(place));
    if (!found?.isDirectory()) continue;
    for (const entry of await readdir(place, { withFileTypes: true })) if (entry.isFile()) files.add(path.resolve(place, entry.name));
  }
  return { files: [...files], absent };
}

/** Reads each file once, and once in each way of reading it. */
class Search {
  readonly #bytes = new Map<string, Promise<Uint8Array>>();
  readonly #read = new Map<string, { readonly hash: string; readonly sentences: readonly Sentence[] } | null>();

  constructor(private readonly files: readonly string[]) {}

  /** @param readings in which the file has that digest together */
  async find(reading: Reading, hash: string, readings: readonly Reading[] = [reading]): Promise<Split | null> {
    for (const format of FORMATS) {
      for (const file of this.files) {
        const found = await Promise.all(readings.map((each) => this.#readAs(file, format, each)));
        const [own, digests] = [found[readings.indexOf(reading)], found.flatMap((read) => read?.hash ?? [])];
        if (own && digests.length === readings.length && fileDigest(digests) === hash)
          return { file: displayName(file), sentences: [...own.sentences] };
      }
    }
    return null;
  }

  async #readAs(file: string, format: CorpusFormat, { corpus: named, columns }: Reading) {
    const corpus = { ...named, format };
    const key = JSON.stringify([file, corpus.format, corpus.tokenColumn, columns]);
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const bytes = this.#bytes.get(file) ?? readTextFile(file);
    this.#bytes.set(file, bytes);
    const read = sentencesOf(displayName(file), await bytes, corpus, columns);
    this.#read.set(key, read);
    return read;
  }
}

/** null where a file is not of that format or has not those columns. */
function sentencesOf(file: string, bytes: Uint8Array, corpus: CorpusConfig, columns: readonly LabelColumn[]) {
  try {
    const sentences = readSentences({ file, bytes }, corpus, columns);
    return { sentences, hash: sentencesHash(sentences) };
  } catch (error) {
    if (error instanceof CorpusError) return null;
    throw error;
  }
}
