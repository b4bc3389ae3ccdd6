import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatConlleval, type LabelPair, parseConlleval, SpanCounter, scoreSpans } from '../../src/evaluate/conlleval.js';

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
const pair = (gold: string, predicted: string): LabelPair => ({ gold: words(gold), predicted: words(predicted) });
const counts = (gold: string, predicted: string, scheme: 'bio' | 'iob1' | 'bioes' = 'bio') => {
  const { gold: g, predicted: p, correct: c } = scoreSpans([pair(gold, predicted)], scheme);
  return [g, p, c];
};

/** Spans of a BIO sequence by definition, repaired as conlleval does: `type start end`. Slow and plain on purpose. */
function spansOf(labels: readonly string[]): string[] {
  const at = (i: number): { prefix: string; type: string } => {
    const label = labels[i] ?? 'O';
    return label === 'O' ? { prefix: 'O', type: '' } : { prefix: label[0]!, type: label.slice(2) };
  };
  const startsAt = (i: number): boolean =>
    at(i).prefix === 'B' || (at(i).prefix === 'I' && (at(i - 1).prefix === 'O' || at(i - 1).type !== at(i).type));
  const spans: string[] = [];
  for (let start = 0; start < labels.length; start++) {
    if (!startsAt(start)) continue;
    let end = start + 1;
    while (end < labels.length && at(end).prefix === 'I' && at(end).type === at(start).type) end++;
    spans.push(`${at(start).type} ${start} ${end}`);
  }
  return spans;
}

describe('span counting', () => {
  it.each([
    // gold, predicted, [gold spans, predicted spans, correct]
    ['B-A I-A O', 'B-A I-A O', [1, 1, 1]],
    ['B-A I-A O', 'B-A O O', [1, 1, 0]],
    ['B-A I-A I-A', 'B-A I-A I-A', [1, 1, 1]],
    ['O I-A I-A', 'O B-A I-A', [1, 1, 1]],
    ['B-A I-B I-B', 'B-A B-B I-B', [2, 2, 2]],
    ['I-A I-A B-A', 'B-A I-A B-A', [2, 2, 2]],
    ['B-A I-A', 'B-B I-B', [1, 1, 0]],
    ['B-A B-A', 'B-A I-A', [2, 1, 0]],
    ['B-A', 'O', [1, 0, 0]],
    ['O O', 'O I-A', [0, 1, 0]],
    ['B-A-X I-A-X', 'B-A-X I-A-Y', [1, 2, 0]],
    ['', '', [0, 0, 0]],
  ])('%s against %s', (gold, predicted, expected) => {
    expect(counts(gold, predicted)).toEqual(expected);
  });

  it.each([
    ['B-A E-A O', 'B-A I-A O', [1, 1, 1]],
    ['B-A O E-A', 'B-A O B-A', [2, 2, 2]],
    ['I-A E-A O', 'B-A E-A O', [1, 1, 1]],
    ['O E-A O', 'O S-A O', [1, 1, 1]],
    ['B-A E-B', 'S-A S-B', [2, 2, 2]],
    ['B-A I-B E-A', 'S-A S-B S-A', [3, 3, 3]],
    ['S-A E-A O', 'B-A E-A O', [1, 1, 1]],
    ['E-A I-A O', 'B-A E-A O', [1, 1, 1]],
    ['S-A S-A', 'S-A E-A', [2, 1, 0]],
  ])('reads BIOES as BIO with E as I and S as B: %s against %s', (gold, predicted, expected) => {
    expect(counts(gold, predicted, 'bioes')).toEqual(expected);
  });

  it('lets no span cross a sentence break', () => {
    const score = scoreSpans([pair('B-A', 'B-A'), pair('I-A', 'I-A')]);
    expect([score.gold, score.predicted, score.correct]).toEqual([2, 2, 2]);
  });

  it('counts a span that reaches the last token once, also when asked twice', () => {
    const counter = new SpanCounter();
    counter.add(['O', 'B-A'], ['O', 'B-A']);
    expect(counter.score()).toEqual(counter.score());
    expect(counter.score().correct).toBe(1);
    counter.add(['B-A'], ['B-A']);
    expect(counter.score().correct).toBe(2);
  });

  it('refuses labellings of different length', () => {
    expect(() => new SpanCounter().add(['O'], [])).toThrow(expect.objectContaining({ code: 'SPAN_LABEL_COUNT' }));
  });

  it('agrees with the definition on random, mostly illegal sequences', () => {
    const label = fc.constantFrom('O', 'B-A', 'I-A', 'B-B', 'I-B', 'B-C', 'I-C');
    const token = fc.tuple(label, fc.option(label, { nil: null })).map(([g, p]) => [g, p ?? g] as const);
    fc.assert(
      fc.property(fc.array(fc.array(token, { maxLength: 12 }), { maxLength: 5 }), (text) => {
        const sentences = text.map((tokens) => ({ gold: tokens.map(([g]) => g), predicted: tokens.map(([, p]) => p) }));
        const expected = new Map<string, number[]>();
        const count = (span: string, column: number): void => {
          const type = span.split(' ')[0]!;
          const row = expected.get(type) ?? [0, 0, 0];
          row[column]!++;
          expected.set(type, row);
        };
        for (const { gold, predicted } of sentences) {
          const goldSpans = spansOf(gold);
          const predictedSpans = spansOf(predicted);
          for (const span of goldSpans) count(span, 0);
          for (const span of predictedSpans) count(span, 1);
          for (const span of predictedSpans) if (goldSpans.includes(span)) count(span, 2);
        }
        const score = scoreSpans(sentences);
        expect(new Map(score.types.map((t) => [t.type, [t.gold, t.predicted, t.correct]]))).toEqual(expected);
        const total = (column: number): number => [...expected.values()].reduce((sum, row) => sum + row[column]!, 0);
        expect([score.gold, score.predicted, score.correct]).toEqual([total(0), total(1), total(2)]);
        const tokens = text.flat();
        expect([score.tokens, score.correctTokens]).toEqual([tokens.length, tokens.filter(([g, p]) => g === p).length]);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('gives percentages, and 0 where nothing can be divided', () => {
    expect(scoreSpans([pair('B-A B-A O B-B', 'B-A I-A O B-B')])).toEqual({
      tokens: 4,
      correctTokens: 3,
      accuracy: 75,
      gold: 3,
      predicted: 2,
      correct: 1,
      precision: 50,
      recall: 100 / 3,
      f1: (2 * 50 * (100 / 3)) / (50 + 100 / 3),
      types: [
        { type: 'A', gold: 2, predicted: 1, correct: 0, precision: 0, recall: 0, f1: 0 },
        { type: 'B', gold: 1, predicted: 1, correct: 1, precision: 100, recall: 100, f1: 100 },
      ],
    });
    expect(scoreSpans([])).toMatchObject({ tokens: 0, accuracy: 0, precision: 0, recall: 0, f1: 0, types: [] });
  });
});

describe('the report', () => {
  const report = (gold: string, predicted: string): string => formatConlleval(scoreSpans([pair(gold, predicted)]));

  it('has one line for all spans and one for each type', () => {
    expect(report('B-A B-A O B-B', 'B-A I-A O B-B')).toBe(
      'processed 4 tokens with 3 phrases; found: 2 phrases; correct: 1.\n' +
        'accuracy:  75.00%; precision:  50.00%; recall:  33.33%; FB1:  40.00\n' +
        '                A: precision:   0.00%; recall:   0.00%; FB1:   0.00  1\n' +
        '                B: precision: 100.00%; recall: 100.00%; FB1: 100.00  1\n',
    );
  });

  it('has no rates for an empty text', () => {
    expect(formatConlleval(scoreSpans([]))).toBe('processed 0 tokens with 0 phrases; found: 0 phrases; correct: 0.\n');
  });

  it.each([
    // 100/32 and 300/32 lie exactly between two hundredths: C rounds to the even digit, not up.
    [1, 32, '  3.12'],
    [3, 32, '  9.38'],
    [1, 16, '  6.25'],
    [1, 7, ' 14.29'],
    [1, 8, ' 12.50'],
    [5, 160, '  3.12'],
    [45, 160, ' 28.12'],
  ])('rounds %i of %i as the script does', (correct, tokens, text) => {
    const gold = Array.from({ length: tokens }, () => 'O');
    const predicted = gold.map((label, i) => (i < correct ? label : 'B-A'));
    expect(formatConlleval(scoreSpans([{ gold, predicted }]))).toContain(`accuracy: ${text}%;`);
  });

  it('pads and sorts type names by their UTF-8 bytes', () => {
    const lines = report('B-\u{10400} B-\uFF21 B-Z B-ABCDEFGHIJKLMNOPQRS', 'O O O O').split('\n').slice(2, -1);
    expect(lines.map((line) => line.split(': ')[0])).toEqual([
      'ABCDEFGHIJKLMNOPQRS',
      `${' '.repeat(16)}Z`,
      `${' '.repeat(14)}\uFF21`,
      `${' '.repeat(13)}\u{10400}`,
    ]);
  });

  it('repeats the line of spans without a type, as the script does', () => {
    expect(report('B', 'B').split('\n')).toHaveLength(5);
    expect(report('B', 'O').split('\n')).toHaveLength(4);
  });
});

describe('the reader', () => {
  const read = (text: string): LabelPair[] => [...parseConlleval(text, 'a.txt')];

  it('takes the last two columns, whatever stands before them', () => {
    expect(read('w NN O B-A\nx VB I-A O\n')).toEqual([pair('O I-A', 'B-A O')]);
    expect(read('w\tO\tB-A')).toEqual([pair('O', 'B-A')]);
    expect(read('O B-A')).toEqual([pair('O', 'B-A')]);
  });

  it('breaks sentences at empty lines, blank lines and -X- lines', () => {
    expect(read('\n\na O O\n\nb O O\n  \nc O O\n-X- O O\n-X- O O\nd O O\n\n')).toHaveLength(4);
  });

  it('understands a byte order mark and carriage returns', () => {
    expect(read('\uFEFFa O B-A\r\n\r\nb O O\r\n')).toEqual([pair('O', 'B-A'), pair('O', 'O')]);
  });

  it('keeps a token that begins with # or is empty', () => {
    expect(read('# O O\n O B-A\n')).toEqual([pair('O O', 'O B-A')]);
  });

  it.each([
    ['a O O\nb O\n', 'a.txt:2:1: 2 columns; expected 3 as in the lines before.'],
    ['a O O\n\nb x O O\n', 'a.txt:3:1: 4 columns; expected 3 as in the lines before.'],
    ['a\n', 'a.txt:1:1: 1 columns; expected at least 2 (gold and predicted label last).'],
  ])('refuses ragged columns: %j', (text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'CONLLEVAL_COLUMNS', message }));
  });
});

// Input and output pairs of the original script; they are laid beside the checkout where they may be used.
const recorded = fileURLToPath(new URL('../../../shared/conlleval/', import.meta.url));
const isRecorded = existsSync(recorded);
if (!isRecorded) console.warn('SKIPPED: ../shared/conlleval is not there, so the reports of the original script are not compared.');

describe.skipIf(!isRecorded)('reports of the original script', () => {
  const inputs = isRecorded ? readdirSync(recorded).filter((name) => name.endsWith('.in.txt')) : [];

  it('are there', () => {
    expect(inputs.length).toBeGreaterThan(0);
  });

  it.each(inputs)('%s', (name) => {
    const text = readFileSync(recorded + name, 'utf8');
    const report = readFileSync(recorded + name.replace('.in.', '.out.'), 'utf8');
    expect(formatConlleval(scoreSpans(parseConlleval(text, name)))).toBe(report);
  });
});
