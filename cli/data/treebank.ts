import { deriveChunks } from './chunks/derive.js';
import { readConllu, type TreebankSentence } from './conllu.js';
import { DependencyTree } from './dependency-tree.js';
import { MentionFields, readMentions } from './mentions.js';
import { flattenNames } from './names.js';

/** What to take from a treebank. */
export interface TreebankSelection {
  /** Genres to keep, the second part of a document's id (`GUM_news_crane`); null keeps every document. */
  readonly genres: readonly string[] | null;
  /** Whether its entity layer becomes a fourth column. */
  readonly hasNames: boolean;
}

/** A document of the treebank, for the list of sources that goes with the data. */
export interface TreebankDocument {
  readonly id: string;
  readonly title: string | null;
  readonly author: string | null;
  readonly source: string | null;
}

/** One split as CoNLL columns. */
export interface ConvertedTreebank {
  /** `token POS chunk` or `token POS chunk NER`, one token a line, an empty line after each sentence. */
  readonly text: string;
  readonly nSentences: number;
  readonly nTokens: number;
  /** Documents in the order of the file; empty when the treebank does not describe them. */
  readonly documents: readonly TreebankDocument[];
}

/** Characters that a column file cannot hold in a token, or that nobody sees. */
const INVISIBLE = /\s|\u200b|\u200c|\u200d|\ufeff|\u00ad/g;
const WITHHELD = '_';

/** Turns one split of a treebank into CoNLL columns. `file` is its name, for messages. */
export function convertTreebank(conllu: string, file: string, selection: TreebankSelection): ConvertedTreebank {
  const lines: string[] = [];
  const documents: TreebankDocument[] = [];
  let nSentences = 0;
  let nTokens = 0;
  let isSelected = true;
  let fields = new MentionFields();
  for (const sentence of readConllu(conllu, file)) {
    const { comments, tokens } = sentence;
    const id = comments.get('newdoc id');
    if (id) {
      isSelected = selection.genres === null || selection.genres.includes(id.split('_')[1] ?? '');
      const document = describe(id, comments);
      if (isSelected && document) documents.push(document);
    }
    const declaration = comments.get('global.Entity');
    if (declaration) fields = new MentionFields(declaration);
    const isWithheld = tokens.every((token) => token.form === WITHHELD);
    if (!isSelected || isWithheld) continue;
    lines.push(...columnsOf(sentence, selection.hasNames ? fields : null), '');
    nSentences++;
    nTokens += tokens.length;
  }
  return { text: lines.map((line) => `${line}\n`).join(''), nSentences, nTokens, documents };
}

function columnsOf({ tokens }: TreebankSentence, fields: MentionFields | null): string[] {
  const tree = new DependencyTree(tokens);
  const chunks = deriveChunks(tree);
  const names = fields && flattenNames(tree, readMentions(tokens, fields));
  return tokens.map((token, i) => {
    const columns = [token.form.replace(INVISIBLE, '') || WITHHELD, token.xpos, chunks[i]];
    return (names ? [...columns, names[i]] : columns).join(' ');
  });
}

function describe(id: string, comments: ReadonlyMap<string, string>): TreebankDocument | null {
  const value = (key: string): string | null => comments.get(`meta::${key}`) ?? null;
  const document = { id, title: value('title'), author: value('author'), source: value('sourceURL') };
  return document.title || document.author || document.source ? document : null;
}
