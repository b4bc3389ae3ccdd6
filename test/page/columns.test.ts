import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../web/train/columns.js';

const look = (text: string, name: string) => columnsOf(new Blob([text]), name);

describe('columns of a file to train on', () => {
  test('are those of CoNLL, spans told by their labels', async () => {
    const text = 'Ada NNP B-NP B-PER\nwrote VBD B-VP O\n\n-DOCSTART- -X- O O\nto TO B-PP O\n';
    expect(await look(text, 'a.txt')).toMatchObject([
      { column: 1, name: 'pos', type: 'tags', sample: ['NNP', 'VBD', 'TO'] },
      { column: 2, name: 'chunk', type: 'spans', sample: ['B-NP', 'B-VP', 'B-PP'] },
      { column: 3, name: 'ner', type: 'spans', sample: ['B-PER'] },
    ]);
  });

  test('are the fields of JSON Lines that hold a label a token', async () => {
    const text = '{"tokens":["a","b"],"pos":["X","Y"],"my ner":["O","B-A"],"id":3}\n{"tokens":["c"],"pos":["Z"],"my ner":["O"]}\n';
    expect(await look(text, 'a.jsonl')).toEqual([
      { column: 'pos', name: 'pos', type: 'tags', sample: ['X', 'Y', 'Z'] },
      { column: 'my ner', name: 'my-ner', type: 'spans', sample: ['B-A'] },
    ]);
  });

  test('are those of CoNLL-U that are filled', async () => {
    const text = '# text = a\n1\ta\ta\tDET\t_\t_\t2\tdet\t_\t_\n2\tb\tb\tNOUN\t_\t_\t0\troot\t_\t_\n';
    expect((await look(text, 'a.conllu')).map(({ column }) => column)).toEqual(['upos', 'deprel']);
  });

  test.each([
    ['', 'a.txt'],
    ['one\ntwo\n', 'a.txt'],
    ['{"tokens":', 'a.jsonl'],
    ['null\n3\n', 'a.jsonl'],
  ])('are none in %j', async (text, name) => {
    expect(await look(text, name)).toEqual([]);
  });

  test('are seen in the beginning of a large file, whose last line may be cut there', async () => {
    const text = 'word TAG B-A\n'.repeat(10_000);
    expect((await look(text, 'a.txt')).map(({ type }) => type)).toEqual(['tags', 'spans']);
  });
});
