// A small artificial language with parts of speech, chunks and entities that follow from the form of words and from
// their neighbours: what the conformance suite and the tests train on. Everything is made from a seed with integer arithmetic.
import { Dice } from './dice.js';

export interface SyntheticOptions {
  /** 0 .. 2^32 - 1; equal seeds give equal texts. */
  readonly seed: number;
  readonly sentences: number;
}

/** Label columns of the texts; column 0 is the token. */
export const SYNTHETIC_COLUMNS = { pos: 1, chunk: 2, ner: 3 } as const;

type EntityType = 'PER' | 'LOC' | 'ORG' | 'MISC';

interface Row {
  readonly word: string;
  readonly pos: string;
  readonly chunk: string;
  readonly ner: string;
}

const ONSETS = ['b', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z', 'br', 'kl', 'st', 'tr'];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ai', 'ou'];
const CODAS = ['', '', '', 'l', 'n', 'r', 's', 'm'];

function stem(dice: Dice, syllables: number): string {
  let word = '';
  for (let i = 0; i < syllables; i++) word += dice.pick(ONSETS) + dice.pick(VOWELS) + (i === syllables - 1 ? dice.pick(CODAS) : '');
  return word;
}

function capitalised(word: string): string {
  return String.fromCharCode(word.charCodeAt(0) - 32) + word.slice(1);
}

/** The fixed words of the language; the same for every seed of a text, so that splits share them. */
interface Lexicon {
  readonly nouns: readonly string[];
  readonly verbs: readonly string[];
  readonly adjectives: readonly string[];
  readonly adverbs: readonly string[];
  readonly names: readonly string[];
}

function makeLexicon(): Lexicon {
  const dice = new Dice(20200212);
  const taken = new Set<string>();
  const words = (count: number, ending: string, form: (word: string) => string = (word) => word) => {
    const list: string[] = [];
    while (list.length < count) {
      const word = form(stem(dice, 1 + dice.roll(2)) + ending);
      if (word.length < 4 || taken.has(word)) continue;
      taken.add(word);
      list.push(word);
    }
    return list;
  };
  // A third of the stems serve as noun and as verb: only the words around them tell which.
  const shared = words(30, '');
  return {
    nouns: [...words(70, ''), ...shared],
    verbs: [...words(30, ''), ...shared],
    adjectives: [...words(20, 'ik'), ...words(15, '')],
    adverbs: words(15, 'ly'),
    names: words(90, '', capitalised),
  };
}

const LEXICON = makeLexicon();
const DETERMINERS = ['ta', 'un', 'tis'];
const PRONOUNS = ['ke', 'su', 'wem'];
const PLACE_PREPOSITIONS = ['ad', 'en'];
const OTHER_PREPOSITIONS = ['op', 'wis', 'fo'];
const TITLES = ['Mek', 'Dor'];
const COMPANY_WORDS = ['Kor', 'Gruv', 'Bank'];
const SPEECH_VERBS = ['sagis', 'dekt'];
const TRADE_VERBS = ['kopet', 'fuset'];

/** Writes sentences by a small grammar. */
class Writer {
  readonly #rows: Row[] = [];

  constructor(readonly dice: Dice) {}

  sentence(): readonly Row[] {
    this.#rows.length = 0;
    if (this.dice.chance(12)) this.#headline();
    else {
      this.#clause();
      if (this.dice.chance(25)) {
        if (this.dice.chance(50)) this.#alone(',', ',');
        this.#alone(this.dice.pick(['un', 'oder']), 'CC');
        this.#clause();
      }
      this.#alone(this.dice.chance(92) ? '.' : '?', '.');
    }
    return this.#rows;
  }

  /** An adverb, a subject, a verb, an object, places. */
  #clause(): void {
    const { dice } = this;
    if (dice.chance(15)) {
      this.#chunk('ADVP', [[dice.pickSkewed(LEXICON.adverbs), 'RB']]);
      if (dice.chance(40)) this.#alone(',', ',');
    }
    const subject = dice.roll(100);
    if (subject < 22) this.#person();
    else if (subject < 38) this.#company();
    else this.#nounPhrase();
    this.#verbPhrase(subject < 22 ? SPEECH_VERBS : subject < 38 ? TRADE_VERBS : null);
    if (dice.chance(70)) {
      if (dice.chance(12)) this.#company();
      else this.#nounPhrase();
    }
    if (dice.chance(45)) this.#prepositionalPhrase();
  }

  /** Names and numbers without a verb, as in lists of results. */
  #headline(): void {
    this.#place();
    this.#chunk('NP', [[String(1 + this.dice.roll(60)), 'CD']]);
    if (this.dice.chance(50)) this.#person();
  }

  #nounPhrase(): void {
    const { dice } = this;
    if (dice.chance(15)) {
      this.#chunk('NP', [[dice.pick(PRONOUNS), 'PRP']]);
      return;
    }
    const words: [string, string, EntityType?][] = [];
    const isCounted = dice.chance(15);
    if (isCounted) words.push([String(2 + dice.roll(90)), 'CD']);
    else if (dice.chance(80)) words.push([dice.pickSkewed(DETERMINERS), 'DT']);
    if (dice.chance(15)) words.push([`${this.#name()}isk`, 'JJ', 'MISC']);
    else if (dice.chance(35)) words.push([dice.pickSkewed(LEXICON.adjectives), 'JJ']);
    const noun = dice.pickSkewed(LEXICON.nouns);
    words.push(isCounted || dice.chance(20) ? [`${noun}os`, 'NNS'] : [noun, 'NN']);
    this.#chunk('NP', words);
  }

  #verbPhrase(typical: readonly string[] | null): void {
    const { dice } = this;
    const words: [string, string][] = [];
    if (dice.chance(15)) words.push([dice.pickSkewed(LEXICON.adverbs), 'RB']);
    const verb = typical && dice.chance(75) ? dice.pick(typical) : dice.pickSkewed(LEXICON.verbs);
    if (dice.chance(20)) words.push(['wil', 'MD'], [verb, 'VB']);
    else words.push(dice.chance(60) ? [`${verb}ed`, 'VBD'] : [verb, 'VBZ']);
    this.#chunk('VP', words);
  }

  #prepositionalPhrase(): void {
    const isPlace = this.dice.chance(55);
    this.#chunk('PP', [[this.dice.pick(isPlace ? PLACE_PREPOSITIONS : OTHER_PREPOSITIONS), 'IN']]);
    if (isPlace) this.#place();
    else this.#nounPhrase();
  }

  // The same names stand for people, places and companies: titles, company words, verbs and prepositions tell them apart.

  #person(): void {
    const words: [string, string, EntityType?][] = [];
    if (this.dice.chance(35)) words.push([this.dice.pick(TITLES), 'NNP']);
    words.push([this.#name(), 'NNP', 'PER']);
    if (this.dice.chance(45)) words.push([this.#name(), 'NNP', 'PER']);
    this.#chunk('NP', words);
  }

  #place(): void {
    const words: [string, string, EntityType?][] = [[this.#name(), 'NNP', 'LOC']];
    if (this.dice.chance(20)) words.unshift(['Nord', 'NNP', 'LOC']);
    this.#chunk('NP', words);
  }

  #company(): void {
    const words: [string, string, EntityType?][] = [[this.#name(), 'NNP', 'ORG']];
    if (this.dice.chance(60)) words.push([this.dice.pick(COMPANY_WORDS), 'NNP', 'ORG']);
    this.#chunk('NP', words);
  }

  /** A known name, or sometimes one that no other text has. */
  #name(): string {
    return this.dice.chance(80) ? this.dice.pickSkewed(LEXICON.names) : capitalised(stem(this.dice, 2 + this.dice.roll(2)));
  }

  #alone(word: string, pos: string): void {
    this.#rows.push({ word, pos, chunk: 'O', ner: 'O' });
  }

  /** Words of one chunk; neighbours of one entity type are one entity. */
  #chunk(type: string, words: readonly (readonly [string, string, EntityType?])[]): void {
    for (const [i, [word, pos, entity]] of words.entries()) {
      const isInside = i > 0 && words[i - 1]![2] === entity;
      this.#rows.push({
        word: this.#rows.length === 0 && word.charCodeAt(0) >= 97 ? capitalised(word) : word,
        pos,
        chunk: `${i === 0 ? 'B' : 'I'}-${type}`,
        ner: entity ? `${isInside ? 'I' : 'B'}-${entity}` : 'O',
      });
    }
  }
}

/**
 * A CoNLL text with the columns token, part of speech, chunk (BIO) and entity (BIO), separated by spaces.
 *
 * Learnable, not trivial: chunks follow from the parts of speech, a third of the verbs are also nouns, and the same
 * capitalised names are people, places or companies according to the words beside them; some names are new in every text.
 */
export function syntheticCorpus(options: SyntheticOptions): string {
  return [...syntheticSentences(options)].join('');
}

function* syntheticSentences({ seed, sentences }: SyntheticOptions): Generator<string, void, undefined> {
  const writer = new Writer(new Dice(seed));
  for (let i = 0; i < sentences; i++) {
    let text = '';
    for (const { word, pos, chunk, ner } of writer.sentence()) text += `${word} ${pos} ${chunk} ${ner}\n`;
    yield `${text}\n`;
  }
}

interface Splits<T> {
  readonly train: T;
  readonly dev: T;
  readonly test: T;
}

/** Texts of three splits of one language, of different sentences; dev and test have half as many as train. */
export function syntheticSplits(options: SyntheticOptions): Splits<string> {
  const { train, dev, test } = syntheticSplitSentences(options);
  return { train: [...train].join(''), dev: [...dev].join(''), test: [...test].join('') };
}

/** The same a sentence at a time, for those who must not work long at a time. */
export function syntheticSplitSentences({ seed, sentences }: SyntheticOptions): Splits<Generator<string, void, undefined>> {
  const heldOut = Math.max(1, sentences >> 1);
  const seedOf = (part: number) => Math.imul(seed * 3 + part + 1, 0x85ebca6b) >>> 0;
  return {
    train: syntheticSentences({ seed: seedOf(0), sentences }),
    dev: syntheticSentences({ seed: seedOf(1), sentences: heldOut }),
    test: syntheticSentences({ seed: seedOf(2), sentences: heldOut }),
  };
}
