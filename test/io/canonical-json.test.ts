import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, parseJson, toJsonValue } from '../../src/io/canonical-json.js';

const json = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }).filter((value) => !JSON.stringify(value).includes('__proto__'));

describe('canonical JSON', () => {
  it.each([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    // Keys go by UTF-16 code unit: the surrogates of U+10400 come before U+FF21.
    [{ '\uFF21': 1, '\u{10400}': 2, Z: 3, a: 4, '': 5, 10: 6, 9: 7 }, '{"":5,"10":6,"9":7,"Z":3,"a":4,"\u{10400}":2,"\uFF21":1}'],
    [[0, -0, 1e21, 1e-7, 0.1, 123456789012345680000, 5e-324, 4.5, 100], '[0,0,1e+21,1e-7,0.1,123456789012345680000,5e-324,4.5,100]'],
    ['"\\/\b\f\n\r\t\u0001\u007f\u2028\u00e9', '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\u007f\u2028\u00e9"'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [{}, '{}'],
    [[], '[]'],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it.each([
    ['JSON_NOT_FINITE', { a: [Number.NaN] }, '$.a[0]'],
    ['JSON_NOT_FINITE', Number.POSITIVE_INFINITY, '$'],
    ['JSON_NOT_UNICODE', { a: '\uD800' }, '$.a'],
    ['JSON_NOT_UNICODE', { 'x\uDC00': 1 }, 'a key of $'],
    ['JSON_NOT_PLAIN', { a: undefined }, '$.a'],
    ['JSON_NOT_PLAIN', [new Map()], '$[0]'],
    ['JSON_NOT_PLAIN', new Date(0), '$'],
    ['JSON_NOT_PLAIN', () => 1, '$'],
    ['JSON_NOT_PLAIN', 1n, '$'],
    // biome-ignore lint/suspicious/noSparseArray: a hole is the case
    ['JSON_NOT_PLAIN', [1, , 2], '$[1]'],
    ['JSON_FORBIDDEN_KEY', JSON.parse('{"a":{"__proto__":1}}'), '$.a'],
    ['JSON_TOO_DEEP', JSON.parse('['.repeat(65) + ']'.repeat(65)), '$'],
  ])('refuses with %s and says where', (code, value, path) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(path) }));
  });

  it('comes back as the value, and as the same text', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(parseJson(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(parseJson(text))).toBe(text);
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it('does not depend on the order in which keys were set', () => {
    expect(canonicalJson({ a: 1, b: { d: 1, c: 2 } })).toBe(canonicalJson({ b: { c: 2, d: 1 }, a: 1 }));
  });

  it('copies plain data', () => {
    const source = { b: [1], a: 2 };
    const copy = toJsonValue(source) as { b: number[] };
    expect(copy).toEqual(source);
    expect(Object.keys(copy)).toEqual(['a', 'b']);
    expect(copy.b).not.toBe(source.b);
  });
});

describe('the strict parser', () => {
  it('reads what JSON.parse reads, with any layout', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(0, 1, '\t'), (value, space) => {
        const text = ` \r\n\t${JSON.stringify(value, null, space)}\n`;
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  it.each(['"\\u00e9\\ud83d\\ude00\\/\\b"', '-0.5e-3', '1E+2', '[1 , 2]', '"\u007f\u2028"', '{"constructor":1,"toString":2}'])(
    'reads %s',
    (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    },
  );

  it('agrees with JSON.parse on what is no JSON', () => {
    const soup = fc.string({
      unit: fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ':',
        ',',
        '"',
        '\\',
        'u',
        '0',
        '1',
        '-',
        '+',
        '.',
        'e',
        'a',
        ' ',
        '\n',
        'null',
        'true',
        '"a"',
      ),
    });
    let accepted = 0;
    fc.assert(
      fc.property(soup, (text) => {
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: 'JSON_SYNTAX' }));
          return;
        }
        accepted++;
        expect(parseJson(text)).toEqual(expected);
      }),
      { numRuns: 20_000, seed: 3 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it.each([
    ['', 'JSON_SYNTAX', 0, 'Expected a value, found the end of the text.'],
    ['{"a" 1}', 'JSON_SYNTAX', 5, 'Expected ":", found "1".'],
    ['{"a":1,}', 'JSON_SYNTAX', 7, 'Expected a key in quotes, found "}".'],
    ['[1 2]', 'JSON_SYNTAX', 3, 'Expected "," or "]", found "2".'],
    ['{"a":1;', 'JSON_SYNTAX', 6, 'Expected "," or "}", found ";".'],
    ['1 2', 'JSON_SYNTAX', 2, 'Expected the end of the text, found "2".'],
    ['01', 'JSON_SYNTAX', 1, 'Expected the end of the text, found "1".'],
    ['"a\nb"', 'JSON_SYNTAX', 2, 'Expected a closing quote (controls must be escaped), found "\\n".'],
    ['"\\x"', 'JSON_SYNTAX', 2, 'Expected one of "\\/bfnrtu after a backslash, found "x".'],
    ['"\\u12g4"', 'JSON_SYNTAX', 3, 'Expected four hexadecimal digits, found "1".'],
    ['NaN', 'JSON_SYNTAX', 0, 'Expected a value, found "N".'],
    ['{"a":1,"b":{},"a":2}', 'JSON_DUPLICATE_KEY', 14, 'The key "a" occurs twice in one object.'],
    ['{"a":1,"\\u0061":2}', 'JSON_DUPLICATE_KEY', 7, 'The key "a" occurs twice in one object.'],
    ['{"a":{"__proto__":{}}}', 'JSON_FORBIDDEN_KEY', 6, 'The key "__proto__" is not allowed.'],
    ['{"__pr\\u006fto__":{}}', 'JSON_FORBIDDEN_KEY', 1, 'The key "__proto__" is not allowed.'],
    ['[1e999]', 'JSON_NOT_FINITE', 1, 'The number 1e999 is too large.'],
    ['["\\ud800"]', 'JSON_NOT_UNICODE', 1, 'The string holds a lone surrogate.'],
    ['"\uDC00"', 'JSON_NOT_UNICODE', 0, 'The string holds a lone surrogate.'],
  ])('refuses %j with %s at %i', (text, code, offset, message) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ code, offset, message }));
  });

  it('keeps to its limits', () => {
    expect(parseJson('[[1]]', { depth: 2, length: 5 })).toEqual([[1]]);
    expect(() => parseJson('[[1]]', { depth: 1 })).toThrow(expect.objectContaining({ code: 'JSON_TOO_DEEP', offset: 1 }));
    expect(() => parseJson('[[1]]', { length: 4 })).toThrow(expect.objectContaining({ code: 'JSON_TOO_LONG' }));
    expect(() => parseJson('['.repeat(100_000))).toThrow(expect.objectContaining({ code: 'JSON_TOO_DEEP' }));
  });
});
