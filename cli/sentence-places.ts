import { type ConlluRow, placesOf, placeTokens, type StreamedSentence } from 'sparsetag';
import type { InputSentence } from './sentence-input.js';

/** What places count: UTF-16 code units, as JavaScript does, or code points, as Python does. */
export const OFFSETS = ['utf16', 'codepoints'] as const;
export type Offsets = (typeof OFFSETS)[number];

/**
 * A sentence as text, with the places of its tokens: the text that was read where there is one, else its tokens with spaces between
 * them, but where CoNLL-U says that there is none. Only running text has places in the input; elsewhere a sentence begins at 0.
 */
export function placeSentence(sentence: InputSentence): StreamedSentence {
  if (sentence.format === 'text') return sentence;
  const { tokens } = sentence;
  if (sentence.format === 'jsonl' && typeof sentence.fields.text === 'string') {
    const { text } = sentence.fields;
    const places = placesOf(tokens, text);
    if (places) {
      const ends = Int32Array.from(places, (start, i) => start + tokens[i]!.length);
      return { tokens, text, starts: Int32Array.from(places), ends, offset: 0, codePointOffset: 0 };
    }
  }
  const glued = sentence.format === 'conllu' ? gluedWords(sentence.sentence.rows) : [];
  const [placed] = placeTokens(tokens, glued);
  const text = tokens.map((token, i) => (glued[i] || i + 1 === tokens.length ? token : `${token} `)).join('');
  return { ...placed!, text, offset: 0, codePointOffset: 0 };
}

/** Whether no space follows a word of CoNLL-U. Words of a multi-word token touch if they spell it. */
function gluedWords(rows: readonly ConlluRow[]): boolean[] {
  const words = rows.filter(({ kind }) => kind === 'word');
  const glued = words.map(isGlued);
  for (const row of rows.filter(({ kind }) => kind === 'range')) {
    const [first, last] = row.fields[0]!.split('-').map((id) => Number(id) - 1) as [number, number];
    const spelt = words
      .slice(first, last + 1)
      .map(({ fields }) => fields[1])
      .join('');
    glued.fill(spelt === row.fields[1], first, last);
    glued[last] = isGlued(row);
  }
  return glued;
}

function isGlued({ fields }: ConlluRow): boolean {
  return fields[9]!.split('|').includes('SpaceAfter=No');
}
