import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TagScheme } from '../../src/config/config.js';
import {
  checkLabels,
  convertLabels,
  labelsOf,
  labelsOfType,
  requireScheme,
  type Span,
  spansOf,
  typeOfLabel,
} from '../../src/data/tag-scheme.js';
import { CorpusError } from '../../src/errors.js';
import { errorOf } from '../helpers/text.js';

const SCHEMES: readonly TagScheme[] = ['bio', 'iob1', 'bioes'];
const scheme = fc.constantFrom(...SCHEMES);

/** A sentence's length and spans, some of them touching, some of equal types. */
const annotated = fc
  .array(fc.record({ gap: fc.nat(2), tokens: fc.integer({ min: 1, max: 4 }), type: fc.constantFrom('X', 'Y', 'B-Z') }), { maxLength: 6 })
  .chain((parts) =>
    fc.nat(2).map((rest) => {
      const spans: Span[] = [];
      let at = 0;
      for (const { gap, tokens, type } of parts) {
        spans.push({ start: at + gap, end: at + gap + tokens, type });
        at += gap + tokens;
      }
      return { spans, length: at + rest };
    }),
  );

/** Any labels of a scheme in any order, mostly invalid sequences. */
const anyLabels = (of: TagScheme) =>
  fc.array(fc.constantFrom('O', ...['X', 'Y'].flatMap((type) => labelsOfType(type, of))), { maxLength: 12 });

/** `B-X I-X` as "BX IX". */
function expand(short: string): string[] {
  return short === '' ? [] : short.split(' ').map((s) => (s === 'O' ? s : `${s[0]}-${s.slice(1)}`));
}

function shorten(spans: readonly Span[]): string {
  return spans.map(({ start, end, type }) => `${type}(${start},${end})`).join(' ');
}

describe('spans are those that conlleval finds', () => {
  test.each<[TagScheme, string, string]>([
    ['bio', '', ''],
    ['bio', 'O O', ''],
    ['bio', 'BX IX O BX', 'X(0,2) X(3,4)'],
    ['bio', 'BX BX', 'X(0,1) X(1,2)'],
    ['bio', 'O IX IX', 'X(1,3)'],
    ['bio', 'BX IY IY', 'X(0,1) Y(1,3)'],
    ['bio', 'BX IX IX', 'X(0,3)'],
    ['iob1', 'IX IX BX IX', 'X(0,2) X(2,4)'],
    ['iob1', 'IX IY O IX', 'X(0,1) Y(1,2) X(3,4)'],
    ['iob1', 'O BX IX', 'X(1,3)'],
    ['bioes', 'BX EX O', 'X(0,2)'],
    ['bioes', 'BX O EX', 'X(0,1) X(2,3)'],
    ['bioes', 'IX EX O', 'X(0,2)'],
    ['bioes', 'O EX O', 'X(1,2)'],
    ['bioes', 'BX EY', 'X(0,1) Y(1,2)'],
    ['bioes', 'BX IY EX', 'X(0,1) Y(1,2) X(2,3)'],
    ['bioes', 'SX EX O', 'X(0,2)'],
    ['bioes', 'EX IX O', 'X(0,2)'],
    ['bioes', 'SX SX BX EX BX EX', 'X(0,1) X(1,2) X(2,4) X(4,6)'],
  ])('%s: %s', (of, labels, expected) => {
    expect(shorten(spansOf(expand(labels), of))).toBe(expected);
  });

  test('with everything after the first hyphen as the type', () => {
    expect(spansOf(['B-a-b', 'I-a-b', 'I-a'], 'bio')).toEqual([
      { start: 0, end: 2, type: 'a-b' },
      { start: 2, end: 3, type: 'a' },
    ]);
    expect([typeOfLabel('B-a-b'), typeOfLabel('O')]).toEqual(['a-b', '']);
  });

  test('whatever sequence they are read from: ascending, not empty, without overlap, covering all but O', () => {
    fc.assert(
      fc.property(
        scheme.chain((of) => fc.tuple(fc.constant(of), anyLabels(of))),
        ([of, labels]) => {
          const types = new Array<string>(labels.length).fill('');
          let free = 0;
          for (const { start, end, type } of spansOf(labels, of)) {
            expect(start).toBeGreaterThanOrEqual(free);
            expect(end).toBeGreaterThan(start);
            types.fill(type, start, end);
            free = end;
          }
          expect(types).toEqual(labels.map(typeOfLabel));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('labels', () => {
  test.each<[TagScheme, string]>([
    ['bio', 'BX IX IX BX BY O BX'],
    ['iob1', 'IX IX IX BX IY O IX'],
    ['bioes', 'BX IX EX SX SY O SX'],
  ])('of spans in %s', (of, expected) => {
    const spans = spansOf(expand('BX IX IX BX BY O BX'), 'bio');
    expect(labelsOf(spans, 7, of)).toEqual(expand(expected));
  });

  test('of spans give the same spans again, in every scheme', () => {
    fc.assert(
      fc.property(annotated, scheme, ({ spans, length }, of) => {
        const labels = labelsOf(spans, length, of);
        expect(labels.length).toBe(length);
        expect(spansOf(labels, of)).toEqual(spans);
        checkLabels(labels, of);
      }),
      { numRuns: 500 },
    );
  });

  test('go from any scheme through any other and back unchanged, when they are valid', () => {
    fc.assert(
      fc.property(annotated, scheme, scheme, ({ spans, length }, from, to) => {
        const labels = labelsOf(spans, length, from);
        expect(convertLabels(convertLabels(labels, from, to), to, from)).toEqual(labels);
      }),
      { numRuns: 500 },
    );
  });

  test('keep their spans through a conversion, also when they are not valid, and are repaired once and for all', () => {
    fc.assert(
      fc.property(
        scheme.chain((from) => fc.tuple(fc.constant(from), anyLabels(from))),
        scheme,
        ([from, labels], to) => {
          const converted = convertLabels(labels, from, to);
          expect(spansOf(converted, to)).toEqual(spansOf(labels, from));
          expect(convertLabels(converted, to, to)).toEqual(converted);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    [
      'overlap',
      [
        { start: 0, end: 2, type: 'X' },
        { start: 1, end: 3, type: 'X' },
      ],
    ],
    [
      'descend',
      [
        { start: 2, end: 3, type: 'X' },
        { start: 0, end: 1, type: 'X' },
      ],
    ],
    ['are empty', [{ start: 1, end: 1, type: 'X' }]],
    ['leave the sentence', [{ start: 2, end: 5, type: 'X' }]],
  ])('are refused for spans that %s', (_what, spans) => {
    expect(errorOf(() => labelsOf(spans, 4, 'bio'), CorpusError)?.code).toBe('CORPUS_SPAN_OUT_OF_ORDER');
  });
});

describe('the check of labels', () => {
  test.each([
    ['bio', 'NN'],
    ['bio', 'B'],
    ['bio', 'B-'],
    ['bio', ''],
    ['bio', 'b-X'],
    ['bio', 'BX-Y'],
    ['bio', 'o'],
    ['bio', 'E-X'],
    ['iob1', 'S-X'],
    ['bioes', 'M-X'],
    ['bioes', 'U-X'],
  ])('refuses in %s the label "%s", at its place', (of, label) => {
    const position = (i: number) => ({ file: 'a.txt', line: 10 + i, column: 5 });
    const error = errorOf(() => checkLabels(['O', label], of, position), CorpusError)!;
    expect([error.code, error.position]).toEqual(['CORPUS_LABEL_NOT_IN_SCHEME', position(1)]);
    expect(error.message).toContain(`label ${JSON.stringify(label)} is not of the scheme ${of}, expected O, B-TYPE`);
    expect(errorOf(() => spansOf(['O', label], of as TagScheme), CorpusError)?.code).toBe('CORPUS_LABEL_NOT_IN_SCHEME');
  });

  test('says it when the labels are of BIOES', () => {
    expect(() => checkLabels(['E-X'], 'bio')).toThrow('set the scheme to bioes');
  });

  test('refuses a scheme that there is not, also one of an object’s own names', () => {
    for (const name of ['bilou', 'BIO', '', 'constructor', '__proto__']) {
      expect(errorOf(() => requireScheme(name), CorpusError)?.code).toBe('CORPUS_UNKNOWN_SCHEME');
      expect(errorOf(() => checkLabels([], name), CorpusError)?.code).toBe('CORPUS_UNKNOWN_SCHEME');
    }
    for (const name of SCHEMES) requireScheme(name);
  });
});
