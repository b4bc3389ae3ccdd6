import { LOWERCASE_RUNS } from './lowercase-table.js';

/** Lower case of each code point that has another one. */
const LOWERCASE = new Map<number, number>();
for (let run = 0; run < LOWERCASE_RUNS.length; run += 4) {
  const first = LOWERCASE_RUNS[run]!;
  const count = LOWERCASE_RUNS[run + 1]!;
  const step = LOWERCASE_RUNS[run + 2]!;
  const delta = LOWERCASE_RUNS[run + 3]!;
  for (let k = 0; k < count; k++) LOWERCASE.set(first + k * step, first + k * step + delta);
}

const REPLACEMENT = '\ufffd';

/**
 * The text in lower case by the project's own frozen table of simple mappings, the same on every engine.
 *
 * Each code point maps to one code point by itself: capital sigma becomes σ also at the end of a word, and İ (U+0130), whose
 * lower case is two code points, stays as it is. No locale, no normalisation; lone surrogates stay.
 */
export function foldCase(text: string): string {
  let folded = '';
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) {
      if (code < 0x41 || code > 0x5a) continue;
      folded += text.slice(copied, at) + String.fromCharCode(code + 32);
      copied = at + 1;
      continue;
    }
    const point = text.codePointAt(at)!;
    const units = point > 0xffff ? 2 : 1;
    const lower = LOWERCASE.get(point);
    if (lower !== undefined) {
      folded += text.slice(copied, at) + String.fromCodePoint(lower);
      copied = at + units;
    }
    at += units - 1;
  }
  return copied === 0 ? text : folded + text.slice(copied);
}

/** The code points of a token, each as a string; a lone surrogate, which is no character, is given as U+FFFD. */
export function charactersOf(token: string): string[] {
  const characters = Array.from(token);
  for (const [i, character] of characters.entries()) {
    const isLoneSurrogate = character.length === 1 && (character.charCodeAt(0) & 0xf800) === 0xd800;
    if (isLoneSurrogate) characters[i] = REPLACEMENT;
  }
  return characters;
}
