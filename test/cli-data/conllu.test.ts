import { describe, expect, test } from 'vitest';
import { readConllu } from '../../cli/data/conllu.js';
import { convertTreebank } from '../../cli/data/treebank.js';
import { tokens } from './trees.js';

const line = (...columns: readonly string[]) => columns.join('\t');

/** Sentences as CoNLL-U, each from comments and the notation of trees. */
function conllu(...sentences: readonly { comments?: readonly string[]; words: string; misc?: readonly string[] }[]): string {
  return sentences
    .map(({ comments = [], words, misc = [] }) => {
      const lines = tokens(words).map((t, i) =>
        line(`${i + 1}`, t.form, t.lemma, t.upos, t.xpos, '_', `${t.head}`, t.relation, '_', misc[i] ?? '_'),
      );
      return [...comments.map((comment) => `# ${comment}`), ...lines, '', ''].join('\n');
    })
    .join('');
}

describe('the treebank reader', () => {
  test('leaves out multiword ranges and empty nodes', () => {
    const text = [
      line('1-2', "can't", '_', '_', '_', '_', '_', '_', '_', '_'),
      line('1', 'ca', 'can', 'AUX', 'MD', '_', '0', 'root', '_', '_'),
      line('2', "n't", 'not', 'PART', 'RB', '_', '1', 'advmod', '_', '_'),
      line('2.1', 'go', 'go', 'VERB', 'VB', '_', '_', '_', '1:x', '_'),
    ].join('\r\n');
    const [sentence] = [...readConllu(text, 'a.conllu')];
    expect(sentence!.tokens.map((token) => token.form)).toEqual(['ca', "n't"]);
  });

  test('keeps values of comments with equals signs in them, and ends a sentence at a blank line of spaces', () => {
    const text = `# source = http://host/?a=b\n${line('1', 'Hi', 'hi', 'INTJ', 'UH', '_', '0', 'root', '_', '_')}\n  \n# newpar\n`;
    const sentences = [...readConllu(text, 'a.conllu')];
    expect(sentences).toHaveLength(1);
    expect(sentences[0]!.comments.get('source')).toBe('http://host/?a=b');
  });

  test.each([
    ['columns that are missing', line('1', 'Hi', 'hi'), 'CONLLU_COLUMNS', /a\.conllu:1:1: expected 10 .* found 3/],
    ['a number out of turn', line('2', 'Hi', 'hi', '_', 'UH', '_', '0', 'root', '_', '_'), 'CONLLU_NUMBER', /expected word 1 .* word 2/],
    ['a head that is no number', line('1', 'Hi', 'hi', '_', 'UH', '_', '_', 'root', '_', '_'), 'CONLLU_NUMBER', /head "_"/],
    ['a head beyond the sentence', line('1', 'Hi', 'hi', '_', 'UH', '_', '4', 'x', '_', '_'), 'CONLLU_NUMBER', /governed by word 4/],
  ])('refuses %s, with the place', (_fault, text, code, message) => {
    const read = () => [...readConllu(text, 'a.conllu')];
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ code }));
  });
});

describe('the conversion of a treebank', () => {
  const text = conllu(
    {
      comments: ['newdoc id = GUM_bio_ada', 'global.Entity = GRP-etype-identity', 'meta::title = Ada', 'meta::author = A. Writer'],
      words: 'Ada NNP 2 nsubj | wrote VBD 0 root | . . 2 punct',
      misc: ['Entity=(1-person-Ada)'],
    },
    { comments: ['newdoc id = GUM_fiction_x', 'meta::title = X'], words: 'No UH 0 root' },
    { words: 'Still RB 0 root' },
    { comments: ['newdoc id = GUM_bio_withheld'], words: '_ NN 0 root' },
    { comments: [], words: '\u200bsoft\u00adly RB 0 root' },
  );

  test('writes columns for the genres selected, and lists their documents', () => {
    const { documents, ...made } = convertTreebank(text, 'a.conllu', { genres: ['bio'], hasNames: true });
    expect(made).toEqual({ text: 'Ada NNP B-NP B-PER\nwrote VBD B-VP O\n. . O O\n\nsoftly RB B-ADVP O\n\n', nSentences: 2, nTokens: 4 });
    expect(documents).toEqual([{ id: 'GUM_bio_ada', title: 'Ada', author: 'A. Writer', source: null }]);
  });

  test('writes no names, and every document, when so selected', () => {
    const { text: made, nSentences } = convertTreebank(text, 'a.conllu', { genres: null, hasNames: false });
    expect(nSentences).toBe(4);
    expect(made.split('\n').slice(0, 6)).toEqual(['Ada NNP B-NP', 'wrote VBD B-VP', '. . O', '', 'No UH B-INTJ', '']);
  });
});
