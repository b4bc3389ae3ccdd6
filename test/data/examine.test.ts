import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../src/config/validate.js';
import { examineData } from '../../src/data/examine.js';
import type { WordVectors } from '../../src/data/sentence.js';
import { makeCorpus } from '../../src/io/corpus.js';
import { bytesOf } from '../helpers/text.js';

const CONFIG = resolveConfig({
  corpora: [{ name: 'c', train: 'train', dev: 'dev', test: 'test' }],
  tasks: [
    { name: 'pos', column: 1 },
    { name: 'ner', column: 2, type: 'spans' },
  ],
});
const GOOD = 'A D O\nb N B-X\n\n';

function examine(parts: { train?: string; dev?: string; test?: string }, vectors: WordVectors | null = null) {
  const text = (name: 'train' | 'dev' | 'test', other: string) => ({ file: name, bytes: bytesOf(parts[name] ?? other) });
  const corpus = makeCorpus(CONFIG.corpora[0]!, [1, 2], {
    train: text('train', GOOD),
    dev: text('dev', 'b D O\n'),
    test: text('test', 'A N B-X\n'),
  });
  return examineData(CONFIG, [corpus], vectors);
}
const messages = (parts: Parameters<typeof examine>[0], severity: string): string[] =>
  examine(parts)
    .findings.filter((finding) => finding.severity === severity)
    .map(({ message }) => message);

describe('examined data', () => {
  test('without faults have numbers only', () => {
    const { corpora, tasks, findings } = examine({ train: GOOD.repeat(6) });
    expect(findings).toEqual([{ severity: 'note', message: 'corpus c, train: 5 of 6 sentences repeat an earlier one' }]);
    expect(corpora[0]!.splits[0]).toMatchObject({ sentences: 6, tokens: 12, lengths: { least: 2, median: 2, most: 2 }, duplicates: 5 });
    expect(tasks).toMatchObject([
      {
        task: 'pos',
        labels: [
          { label: 'D', counts: { train: 6, dev: 1 } },
          { label: 'N', counts: { train: 6, test: 1 } },
        ],
      },
      { task: 'ner', labels: [{ label: 'X', counts: { train: 6, test: 1 } }] },
    ]);
  });

  test('show every fault of a scheme with its place', () => {
    const { tasks } = examine({ train: `${GOOD}A D E-X\nb N I-X\n\nA D I-X\nb N I-Y\n`, dev: 'b D 7\n' });
    const { foreign, repaired } = tasks[1]!;
    expect(foreign).toEqual({
      count: 2,
      first: [
        { place: 'train:4:5', what: '"E-X" is no bio label' },
        { place: 'dev:1:5', what: '"7" is no bio label' },
      ],
    });
    expect(repaired).toEqual({
      count: 2,
      first: [
        { place: 'train:7:5', what: 'I-X after the beginning is read as B-X' },
        { place: 'train:8:5', what: 'I-Y after I-X is read as B-Y' },
      ],
    });
    expect(messages({ dev: 'b D 7\n' }, 'error')[0]).toContain('dev:1:5 "7" is no bio label');
  });

  test('show all labels that train has not, where training names the first', () => {
    expect(messages({ dev: 'b V O\nb W B-Z\n' }, 'error')).toEqual([
      'task pos: label "V" is not in train, but 1 in dev; no model can learn it',
      'task pos: label "W" is not in train, but 1 in dev; no model can learn it',
      'task ner: span type "Z" is not in train, but 1 in dev; no model can learn it',
    ]);
  });

  test('may have places that train has not, as training allows', () => {
    const config = resolveConfig({ ...CONFIG, tasks: [{ name: 'place', column: '@position' }] });
    const text = (file: string, content: string) => ({ file, bytes: bytesOf(content) });
    const corpus = makeCorpus(CONFIG.corpora[0]!, ['@position'], { train: text('t', GOOD), dev: text('d', 'a\nb\nA\n'), test: null });
    const { findings, tasks } = examineData(config, [corpus], null);
    expect(tasks[0]!.labels).toContainEqual({ label: '2', counts: { dev: 1 } });
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('show sentences that splits share, and say which are long', () => {
    const long = 'a b c d e f g'
      .split(' ')
      .map((token) => `${token} D O\n`)
      .join('');
    const { corpora, findings } = examine({ train: `${GOOD}${long}\n`, dev: `${long}\n${GOOD}`, test: GOOD });
    expect(corpora[0]!.leaks).toEqual([
      { splits: ['train', 'dev'], sentences: 2, long: 1, example: 'a b c d e f g' },
      { splits: ['train', 'test'], sentences: 1, long: 0, example: 'A b' },
      { splits: ['dev', 'test'], sentences: 1, long: 0, example: 'A b' },
    ]);
    expect(findings.find(({ severity }) => severity === 'warning')?.message).toContain(
      '2 sentences of dev are in train too, 1 of them of 6',
    );
  });

  test('are spoken of in the number that there is', () => {
    const all = (parts: Parameters<typeof examine>[0]) =>
      examine(parts)
        .findings.map(({ message }) => message)
        .join('\n');
    const one = all({ dev: 'A D O\nb N I-X\n\nb♥ D 7\n', test: `${GOOD}c D O\n\nc D O\n` });
    expect(one).toContain('1 sentence of dev is in train too');
    expect(one).toContain('1 label is not of its scheme');
    expect(one).toContain('1 label does not follow');
    expect(one).toContain('dev: 1 character that');
    expect(one).toContain('1 of 3 sentences repeats an earlier one');
    const two = all({
      train: `${GOOD}b D O\n`,
      dev: `${GOOD}b D O\n\nA♥♦ N I-X\nb N 7\n\nA N 8\nb N B-X\n\nA N I-X\n\nA N I-X\n\nA N I-X\n`,
    });
    expect(two).toContain('3 sentences of dev are in train too');
    expect(two).toContain('2 labels are not of its scheme');
    expect(two).toContain('3 labels do not follow');
    expect(two).toContain('dev: 2 characters that');
    expect(two).toContain('3 of 7 sentences repeat an earlier one');
  });

  test('count unknown words as the model looks them up, and words without vectors', () => {
    const vectors: WordVectors = { words: ['b'], dimension: 1, values: Float32Array.of(1) };
    const [, dev] = examine({ dev: 'B D O\nx D O\nx D O\n♥ D O\n' }, vectors).corpora[0]!.splits;
    expect(dev!.unknown).toEqual({ tokens: 3, words: 2 });
    expect(dev!.withoutVector).toEqual({ tokens: 3, words: 2 });
    expect(dev!.unknownCharacters).toEqual(['B', 'x', '♥']);
  });
});
