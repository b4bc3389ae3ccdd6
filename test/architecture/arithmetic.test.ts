import { describe, expect, test } from 'vitest';
import { checkArithmetic } from './arithmetic-rules.js';
import { parseSource, sourceFiles } from './source-files.js';

test('nothing in src/ depends on the arithmetic, the clock or the locale of the engine', () => {
  expect(sourceFiles('src').flatMap(checkArithmetic)).toEqual([]);
});

describe('the check of arithmetic', () => {
  const rules = (text: string) => checkArithmetic(parseSource('src/model/planted.ts', text)).map((found) => found.rule);

  test.each([
    ['Math.exp(x);', /^Math\.exp/],
    ['Math.tanh(x);', /^Math\.tanh/],
    ['Math.pow(x, 2);', /^Math\.pow/],
    ['const r = Math.random;', /^Math\.random/],
    ['const log = Math["log"];', /^Math: name/],
    ['const { exp } = Math;', /^Math: name/],
    ['const m = Math; m.exp(1);', /^Math: name/],
    ['globalThis.Math.exp(1);', /^Math: not by way/],
    ['x ** 0.5;', /^\*\*/],
    ['x **= 2;', /^\*\*/],
    ['new Date();', /^Date/],
    ['Date.now();', /^Date/],
    ['performance.now();', /^performance/],
    ['globalThis.performance.now();', /^performance/],
    ['new Intl.Collator();', /^Intl/],
    ['crypto.getRandomValues(a);', /^crypto/],
    ['word.toLowerCase();', /^toLowerCase/],
    ['word?.toUpperCase();', /^toUpperCase/],
    ['word["toLowerCase"]();', /^toLowerCase/],
    ['const { normalize } = word;', /^normalize/],
    ['words.sort((a, b) => a.localeCompare(b));', /^localeCompare/],
    ['(1).toLocaleString();', /^toLocaleString/],
    ['/\\p{L}/u.test(x);', /Unicode properties/],
    ['/[a-z]/i.test(x);', /case folding/],
    ['for (const key in object) use(key);', /^for-in/],
  ])('finds %s', (text, rule) => {
    expect(rules(text)).toEqual([expect.stringMatching(rule)]);
  });

  test.each([
    'Math.sqrt(x) + Math.fround(y) - Math.max(a, b) * Math.imul(3, 4);',
    '// Math.exp(x) and x ** 2 in a comment',
    'const text = "Math.exp(x), Date.now()";',
    'interface Report { Date: string; normalize: boolean }',
    'const report = { performance: 1 };',
    '/^[a-z]+$/.test(x);',
    'for (const key of Object.keys(object)) use(key);',
  ])('lets %s pass', (text) => {
    expect(rules(text)).toEqual([]);
  });
});
