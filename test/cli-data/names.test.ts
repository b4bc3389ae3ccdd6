import { describe, expect, test } from 'vitest';
import { type Mention, MentionFields, readMentions } from '../../cli/data/mentions.js';
import { flattenNames } from '../../cli/data/names.js';
import { brackets, tokens, tree } from './trees.js';

/** Mentions as `type from-to` or `type from-to identity`. */
function mentions(...notations: readonly string[]): Mention[] {
  return notations.map((notation) => {
    const [type, range, identity = ''] = notation.split(' ') as [string, string, string?];
    const [from, to] = range.split('-').map(Number) as [number, number];
    return { type, from, to, identity };
  });
}

type Case = readonly [behaviour: string, notation: string, mentions: readonly string[], expected: string];

const CASES: readonly Case[] = [
  ['takes the name of a person', 'Ada NNP 3 nsubj | Byron NNP 1 flat | wrote VBD 0 root', ['person 1-2'], '[PER Ada Byron] wrote'],
  ['drops mentions with a common noun as head', 'the DT 2 det | river NN 0 root', ['place 1-2'], 'the river'],
  ['drops types that are no names', 'May NNP 0 root', ['time 1-1'], 'May'],
  ['reads the other types as MISC', 'Linux NNP 0 root', ['object 1-1'], '[MISC Linux]'],
  ['cuts a mention to its name', 'the DT 3 det | old JJ 3 amod | Thames NNP 0 root', ['place 1-3'], 'the old [LOC Thames]'],
  ['reads the plural name of a people as MISC', 'the DT 2 det | Romans NNPS 0 root', ['person 1-2'], 'the [MISC Romans]'],
  ['drops a role with an article', 'the DT 2 det | Petitioner NNP 0 root', ['person 1-2'], 'the Petitioner'],
  ["leaves a title out of a person's name", 'President NNP 2 nmod:desc | Lee NNP 0 root', ['person 1-2'], 'President [PER Lee]'],
  [
    "leaves an affiliation out of a person's name",
    'Acme NNP 3 compound | Corp. NNP 1 flat | Lee NNP 0 root',
    ['person 1-3', 'organization 1-2'],
    '[ORG Acme Corp.] [PER Lee]',
  ],
  [
    'goes on after a preposition',
    'Bank NNP 0 root | of IN 3 case | England NNP 1 nmod',
    ['organization 1-3', 'place 3-3'],
    '[ORG Bank of England]',
  ],
  [
    'goes on after a preposition and an article',
    'Museum NNP 0 root | of IN 4 case | the DT 4 det | Moon NNP 1 nmod',
    ['organization 1-4'],
    '[ORG Museum of the Moon]',
  ],
  [
    'ends before a preposition when it names a person',
    'William NNP 0 root | of IN 3 case | Orange NNP 1 nmod',
    ['person 1-3', 'place 3-3'],
    '[PER William] of [LOC Orange]',
  ],
  [
    'ends before a preposition without a name after it',
    'Friends NNPS 0 root | of IN 3 case | trees NNS 1 nmod',
    ['organization 1-3'],
    '[ORG Friends] of trees',
  ],
  ['goes on over joints', 'Smith NNP 0 root | & CC 3 cc | Sons NNPS 1 conj', ['organization 1-3'], '[ORG Smith & Sons]'],
  ['goes on with a number', 'Apollo NNP 0 root | 11 CD 1 nummod', ['event 1-2'], '[MISC Apollo 11]'],
  ['begins before a joint', '3 CD 3 compound | - HYPH 1 punct | Island NNP 0 root', ['place 1-3'], '[LOC 3 - Island]'],
  [
    'goes on over "and" only where the entity is known by such a title',
    'Tristan NNP 0 root | and CC 3 cc | Isolde NNP 1 conj',
    ['abstract 1-3 Tristan_and_Isolde'],
    '[MISC Tristan and Isolde]',
  ],
  [
    'ends before another "and"',
    'Norway NNP 0 root | and CC 3 cc | Sweden NNP 1 conj',
    ['place 1-3', 'place 3-3'],
    '[LOC Norway] and [LOC Sweden]',
  ],
  [
    'keeps the longest of overlapping names',
    'York NNP 2 compound | University NNP 0 root',
    ['place 1-1', 'organization 1-2'],
    '[ORG York University]',
  ],
  ['keeps the first type in code order of equally long names', 'Mars NNP 0 root', ['place 1-1', 'organization 1-1'], '[LOC Mars]'],
];

describe('a flat name', () => {
  test.each(CASES)('%s', (_behaviour, notation, marked, expected) => {
    const parsed = tree(notation);
    const tags = flattenNames(parsed, mentions(...marked));
    expect(
      brackets(
        parsed.words.map((word) => word.form),
        tags,
      ),
    ).toBe(expected);
  });
});

describe('mentions', () => {
  const annotated = (...misc: readonly string[]) => misc.map((annotation) => ({ ...tokens('x NN 0 root')[0]!, misc: annotation }));
  const fields = new MentionFields('GRP-etype-infstat-identity');

  test('nest, open and close anywhere in the MISC column, and come in the order in which they end', () => {
    const sentence = annotated('Entity=(1-person-new-Ada_X(2-place-new|SpaceAfter=No', 'Discourse=x|Entity=2)(3-event-giv)', 'Entity=1)');
    expect(readMentions(sentence, fields)).toEqual([
      { type: 'place', from: 1, to: 2, identity: '' },
      { type: 'event', from: 2, to: 2, identity: '' },
      { type: 'person', from: 1, to: 3, identity: 'Ada_X' },
    ]);
  });

  test('keep the hyphens of their identity', () => {
    expect(readMentions(annotated('Entity=(1-place-new-Stow-on-the-Wold)'), fields)[0]?.identity).toBe('Stow-on-the-Wold');
  });

  test('that open or close without a partner are left out', () => {
    expect(readMentions(annotated('Entity=(1-person-new', 'Entity=7)', '_'), fields)).toEqual([]);
  });

  test('that share a number close from the inside out', () => {
    const found = readMentions(annotated('Entity=(1-person-new', 'Entity=(1-place-new', 'Entity=1)', 'Entity=1)'), fields);
    expect(found.map(({ type, from, to }) => [type, from, to])).toEqual([
      ['place', 2, 3],
      ['person', 1, 4],
    ]);
  });
});
