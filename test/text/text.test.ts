import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConll } from '../../src/io/conll.js';
import { CHARACTER_UNICODE_VERSION } from '../../src/text/character-table.js';
import { classOf, DIGIT, LETTER, SPACE, SYMBOL } from '../../src/text/characters.js';
import { codePointOffsets, sentencesOf, splitText, splitTextStream } from '../../src/text/sentences.js';

const tokensOf = (text: string): string =>
  splitText(text)
    .flatMap(({ tokens }) => tokens)
    .join(' ');

describe('tokens', () => {
  test.each([
    ['Hello, world!', 'Hello , world !'],
    ["I don't know; it's Ann's.", "I do n't know ; it 's Ann 's ."],
    ['They’re here, aren’t they?', 'They ’re here , are n’t they ?'],
    ['You cannot; I’m gonna.', 'You can not ; I ’m gon na .'],
    ['soXD donʼt cannot im AKXD', 'so XD do nʼt can not i m AK XD'],
    ['a well-known, state-of-the-art method', 'a well - known , state - of - the - art method'],
    ['an e-mail about anti-virus co-operation', 'an e-mail about anti-virus co-operation'],
    ['Mr. Smith of Acme Inc. paid $5.50 (10%).', 'Mr. Smith of Acme Inc. paid $ 5.50 ( 10 % ) .'],
    ['At 12:30 on 3/4/05, 1,000,000 people', 'At 12:30 on 3/4/05 , 1,000,000 people'],
    ['See http://a.org/x?y=1, or mail a.b@c.de.', 'See http://a.org/x?y=1 , or mail a.b@c.de .'],
    ['and/or @user #1 :-) ok... wait--no', 'and / or @user # 1 :-) ok ... wait -- no'],
    ['“Yes,” he said. "No," she said.', '“ Yes , ” he said . " No , " she said .'],
    ['the U.S. and J. R. Doe', 'the U.S. and J. R. Doe'],
    ['[12]–[15]', '[ 12 ] – [ 15 ]'],
    ['What?! Really!!', 'What ?! Really !!'],
    ['the 1990s, the 2nd, 24/7', 'the 1990s , the 2nd , 24/7'],
    ['Größe: 5 €', 'Größe : 5 €'],
    ["the students' books", "the students ' books"],
    ['\u00a0non\u2009breaking\u3000space', 'non breaking space'],
  ])('of %j', (text, tokens) => {
    expect(tokensOf(text)).toBe(tokens);
  });

  test('are cut out of the text at their offsets, and leave nothing but white space', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    const words = fc.array(
      fc.constantFrom("don't", 'U.S.', '...', '—', '"', '(', ')', ':-)', 'a-b', '😀', '\n\n', ' ', "'s", '$', '%', '/', ',', '1,2'),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          words.map((parts) => parts.join('')),
        ),
        (sample) => {
          let at = 0;
          for (const { tokens, starts, ends } of splitText(sample)) {
            expect(tokens.length).toBeGreaterThan(0);
            tokens.forEach((token, i) => {
              expect(sample.slice(starts[i], ends[i])).toBe(token);
              expect(token).not.toBe('');
              for (const between of sample.slice(at, starts[i])) expect(classOf(between.codePointAt(0)!)).toBe(SPACE);
              at = ends[i]!;
            });
          }
          for (const rest of sample.slice(at)) expect(classOf(rest.codePointAt(0)!)).toBe(SPACE);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('of long runs of anything are found in time that grows with the length', () => {
    for (const unit of ['.', 'a', '(', '-', "'", 'a-', 'a.', '@', ',a', '😀', 'http://', "n't"]) {
      const text = unit.repeat(Math.ceil(60_000 / unit.length));
      const begin = performance.now();
      splitText(text);
      // Some milliseconds; a quadratic loop would take minutes.
      expect(performance.now() - begin).toBeLessThan(10_000);
    }
  });
});

describe('sentences', () => {
  test.each([
    ['One. Two! Three? Four', 4],
    ['Mr. Smith met Dr. Jones.', 1],
    ['He works for Acme Inc. The firm is old.', 2],
    ['It cost 5.50. That is much.', 2],
    ['He said “Go.” Then he left.', 2],
    ['A heading\n\nA paragraph\nin two lines.', 2],
    ['e.g. this, i.e. that.', 1],
    ['Wait... what? (Gone.) Yes. No.', 4],
    ['', 0],
    [' \n\n \n', 0],
  ])('of %j are %i', (text, count) => {
    expect(splitText(text).map(({ tokens }) => tokens.join(' '))).toHaveLength(count);
  });

  test('of long paragraphs are whole wherever a stretch of them ends', () => {
    for (let length = 985; length <= 1005; length++) {
      const text = `${'a'.repeat(length - 800)} ${'b '.repeat(400)}Ann's cat. It isn't here.`;
      const sentences = [...sentencesOf(text)].map(({ tokens }) => tokens.slice(-6).join(' '));
      expect(sentences).toEqual(["b b Ann 's cat .", "It is n't here ."]);
    }
  });

  test('of a stream are those of the text, wherever it is cut', async () => {
    const text = 'One. Two isn’t\nhere.\n\nMr. 😀 Three!\n \nFour\n\n\n\nFive';
    for (const size of [1, 2, 5, 1000]) {
      async function* pieces(): AsyncGenerator<string> {
        for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
      }
      const streamed = [];
      const points = codePointOffsets(text);
      for await (const { tokens, starts, ends, text: own, offset, codePointOffset } of splitTextStream(pieces())) {
        expect(own).toBe(text.slice(offset, offset + ends.at(-1)!));
        expect(tokens).toEqual(tokens.map((_, i) => own.slice(starts[i], ends[i])));
        expect(codePointOffset).toBe(points[offset]);
        streamed.push({ tokens, starts: starts.map((at) => at + offset), ends: ends.map((at) => at + offset) });
      }
      expect(streamed).toEqual(splitText(text));
    }
  });

  test('of a stream without empty lines take bounded memory', async () => {
    const piece = 'All work and no play makes Jack a dull boy. '.repeat(1000);
    async function* pieces(): AsyncGenerator<string> {
      for (let i = 0; i < 40; i++) yield piece;
    }
    let [tokens, end] = [0, 0];
    for await (const sentence of splitTextStream(pieces())) {
      expect(sentence.offset).toBeGreaterThanOrEqual(end);
      end = sentence.offset + sentence.text.length;
      tokens += sentence.tokens.length;
    }
    expect(tokens).toBe(40 * 1000 * 11);
  });
});

test('offsets in code points count a pair of surrogates as one', () => {
  expect([...codePointOffsets('a😀b\ud800')]).toEqual([0, 1, 1, 2, 3, 4]);
});

test('characters have the classes of the Unicode version of the table', () => {
  expect([...'aé1 \u3000,😀'].map((character) => classOf(character.codePointAt(0)!))).toEqual([
    LETTER,
    LETTER,
    DIGIT,
    SPACE,
    SPACE,
    SYMBOL,
    SYMBOL,
  ]);
  if (process.versions.unicode !== CHARACTER_UNICODE_VERSION) return;
  const classes = [/[\p{L}\p{M}]/u, /\p{N}/u, /[\p{White_Space}\u200b\ufeff]/u];
  for (let code = 0; code <= 0x10ffff; code += 1 + (code % 7)) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    expect(classOf(code)).toBe(classes.findIndex((pattern) => pattern.test(String.fromCodePoint(code))) + 1);
  }
});

// What `npm run report:tokenizer` gives, less a little: changes of the rules may not lose it. docs/text.md has the figures.
const data = fileURLToPath(new URL('../../../shared/data', import.meta.url));
if (!existsSync(data)) console.warn(`skipped: no corpora in ${data}, so the tokenizer is not compared with treebanks`);
test.skipIf(!existsSync(data)).each([
  ['gum-open/test.txt', 99.4, 90],
  ['ewt-uner/test.txt', 98.7, 81],
  ['en-pud/test.txt', 99.8, 99.5],
])('agrees with the treebank tokens of %s', async (file, tokens, sentences) => {
  const { compare } = await import('../../bench/compare-tokens.mjs');
  const gold = parseConll(readFileSync(`${data}/${file}`, 'utf8'), { file, tokenColumn: 0, columns: [1] });
  const { f1, sentenceF1 } = compare(gold, splitText);
  expect(f1).toBeGreaterThan(tokens);
  expect(sentenceF1).toBeGreaterThan(sentences);
});
