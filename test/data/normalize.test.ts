import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LOWERCASE_UNICODE_VERSION } from '../../src/data/lowercase-table.js';
import { charactersOf, foldCase } from '../../src/data/normalize.js';

/** What this engine lowers a code point to, if that is one other code point. */
function engineLowercase(point: number): string {
  const character = String.fromCodePoint(point);
  const lower = character.toLowerCase();
  return [...lower].length === 1 ? lower : character;
}

describe('foldCase', () => {
  test.each([
    ['EU rejects GERMAN call', 'eu rejects german call'],
    ['already lower, 123', 'already lower, 123'],
    ['', ''],
    ['ÄÖÜẞ ÉÀÇ ŁÓDŹ', 'äöüß éàç łódź'],
    ['ΑΘΗΝΑ Σ ΌΣ', 'αθηνα σ όσ'],
    ['МОСКВА ЁЖ Ї', 'москва ёж ї'],
    ['ԵՐԵՎԱՆ', 'երեվան'],
    ['ႠႡ ᲐᲑ', 'ⴀⴁ აბ'],
    ['Ǆ ǅ ǆ', 'ǆ ǆ ǆ'],
    ['𐐀𐐁x', '𐐨𐐩x'],
    ['İSTANBUL', 'İstanbul'],
    ['日本 العربية', '日本 العربية'],
    ['A\ud800B\udc00', 'a\ud800b\udc00'],
  ])('%s', (text, expected) => {
    expect(foldCase(text)).toBe(expected);
  });

  test('changes no length, and nothing more when done again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const folded = foldCase(text);
        expect([...folded].length).toBe([...text].length);
        expect(foldCase(folded)).toBe(folded);
      }),
    );
  });

  test('folds a text character by character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(foldCase(text)).toBe([...text].map(foldCase).join(''));
      }),
    );
  });

  test('has the simple mappings of its Unicode version, whole where the engine has the same version', () => {
    const isSameVersion = process.versions.unicode === LOWERCASE_UNICODE_VERSION;
    const different: string[] = [];
    let mapped = 0;
    for (let point = 0; point <= 0x10ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const character = String.fromCodePoint(point);
      const ours = foldCase(character);
      if (ours !== character) mapped++;
      // An engine with another version knows other letters, but those that both know have one mapping for ever.
      const engine = engineLowercase(point);
      if (ours !== engine && (isSameVersion || (ours !== character && engine !== character))) different.push(point.toString(16));
    }
    expect(different).toEqual([]);
    expect(mapped).toBe(1487);
  });
});

describe('charactersOf', () => {
  test('gives code points', () => {
    expect(charactersOf('aé😀e\u0301')).toEqual(['a', 'é', '😀', 'e', '\u0301']);
    expect(charactersOf('')).toEqual([]);
  });

  test('gives U+FFFD for half a surrogate pair', () => {
    expect(charactersOf('a\ud83d')).toEqual(['a', '\ufffd']);
    expect(charactersOf('\ude00\ud83db')).toEqual(['\ufffd', '\ufffd', 'b']);
  });
});
