import { describe, expect, test } from 'vitest';
import { Chunking } from '../../cli/data/chunks/chunking.js';
import { deriveChunks } from '../../cli/data/chunks/derive.js';
import { brackets, tree } from './trees.js';

function chunk(notation: string): string {
  const parsed = tree(notation);
  return brackets(
    parsed.words.map((word) => word.form),
    deriveChunks(parsed),
  );
}

type Case = readonly [behaviour: string, notation: string, expected: string];

const VERB_PHRASES: readonly Case[] = [
  [
    'takes auxiliaries and the adverbs between them',
    'She PRP 4 nsubj | has VBZ 4 aux | never RB 4 advmod | slept VBN 0 root',
    '[NP She] [VP has never slept]',
  ],
  [
    'runs on into an infinitive without a subject of its own',
    'They PRP 2 nsubj | want VBP 0 root | to TO 4 mark | leave VB 2 xcomp',
    '[NP They] [VP want to leave]',
  ],
  [
    'runs on into a gerund that is a clause without a subject',
    'They PRP 2 nsubj | kept VBD 0 root | singing VBG 2 ccomp',
    '[NP They] [VP kept singing]',
  ],
  [
    'ends before an object',
    'They PRP 2 nsubj | asked=ask VBD 0 root | him PRP 2 obj | to TO 5 mark | leave VB 2 xcomp',
    '[NP They] [VP asked] [NP him] [VP to leave]',
  ],
  [
    'ends before the infinitive of a passive with object control',
    'He PRP 3 nsubj:pass | was VBD 3 aux:pass | told=tell VBN 0 root | to TO 5 mark | leave VB 3 xcomp',
    '[NP He] [VP was told] [VP to leave]',
  ],
  [
    'runs on into the infinitive of another passive',
    'He PRP 3 nsubj:pass | was VBD 3 aux:pass | said=say VBN 0 root | to TO 5 mark | leave VB 3 xcomp',
    '[NP He] [VP was said to leave]',
  ],
  [
    'leaves out an auxiliary that a question puts first',
    'Did VBD 3 aux | she PRP 3 nsubj | leave VB 0 root | ? . 3 punct',
    'Did [NP she] [VP leave] ?',
  ],
  [
    'leaves out a copula that a question puts first',
    'Is VBZ 3 cop | he PRP 3 nsubj | here RB 0 root | ? . 3 punct',
    'Is [NP he] [ADVP here] ?',
  ],
  [
    'leaves out a full verb "be" that a question puts first',
    'Is=be VBZ 0 root | there EX 1 expl | time NN 1 nsubj',
    'Is [NP there] [NP time]',
  ],
  [
    'keeps the auxiliary when the subject stands before it',
    'Who WP 3 nsubj | did VBD 3 aux | leave VB 0 root | ? . 3 punct',
    '[NP Who] [VP did leave] ?',
  ],
  [
    'leaves a participle after a linking verb to the adjectives',
    'It PRP 2 nsubj | remained=remain VBD 0 root | unchanged VBN 2 xcomp',
    '[NP It] [VP remained] [ADJP unchanged]',
  ],
  [
    'leaves a participle that the treebank calls an adjective to the adjectives',
    'She PRP 3 nsubj | was VBD 3 cop | tired VBN 0 root ADJ',
    '[NP She] [VP was] [ADJP tired]',
  ],
  [
    'joins two bare coordinated verbs',
    'They PRP 2 nsubj | peeled VBD 0 root | and CC 4 cc | sliced VBD 2 conj | apples NNS 2 obj',
    '[NP They] [VP peeled and sliced] [NP apples]',
  ],
  [
    'keeps coordinated verbs apart when the second has its own object',
    'They PRP 2 nsubj | sat VBD 0 root | and CC 4 cc | peeled VBD 2 conj | apples NNS 4 obj',
    '[NP They] [VP sat] and [VP peeled] [NP apples]',
  ],
  [
    'parts a copula from the infinitive that is the predicate',
    'The DT 2 det | plan NN 5 nsubj | is VBZ 5 cop | to TO 5 mark | leave VB 0 root | early RB 5 advmod',
    '[NP The plan] [VP is] [VP to leave] [ADVP early]',
  ],
  ['takes the adverb before a reduced relative', 'houses NNS 0 root | newly RB 3 advmod | built VBN 1 acl', '[NP houses] [VP newly built]'],
  [
    'does not take a participle before its noun',
    'We PRP 2 nsubj | saw VBD 0 root | broken VBN 4 amod | glass NN 2 obj',
    '[NP We] [VP saw] [NP broken glass]',
  ],
  [
    'does not take a gerund with a determiner',
    'The DT 2 det | building VBG 0 root | of IN 4 case | ships NNS 2 nmod',
    '[NP The building] [PP of] [NP ships]',
  ],
  [
    'breaks at commas',
    'She PRP 6 nsubj | has VBZ 6 aux | , , 6 punct | however RB 6 advmod | , , 6 punct | slept VBN 0 root',
    '[NP She] [VP has] , [ADVP however] , [VP slept]',
  ],
  [
    'breaks at a subject between its words',
    'Had VBD 4 aux | not RB 4 advmod | she PRP 4 nsubj | slept VBN 0 root',
    'Had not [NP she] [VP slept]',
  ],
];

const PARTICLES_AND_CONJUNCTIONS: readonly Case[] = [
  ['particle of a verb is a PRT', 'They PRP 2 nsubj | gave VBD 0 root | up RP 2 compound:prt', '[NP They] [VP gave] [PRT up]'],
  [
    'conjunction of several words is a CONJP',
    'cats NNS 0 root | as RB 5 cc | well RB 2 fixed | as IN 2 fixed | dogs NNS 1 conj',
    '[NP cats] [CONJP as well as] [NP dogs]',
  ],
  [
    'both halves of a correlative conjunction are CONJPs',
    'not RB 3 cc:preconj | only RB 1 fixed | cats NNS 0 root | but CC 6 cc | also RB 4 advmod | dogs NNS 3 conj',
    '[CONJP not only] [NP cats] [CONJP but also] [NP dogs]',
  ],
  [
    '"not only" is a CONJP whatever its relation when a "but" follows',
    'We PRP 4 nsubj | not RB 4 advmod | only RB 4 advmod | sang VBD 0 root | but CC 6 cc | danced VBD 4 conj | waltzes NNS 6 obj',
    '[NP We] [CONJP not only] [VP sang] but [VP danced] [NP waltzes]',
  ],
  ['word of negation outside a verb group is in no chunk', 'not RB 2 advmod | cats NNS 0 root', 'not [NP cats]'],
];

const PREPOSITIONS: readonly Case[] = [
  ['preposition is a PP without its noun', 'lions NNS 0 root | in IN 3 case | Rome NNP 1 nmod', '[NP lions] [PP in] [NP Rome]'],
  [
    'pair that makes one preposition is one PP',
    'We PRP 2 nsubj | stayed VBD 0 root | because IN 5 case | of IN 3 fixed | rain NN 2 obl',
    '[NP We] [VP stayed] [PP because of] [NP rain]',
  ],
  [
    'preposition around a noun is three chunks',
    'trees NNS 0 root | in IN 5 case | front NN 2 fixed | of IN 2 fixed | houses NNS 1 nmod',
    '[NP trees] [PP in] [NP front] [PP of] [NP houses]',
  ],
  ['"to" between two numbers is no PP', 'from IN 2 case | 5 CD 0 root | to TO 4 case | 10 CD 2 nmod', '[PP from] [NP 5 to 10]'],
  [
    'marker before a gerund is a PP',
    'They PRP 2 nsubj | won VBD 0 root | by IN 4 mark | walking VBG 2 advcl',
    '[NP They] [VP won] [PP by] [VP walking]',
  ],
  ['marker that only compares is a PP', 'older JJR 0 root | than IN 3 mark | cats NNS 1 obl', '[ADJP older] [PP than] [NP cats]'],
  [
    'marker of a finite clause is an SBAR',
    'We PRP 2 nsubj | stayed VBD 0 root | because IN 5 mark | it PRP 5 nsubj | rained VBD 2 advcl',
    '[NP We] [VP stayed] [SBAR because] [NP it] [VP rained]',
  ],
  [
    'marker of two words is one SBAR',
    'even RB 4 mark | though IN 1 fixed | it PRP 4 nsubj | rained VBD 0 root',
    '[SBAR even though] [NP it] [VP rained]',
  ],
  [
    '"even" joins the marker that it modifies',
    'even RB 2 advmod | if IN 4 mark | it PRP 4 nsubj | rains VBZ 0 root',
    '[SBAR even if] [NP it] [VP rains]',
  ],
  [
    'adverb before the second "as" is an ADVP',
    'as RB 5 mark | long RB 1 fixed | as IN 1 fixed | it PRP 5 nsubj | rains VBZ 0 root',
    '[ADVP as long] [SBAR as] [NP it] [VP rains]',
  ],
  ['"in order" is an SBAR and an NP', 'in IN 4 mark | order NN 1 fixed | to TO 4 mark | win VB 0 root', '[SBAR in] [NP order] [VP to win]'],
  [
    'marker before a question word is a PP',
    'We PRP 2 nsubj | spoke VBD 0 root | of IN 6 mark | what WP 6 obj | they PRP 6 nsubj | saw VBD 2 advcl',
    '[NP We] [VP spoke] [PP of] [NP what] [NP they] [VP saw]',
  ],
  ['adverb that leads a preposition is an ADVP', 'away RB 3 case | from IN 1 fixed | home NN 0 root', '[ADVP away] [PP from] [NP home]'],
  ['pair before a gerund is one PP', 'rather RB 3 mark | than IN 1 fixed | leaving VBG 0 root', '[PP rather than] [VP leaving]'],
  ['"so as" before an infinitive is one SBAR', 'so RB 4 mark | as IN 1 fixed | to TO 4 mark | win VB 0 root', '[SBAR so as] [VP to win]'],
];

const NOUN_PHRASES: readonly Case[] = [
  [
    'takes determiner, adjectives and compounds',
    'the DT 4 det | small JJ 4 amod | stone NN 4 compound | house NN 0 root',
    '[NP the small stone house]',
  ],
  [
    'opens at the possessive marker',
    "the DT 2 det | king NN 5 nmod:poss | 's POS 2 case | old JJ 5 amod | horse NN 0 root",
    "[NP the king] [NP 's old horse]",
  ],
  ['takes a possessive pronoun', 'her PRP$ 3 nmod:poss | old JJ 3 amod | horse NN 0 root', '[NP her old horse]'],
  ['takes commas between adjectives', 'big JJ 4 amod | , , 3 punct | red JJ 4 amod | balloons NNS 0 root', '[NP big , red balloons]'],
  ['takes the rest of a name', 'Ada NNP 0 root | Byron NNP 1 flat', '[NP Ada Byron]'],
  ['takes a name in close apposition', 'my PRP$ 2 nmod:poss | brother NN 0 root | James NNP 2 appos', '[NP my brother James]'],
  [
    'ends before a name in apposition after a comma',
    'my PRP$ 2 nmod:poss | brother NN 0 root | , , 4 punct | James NNP 2 appos',
    '[NP my brother] , [NP James]',
  ],
  ['takes the year of a date after a comma', 'May NNP 0 root | 5 CD 1 nummod | , , 1 punct | 2003 CD 1 nummod', '[NP May 5 , 2003]'],
  [
    'ends before a number after a comma that is no year',
    'Page NN 0 root | 5 CD 1 nummod | , , 1 punct | 2003 CD 1 nummod',
    '[NP Page 5] , [NP 2003]',
  ],
  ['takes the suffix of a time', '9 CD 0 root | a.m. RB 1 advmod', '[NP 9 a.m.]'],
  ['takes the number of a figure', 'Figure NN 0 root | 2 CD 1 dep', '[NP Figure 2]'],
  ['takes the adjective after an indefinite pronoun', 'something NN 0 root | new JJ 1 amod', '[NP something new]'],
  [
    'takes the rest of a reciprocal pronoun',
    'They PRP 2 nsubj | help VBP 0 root | each DT 2 obj | other JJ 3 fixed',
    '[NP They] [VP help] [NP each other]',
  ],
  ['takes adverbs that quantify', 'only RB 2 advmod | birds NNS 0 root', '[NP only birds]'],
  ['leaves out other adverbs', 'here RB 2 advmod | birds NNS 0 root', '[ADVP here] [NP birds]'],
  [
    'leaves out an adverb of the clause after a copula',
    'It PRP 4 nsubj | is VBZ 4 cop | already RB 4 advmod | night NN 0 root',
    '[NP It] [VP is] [ADVP already] [NP night]',
  ],
  [
    'takes "at least" before a number',
    'at IN 2 case | least JJS 4 obl | forty CD 4 nummod | people NNS 0 root',
    '[NP at least forty people]',
  ],
  ['takes a bare conjunct', 'cats NNS 0 root | and CC 3 cc | dogs NNS 1 conj', '[NP cats and dogs]'],
  ['shares a determiner with its conjunct', 'the DT 2 det | fish NN 0 root | and CC 4 cc | chips NNS 2 conj', '[NP the fish and chips]'],
  [
    'stays apart from a conjunct with its own determiner',
    'the DT 2 det | cats NNS 0 root | and CC 5 cc | the DT 5 det | dogs NNS 2 conj',
    '[NP the cats] and [NP the dogs]',
  ],
  ['stays apart from a conjunct when it is a pronoun', 'he PRP 0 root | and CC 3 cc | she PRP 1 conj', '[NP he] and [NP she]'],
  ['has an adjective as head after a determiner', 'the DT 2 det | rich JJ 0 root', '[NP the rich]'],
  ['has a quantifying adjective as head before "of"', 'most JJS 0 root | of IN 3 case | them PRP 1 nmod', '[NP most] [PP of] [NP them]'],
  ['is a possessive marker alone when nothing holds it', "Anna NNP 0 root | 's POS 1 case", "[NP Anna] [NP 's]"],
  ['takes a bare noun phrase right before', 'week NN 2 nmod:unmarked | sales NNS 0 root', '[NP week sales]'],
  ['takes "how" before an adjective', 'how WRB 3 advmod | many JJ 3 amod | birds NNS 0 root', '[NP how many birds]'],
  ['leaves out other question words', 'when WRB 2 advmod | birds NNS 0 root', '[ADVP when] [NP birds]'],
  ['takes "both" before conjuncts', 'both CC 2 cc:preconj | cats NNS 0 root | and CC 4 cc | dogs NNS 2 conj', '[NP both cats and dogs]'],
  ['leaves a clause after its name alone', 'Ada NNP 0 root | Byron NNP 1 flat | writing VBG 2 acl', '[NP Ada Byron] [VP writing]'],
  ['takes hyphens inside a name', 'Anna NNP 0 root | - HYPH 1 punct | Maria NNP 1 flat', '[NP Anna - Maria]'],
  ['takes an unmarked second name', 'Windows NNP 0 root | XP NNP 1 nmod:unmarked', '[NP Windows XP]'],
  ['takes an unmarked year', 'May NNP 0 root | 2003 CD 1 nmod:tmod', '[NP May 2003]'],
  [
    'ends before an adjective clause that it governs',
    'the DT 3 det | green JJ 3 amod | house NN 0 root | old JJ 3 amod',
    '[NP the green house] [ADJP old]',
  ],
];

const OTHER_PHRASES: readonly Case[] = [
  [
    'adjective takes the adverb before it',
    'She PRP 4 nsubj | is VBZ 4 cop | very RB 4 advmod | happy JJ 0 root',
    '[NP She] [VP is] [ADJP very happy]',
  ],
  [
    'adjective leaves out an adverb of the clause',
    'She PRP 4 nsubj | is VBZ 4 cop | often RB 4 advmod | happy JJ 0 root',
    '[NP She] [VP is] [ADVP often] [ADJP happy]',
  ],
  ['adjective takes a bare conjunct', 'happy JJ 0 root | and CC 3 cc | calm JJ 1 conj', '[ADJP happy and calm]'],
  [
    'adjective with an adverb stays apart from its conjunct',
    'very RB 2 advmod | happy JJ 0 root | and CC 4 cc | calm JJ 2 conj',
    '[ADJP very happy] and [ADJP calm]',
  ],
  ['adjective takes "enough" after it', 'big JJ 0 root | enough RB 1 advmod', '[ADJP big enough]'],
  [
    'adverb takes the adverb that grades it',
    'They PRP 2 nsubj | ran VBD 0 root | very RB 4 advmod | quickly RB 2 advmod',
    '[NP They] [VP ran] [ADVP very quickly]',
  ],
  ['adverb takes a coordinated adverb', 'slowly RB 0 root | and CC 3 cc | surely RB 1 conj', '[ADVP slowly and surely]'],
  [
    'pair of adverbs is one ADVP',
    'They PRP 2 nsubj | left VBD 0 root | right RB 4 advmod | now RB 2 advmod',
    '[NP They] [VP left] [ADVP right now]',
  ],
  [
    'bound without a number is an ADVP',
    'It PRP 2 nsubj | hurts VBZ 0 root | at IN 4 case | least JJS 2 obl',
    '[NP It] [VP hurts] [ADVP at least]',
  ],
  ['"of course" is a PP and an NP', 'of RB 3 advmod | course NN 1 fixed | yes UH 0 root', '[PP of] [NP course] [INTJ yes]'],
  ['interjection is an INTJ', 'Oh UH 2 discourse | dear UH 0 root | ! . 2 punct', '[INTJ Oh] [INTJ dear] !'],
  ['list marker is an LST', '1 LS 3 discourse | . . 1 punct | Eggs NNS 0 root', '[LST 1] . [NP Eggs]'],
  ['foreign word alone is an NP', 'mark FW 2 dep | oui FW 0 root', '[NP mark oui]'],
  ['adjective takes "how"', 'how WRB 2 advmod | happy JJ 0 root', '[ADJP how happy]'],
  ['preposition alone in the place of a noun is a PP', 'They PRP 2 nsubj | came VBD 0 root | by IN 2 obl', '[NP They] [VP came] [PP by]'],
  [
    'adverb written in two words is one ADVP',
    'They PRP 2 nsubj | ran VBD 0 root | some RB 2 advmod | place NN 3 goeswith',
    '[NP They] [VP ran] [ADVP some place]',
  ],
];

describe.each([
  ['verb group', VERB_PHRASES],
  ['the', PARTICLES_AND_CONJUNCTIONS],
  ['the', PREPOSITIONS],
  ['noun phrase', NOUN_PHRASES],
  ['the', OTHER_PHRASES],
])('%s', (_phrase, cases) => {
  test.each(cases)('%s', (_behaviour, notation, expected) => {
    expect(chunk(notation)).toBe(expected);
  });
});

describe('chunks under construction', () => {
  const parsed = tree('( -LRB- 2 punct | old JJ 0 root | , , 2 punct | new JJ 2 conj | ) -RRB- 2 punct');
  const tagsAfter = (mark: (chunking: Chunking) => void) => {
    const chunking = new Chunking(parsed);
    mark(chunking);
    return chunking.toTags().join(' ');
  };

  test('neither begin nor end with punctuation', () => {
    expect(tagsAfter((chunking) => chunking.mark('NP', parsed.words))).toBe('O B-NP I-NP I-NP O');
  });

  test('of list markers keep their punctuation', () => {
    expect(tagsAfter((chunking) => chunking.mark('LST', parsed.words))).toBe('B-LST I-LST I-LST I-LST I-LST');
  });

  test('break where words are missing, and leave alone what is taken', () => {
    const tags = tagsAfter((chunking) => {
      chunking.mark('ADVP', parsed.span(4, 4));
      chunking.mark('NP', parsed.span(2, 5));
    });
    expect(tags).toBe('O B-NP O B-ADVP O');
    expect(tagsAfter((chunking) => chunking.mark('NP', [parsed.at(4), parsed.at(2)]))).toBe('O B-NP O B-NP O');
  });

  test('of one type that touch stay two', () => {
    const tags = tagsAfter((chunking) => {
      chunking.mark('ADJP', parsed.span(2, 3));
      chunking.mark('ADJP', parsed.span(3, 4));
    });
    expect(tags).toBe('O B-ADJP O B-ADJP O');
  });
});
