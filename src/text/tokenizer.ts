import { foldCase } from '../data/normalize.js';
import { classOf, DIGIT, LETTER, SPACE, SYMBOL } from './characters.js';
import { ABBREVIATIONS, CLITICS, CONTRACTIONS, EMOTICONS, PREFIXES, TITLES } from './rules.js';

/** A token as offsets in UTF-16 code units; the end is exclusive. */
export interface TokenSpan {
  readonly start: number;
  readonly end: number;
}

const OPENING = '([{<«“‘„‚‹"\'`¿¡*_~';
const CLOSING = ')]}>»”’›"\'`,;:*_~-–—|•=';
/** Marks whose runs are one token, whatever their mixture: ?!, ?? */
const SHOUTING = '!?…';
/** Symbols that end a word in its middle too. */
const DIVIDING = '"“”«»()[]{}<>;!?…|—–•·=';
const CURRENCY = '$£€¥¢';
/** Web and mail addresses, names of users and files: no symbol within is split off. */
const ADDRESS =
  /^(?:[a-z][a-z0-9+.-]*:\/\/\S+|www\.\S+|[^\s@]+@[^\s@]+\.[^\s@]+|@\w+|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|info|biz|co|io|uk|de|fr|eu|us|ca|au|pdf|docx?|xlsx?|txt|jpe?g|png|gif|html?|zip|ppt|exe)(?:\/\S*)?)$/;
/** Marks that end an address rather than belong to it. */
const AFTER_ADDRESS = ',;:!?."\')]}>”’';
/** Numbers whose symbols belong to them: 1,000.5  12:30  24/7  1990s  555-1234-99  10-12-2004 */
const NUMBER = /^[+-]?\d+(?:[.,:/]\d+)*(?:st|nd|rd|th|s)?$|^\d{3,}(?:[-.]\d{2,})+$|^\d{1,2}-\d{1,2}-\d{2,4}$/;
/** Letters with full stops between: U.S.  e.g.  J. */
const INITIALS = /^(?:[a-z]\.)+$/;

/** Runs without white space beyond this length are cut at every symbol: no word is that long. */
const LONGEST_WORD = 200;

/** Cuts text[begin, end) into tokens, from left to right; white space is in none of them. Linear in the length. */
export function tokenize(text: string, begin = 0, end = text.length): TokenSpan[] {
  const tokens: TokenSpan[] = [];
  let at = begin;
  while (at < end) {
    const code = text.codePointAt(at)!;
    if (classOf(code) === SPACE) {
      at += unitsOf(code);
      continue;
    }
    let to = at;
    let hasLettersOnly = true;
    for (let next = code, kind = classOf(code); to < end && kind !== SPACE; next = text.codePointAt(to) ?? 0, kind = classOf(next)) {
      hasLettersOnly &&= kind === LETTER;
      to += unitsOf(next);
    }
    if (to - at > LONGEST_WORD) splitAtSymbols(text, at, to, tokens);
    else if (hasLettersOnly && isSimple(text.slice(at, to))) tokens.push({ start: at, end: to });
    else new Chunk(text, at, to, tokens).split();
    at = to;
  }
  return tokens;
}

/** Whether no rule cuts a run of letters: most words are such, and need not be held against every rule. */
function isSimple(letters: string): boolean {
  const word = normal(letters);
  return !CONTRACTIONS.has(word) && !word.includes("'") && !EMOTICONS.has(letters.slice(-2));
}

export function unitsOf(code: number): 1 | 2 {
  return code > 0xffff ? 2 : 1;
}

function splitAtSymbols(text: string, begin: number, end: number, tokens: TokenSpan[]): void {
  let start = begin;
  for (let at = begin; at < end; ) {
    const code = text.codePointAt(at)!;
    const next = at + unitsOf(code);
    if (classOf(code) === SYMBOL) {
      if (start < at) tokens.push({ start, end: at });
      tokens.push({ start: at, end: next });
      start = next;
    } else if (next - start > LONGEST_WORD) {
      tokens.push({ start, end: next });
      start = next;
    }
    at = next;
  }
  if (start < end) tokens.push({ start, end });
}

/** One run without white space: what opens it, a word or several, what closes it. */
class Chunk {
  constructor(
    private readonly text: string,
    private start: number,
    private stop: number,
    private readonly tokens: TokenSpan[],
  ) {}

  split(): void {
    while (this.start < this.stop) {
      const length = this.leading();
      if (length === 0) break;
      this.tokens.push({ start: this.start, end: this.start + length });
      this.start += length;
    }
    const closing: TokenSpan[] = [];
    while (this.start < this.stop) {
      const length = this.trailing();
      if (length === 0) break;
      closing.push({ start: this.stop - length, end: this.stop });
      this.stop -= length;
    }
    if (this.start < this.stop) this.word(this.start, this.stop);
    this.tokens.push(...closing.reverse());
  }

  private rest(): string {
    return normal(this.text.slice(this.start, this.stop));
  }

  /** Length of the token that opens the chunk before its word; 0: none. */
  private leading(): number {
    const rest = this.rest();
    if (EMOTICONS.has(this.text.slice(this.start, this.stop)) || CONTRACTIONS.has(rest)) return 0;
    const first = this.text[this.start]!;
    if (first === "'" || first === '’') {
      if (CLITICS.some((clitic) => rest === clitic) || /^'\d\ds?$/.test(rest)) return 0;
    }
    const isAlone = this.stop - this.start === 1;
    if (!isAlone && (CURRENCY.includes(first) || (first === '#' && /^#\d/.test(rest)) || /^[-–—]+[^\d-]/.test(rest)))
      return this.runFrom(first);
    return OPENING.includes(first) ? this.runFrom(first) : 0;
  }

  /** Length of the token that closes the chunk after its word; 0: none. */
  private trailing(): number {
    const rest = this.rest();
    const raw = this.text.slice(this.start, this.stop);
    const isAddress = !AFTER_ADDRESS.includes(raw.at(-1)!) && ADDRESS.test(rest);
    if (EMOTICONS.has(raw) || isAddress || CLITICS.some((clitic) => rest === clitic || rest.endsWith(clitic))) return 0;
    if (raw.length > 2 && EMOTICONS.has(raw.slice(-2)) && !/\d/.test(raw.at(-3)!)) return 2;
    const last = raw.at(-1)!;
    if (SHOUTING.includes(last)) return this.runBack((c) => SHOUTING.includes(c) || c === '.');
    if (last === '.') {
      const dots = this.runBack((c) => c === '.');
      if (dots > 1) return dots;
      const before = rest.slice(0, -1);
      return INITIALS.test(rest) || TITLES.has(before) || ABBREVIATIONS.has(before) || before === '' ? 0 : 1;
    }
    if (last === '%') return raw.length > 1 ? 1 : 0;
    return CLOSING.includes(last) && raw.length > 1 ? this.runBack((c) => c === last) : 0;
  }

  private runFrom(character: string): number {
    let to = this.start;
    // Brackets stand alone; quotes, dashes and stars come in runs.
    if ('([{#'.includes(character)) return 1;
    while (to < this.stop && this.text[to] === character) to++;
    return to - this.start;
  }

  private runBack(isSame: (character: string) => boolean): number {
    let from = this.stop;
    while (from > this.start && isSame(this.text[from - 1]!)) from--;
    return ')]}'.includes(this.text[this.stop - 1]!) ? 1 : this.stop - from;
  }

  /** A word without marks around it. */
  private word(start: number, stop: number): void {
    const raw = this.text.slice(start, stop);
    const word = normal(raw);
    const isWhole = EMOTICONS.has(raw) || ADDRESS.test(word) || NUMBER.test(word);
    const clitic = CLITICS.find((end) => word.endsWith(end) && word.length > end.length);
    const first = isWhole ? undefined : (CONTRACTIONS.get(word) ?? (clitic && word.length - clitic.length));
    if (first !== undefined) {
      this.word(start, start + first);
      this.tokens.push({ start: start + first, end: stop });
      return;
    }
    const cut = isWhole ? null : this.innerCut(raw, word);
    if (!cut) {
      this.tokens.push({ start, end: stop });
      return;
    }
    const [from, to] = [start + cut[0], start + cut[1]];
    if (start < from) this.word(start, from);
    if (from < to) this.tokens.push({ start: from, end: to });
    if (to < stop) new Chunk(this.text, to, stop, this.tokens).split();
  }

  /** The first symbol, or run of one, that divides a word: [begin, end) within it. */
  private innerCut(raw: string, word: string): readonly [number, number] | null {
    for (let at = 1; at < raw.length - 1; at++) {
      const code = raw.charCodeAt(at);
      if (classOf(code) !== SYMBOL || (code & 0xf800) === 0xd800) continue;
      const character = raw[at]!;
      let end = at + 1;
      while (end < raw.length && raw[end] === character) end++;
      const isRun = end - at > 1;
      const between = [classOf(raw.charCodeAt(at - 1)), classOf(raw.codePointAt(end) ?? 0)];
      const isInNumber = between[0] === DIGIT && between[1] === DIGIT;
      if (DIVIDING.includes(character) || (isRun && '-.,~_*'.includes(character))) return [at, end];
      if (character === '-' && !isRun && !PREFIXES.has(word.slice(0, at))) return [at, end];
      if ('/,:'.includes(character) && !isInNumber) return [at, end];
      if (character === '$' && at > 0) return [at, at];
    }
    // A number and what it counts: 5pm stays, 50% and 10€ do not.
    const unit = /^\d[\d.,]*(?=[%€£]$)/.exec(word);
    return unit ? [unit[0].length, raw.length] : null;
  }
}

/** Lower case with plain apostrophes, of the same length. */
function normal(text: string): string {
  return foldCase(text).replace(/[’ʼ]/g, "'");
}
