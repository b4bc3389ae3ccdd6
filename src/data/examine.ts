import type { Config, TaskConfig } from '../config/config.js';
import { CorpusError } from '../errors.js';
import { charactersOf, foldCase } from './normalize.js';
import type { Corpus, Sentence, Split, WordVectors } from './sentence.js';
import { checkLabels, convertLabels, spansOf } from './tag-scheme.js';
import { labelPosition } from './vocabulary.js';

/** What a part of a corpus is like. */
export interface SplitReport {
  readonly split: SplitName;
  readonly file: string;
  readonly sentences: number;
  readonly tokens: number;
  /** Tokens of the shortest, the middle and the longest sentence. */
  readonly lengths: { readonly least: number; readonly median: number; readonly most: number };
  /** Sentences that an earlier one of the split repeats word for word. */
  readonly duplicates: number;
  /** Against the words of train of all corpora, as the model looks them up; 0 for train itself. */
  readonly unknown: { readonly tokens: number; readonly words: number };
  /** Words without a word vector; null without vectors. */
  readonly withoutVector: { readonly tokens: number; readonly words: number } | null;
  /** Characters that no word of train has. */
  readonly unknownCharacters: readonly string[];
}

export type SplitName = 'train' | 'dev' | 'test';

/** Sentences that two splits share. */
export interface Leak {
  readonly splits: readonly [SplitName, SplitName];
  /** Sentences of the second split that are in the first; `long`: those of six tokens or more. */
  readonly sentences: number;
  readonly long: number;
  /** The longest of them. */
  readonly example: string;
}

export interface CorpusReport {
  readonly corpus: string;
  readonly splits: readonly SplitReport[];
  readonly leaks: readonly Leak[];
}

/** A place that is wrong, as `file:line:column`. */
export interface Fault {
  readonly place: string;
  readonly what: string;
}

export interface TaskReport {
  readonly task: string;
  readonly type: TaskConfig['type'];
  /** `tags`: labels; `spans`: types of spans. By count in train, the greatest first. */
  readonly labels: readonly { readonly label: string; readonly counts: Readonly<Partial<Record<SplitName, number>>> }[];
  /** Labels that are of no scheme. */
  readonly foreign: FaultList;
  /** Labels that cannot follow the one before in their scheme; they are repaired as conlleval does. */
  readonly repaired: FaultList;
}

/** All that were found; the first of them with their places. */
export interface FaultList {
  readonly count: number;
  readonly first: readonly Fault[];
}

export interface Finding {
  /** `error`: training will refuse it; `warning`: scores will suffer or flatter; `note`: worth knowing. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: string;
}

export interface DataReport {
  readonly corpora: readonly CorpusReport[];
  readonly tasks: readonly TaskReport[];
  /** The gravest first. */
  readonly findings: readonly Finding[];
}

const FAULTS_SHOWN = 10;
const LONG_SENTENCE = 6;
const RARE = 5;

/**
 * Looks for what spoils training and its scores: labels that train has not, faults of tag schemes, sentences that two splits share,
 * unknown words. Collects all, where training stops at the first.
 */
export function examineData(config: Config, corpora: readonly Corpus[], vectors: WordVectors | null): DataReport {
  const keyOf = config.model.lowercase ? foldCase : (token: string) => token;
  const train = corpora.flatMap((corpus) => corpus.train.sentences);
  const known = new Set(train.flatMap(({ tokens }) => tokens.map(keyOf)));
  const characters = new Set(train.flatMap(({ tokens }) => tokens.flatMap(charactersOf)));
  const withVector = vectors && new Set(vectors.words);
  const reports = corpora.map((corpus): CorpusReport => {
    const splits = splitsOf(corpus);
    return {
      corpus: corpus.name,
      splits: splits.map(([name, split]) => examineSplit(name, split, { keyOf, known, characters, withVector })),
      leaks: splits.flatMap((first, i) => splits.slice(i + 1).flatMap((second) => leaksOf(first, second))),
    };
  });
  const tasks = config.tasks.map((task) => examineTask(task, corpora.find(({ name }) => name === task.corpus)!));
  const findings = [...reports.flatMap(corpusFindings), ...tasks.flatMap((task, i) => taskFindings(task, arePlaces(config.tasks[i]!)))];
  const order: readonly Finding['severity'][] = ['error', 'warning', 'note'];
  return { corpora: reports, tasks, findings: order.flatMap((severity) => findings.filter((finding) => finding.severity === severity)) };
}

function splitsOf({ train, dev, test }: Corpus): [SplitName, Split][] {
  return [['train', train], ['dev', dev], ...(test ? [['test', test] as [SplitName, Split]] : [])];
}

/** Places are known without looking at train: the longest sentence decides how many there are. */
function arePlaces({ column }: TaskConfig): boolean {
  return column === '@position';
}

interface Known {
  readonly keyOf: (token: string) => string;
  readonly known: ReadonlySet<string>;
  readonly characters: ReadonlySet<string>;
  readonly withVector: ReadonlySet<string> | null;
}

function examineSplit(name: SplitName, { file, sentences }: Split, { keyOf, known, characters, withVector }: Known): SplitReport {
  const lengths = sentences.map(({ tokens }) => tokens.length).sort((a, b) => a - b);
  const words = sentences.flatMap(({ tokens }) => tokens.map(keyOf));
  const missing = (has: ReadonlySet<string>) => {
    const unknown = words.filter((word) => !has.has(word));
    return { tokens: unknown.length, words: new Set(unknown).size };
  };
  const unknownCharacters = new Set(sentences.flatMap(({ tokens }) => tokens.flatMap(charactersOf)).filter((c) => !characters.has(c)));
  return {
    split: name,
    file,
    sentences: sentences.length,
    tokens: words.length,
    lengths: { least: lengths[0]!, median: lengths[Math.floor(lengths.length / 2)]!, most: lengths.at(-1)! },
    duplicates: sentences.length - new Set(sentences.map(keyOfSentence)).size,
    unknown: missing(known),
    withoutVector: withVector && missing(withVector),
    unknownCharacters: [...unknownCharacters].sort((a, b) => (a < b ? -1 : 1)),
  };
}

/** Different for different sentences, whatever their tokens hold. */
function keyOfSentence({ tokens }: Sentence): string {
  return JSON.stringify(tokens);
}

function leaksOf([first, a]: [SplitName, Split], [second, b]: [SplitName, Split]): Leak[] {
  const seen = new Set(a.sentences.map(keyOfSentence));
  const shared = b.sentences.filter((sentence) => seen.has(keyOfSentence(sentence)));
  if (shared.length === 0) return [];
  const longest = shared.reduce((most, sentence) => (sentence.tokens.length > most.tokens.length ? sentence : most));
  const long = shared.filter(({ tokens }) => tokens.length >= LONG_SENTENCE).length;
  return [{ splits: [first, second], sentences: shared.length, long, example: longest.tokens.join(' ') }];
}

function examineTask(task: TaskConfig, corpus: Corpus): TaskReport {
  const column = corpus.columns.indexOf(task.column);
  const foreign = new Faults();
  const repaired = new Faults();
  const counts = new Map<string, Partial<Record<SplitName, number>>>();
  const count = (label: string, name: SplitName): void => {
    const own = counts.get(label) ?? {};
    own[name] = (own[name] ?? 0) + 1;
    counts.set(label, own);
  };
  for (const [name, split] of splitsOf(corpus)) {
    for (const sentence of split.sentences) {
      const labels = sentence.labels[column]!;
      if (task.type === 'tags') {
        for (const label of labels) count(label, name);
        continue;
      }
      const place = (i: number): string => {
        const { file, line, column: at } = labelPosition(split, sentence, column, i);
        return `${file}:${line}:${at}`;
      };
      const wrong = labels.flatMap((label, i) => (isForeign(label, task) ? [i] : []));
      for (const i of wrong) foreign.add(place(i), `${JSON.stringify(labels[i])} is no ${task.scheme} label`);
      if (wrong.length > 0) continue;
      const right = convertLabels(labels, task.scheme, task.scheme);
      for (const [i, label] of labels.entries()) {
        if (label !== right[i])
          repaired.add(place(i), `${label} after ${i === 0 ? 'the beginning' : labels[i - 1]} is read as ${right[i]}`);
      }
      for (const { type } of spansOf(labels, task.scheme)) count(type, name);
    }
  }
  const labels = [...counts].map(([label, of]) => ({ label, counts: of }));
  labels.sort((a, b) => (b.counts.train ?? 0) - (a.counts.train ?? 0) || (a.label < b.label ? -1 : 1));
  return { task: task.name, type: task.type, labels, foreign: foreign.list, repaired: repaired.list };
}

function isForeign(label: string, { scheme }: TaskConfig): boolean {
  try {
    checkLabels([label], scheme);
    return false;
  } catch (error) {
    if (error instanceof CorpusError) return true;
    throw error;
  }
}

class Faults {
  #count = 0;
  readonly #first: Fault[] = [];

  add(place: string, what: string): void {
    if (this.#count < FAULTS_SHOWN) this.#first.push({ place, what });
    this.#count++;
  }

  get list(): FaultList {
    return { count: this.#count, first: this.#first };
  }
}

function corpusFindings({ corpus, splits, leaks }: CorpusReport): Finding[] {
  const findings: Finding[] = [];
  for (const { splits: pair, sentences, long, example } of leaks) {
    const [from, to] = pair;
    const shared = `${counted(sentences, `sentence of ${to} is`, `sentences of ${to} are`)} in ${from} too`;
    const message = `corpus ${corpus}: ${shared}, ${long} of them of ${LONG_SENTENCE} tokens or more; scores on ${to} flatter (${cut(example)})`;
    findings.push({ severity: long > 0 ? 'warning' : 'note', message });
  }
  for (const { split, sentences, duplicates, unknown, tokens, lengths, unknownCharacters } of splits) {
    const of = `corpus ${corpus}, ${split}`;
    if (duplicates > sentences / 20)
      findings.push({
        severity: 'note',
        message: `${of}: ${duplicates} of ${sentences} sentences ${duplicates === 1 ? 'repeats' : 'repeat'} an earlier one`,
      });
    if (unknown.tokens > tokens / 5)
      findings.push({
        severity: 'warning',
        message: `${of}: ${((100 * unknown.tokens) / tokens).toFixed(1)} % of the tokens are not in train`,
      });
    if (unknownCharacters.length > 0)
      findings.push({
        severity: 'note',
        message: `${of}: ${counted(unknownCharacters.length, 'character', 'characters')} that no word of train has: ${cut(unknownCharacters.join(' '))}`,
      });
    if (lengths.most > 300)
      findings.push({ severity: 'note', message: `${of}: a sentence of ${lengths.most} tokens; memory is planned for the longest batch` });
  }
  return findings;
}

/** @param areKnown whether a label can be learned that train has not */
function taskFindings({ task, type, labels, foreign, repaired }: TaskReport, areKnown: boolean): Finding[] {
  const what = type === 'tags' ? 'label' : 'span type';
  const findings: Finding[] = [];
  const listed = (faults: FaultList): string =>
    faults.first
      .slice(0, 3)
      .map(({ place, what: is }) => `${place} ${is}`)
      .join('; ');
  if (foreign.count > 0)
    findings.push({
      severity: 'error',
      message: `task ${task}: ${counted(foreign.count, 'label is', 'labels are')} not of its scheme (tasks.${task}.scheme): ${listed(foreign)}`,
    });
  for (const { label, counts } of labels) {
    if (counts.train !== undefined || areKnown) continue;
    const where = Object.entries(counts)
      .map(([split, count]) => `${count} in ${split}`)
      .join(', ');
    findings.push({
      severity: 'error',
      message: `task ${task}: ${what} ${JSON.stringify(label)} is not in train, but ${where}; no model can learn it`,
    });
  }
  if (repaired.count > 0)
    findings.push({
      severity: 'warning',
      message: `task ${task}: ${counted(repaired.count, 'label does', 'labels do')} not follow from the one before: ${listed(repaired)}`,
    });
  const rare = labels.filter(({ counts }) => counts.train !== undefined && counts.train < RARE);
  if (rare.length > 0) {
    const names = rare.map(({ label, counts }) => `${label} ${counts.train}`).join(', ');
    findings.push({ severity: 'note', message: `task ${task}: ${what}s with fewer than ${RARE} in train: ${cut(names)}` });
  }
  if (labels.length < 2 && type === 'tags')
    findings.push({ severity: 'warning', message: `task ${task}: there is one label only; nothing is to be learned` });
  if (labels.length === 0) findings.push({ severity: 'warning', message: `task ${task}: there are no spans at all; is its column right?` });
  return findings;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= 100 ? text : `${characters.slice(0, 97).join('')}...`;
}
