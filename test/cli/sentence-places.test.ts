import { parseConlluBytes, type StreamedSentence } from 'sparsetag';
import { expect, test } from 'vitest';
import { placeSentence } from '../../cli/sentence-places.js';
import { bytesOf } from '../helpers/text.js';

const row = (id: string, form: string, misc = '_') => `${id}\t${form}\t_\t_\t_\t_\t_\t_\t_\t${misc}\n`;

/** The text, after a look that every token is where it is said to be. */
function textOf({ text, tokens, starts, ends }: StreamedSentence): string {
  expect(tokens).toEqual(tokens.map((_, i) => text.slice(starts[i], ends[i])));
  return text;
}

test('tokens have a space between them', () => {
  expect(textOf(placeSentence({ format: 'tokens', tokens: ['I', '😀', 'x'] }))).toBe('I 😀 x');
});

test.each([
  ['its text, where the tokens are in it', { text: ' I do  not.', tokens: [] }, ['I', 'do', 'not', '.'], ' I do  not.'],
  ['its tokens, where the text is another', { text: 'You do.' }, ['I', 'do'], 'I do'],
  ['its tokens, where there is no text', { text: 7 }, ['I', 'do'], 'I do'],
])('an object of JSON Lines has %s', (_, fields, tokens, text) => {
  expect(textOf(placeSentence({ format: 'jsonl', tokens, fields }))).toBe(text);
});

test('CoNLL-U says where there is no space, also after multi-word tokens and inside those that are spelt by their words', () => {
  const text = [
    row('1', 'Ann', 'x=1|SpaceAfter=No'),
    row('2', ','),
    row('3-4', 'don’t', 'SpaceAfter=No'),
    row('3', 'do', 'SpaceAfter=No'),
    row('4', 'n’t'),
    row('4.1', 'be', 'SpaceAfter=No'),
    row('5', '!'),
    row('6-7', 'vámonos'),
    row('6', 'vamos'),
    row('7', 'nos', 'SpaceAfter=No'),
    row('8', '.', 'SpaceAfter=No'),
  ].join('');
  const [sentence] = parseConlluBytes(bytesOf(`${text}\n`), 'f');
  expect(textOf(placeSentence({ format: 'conllu', tokens: sentence!.tokens, sentence: sentence! }))).toBe('Ann, don’t! vamos nos .');
});
