// What English tokenisation knows of words. Lower case throughout; the conventions are those of the Penn Treebank as the
// Universal Dependencies treebanks of English have them (hyphens apart, contractions apart, abbreviations whole).

/** Ends of words that are tokens of their own, longest first. */
export const CLITICS = ["n't", "'ll", "'re", "'ve", "'s", "'m", "'d"] as const;

/** Words that are two tokens, by the length of the first. */
export const CONTRACTIONS: ReadonlyMap<string, number> = new Map([
  ['cannot', 3],
  ['gonna', 3],
  ['gotta', 3],
  ['wanna', 3],
  ['dunno', 2],
  ['gimme', 3],
  ['lemme', 3],
  ['dont', 2],
  ['cant', 2],
  ['didnt', 3],
  ['doesnt', 4],
  ['isnt', 2],
  ['wasnt', 3],
  ['havent', 4],
  ['wouldnt', 5],
  ['couldnt', 5],
  ['im', 1],
  ["'tis", 2],
  ["'twas", 2],
]);

/** Abbreviations that end in a full stop and stand before what they belong to: no sentence ends after them. */
export const TITLES: ReadonlySet<string> = new Set(
  'mr mrs ms dr prof rev fr gen col capt lt sgt sen rep gov hon st ste mt ft vs e.g i.e cf al fig figs eq ref vol ch sec art nos pp approx dept est univ assn bros maj cmdr adm pres supt'.split(
    ' ',
  ),
);

/** Other abbreviations that end in a full stop; a sentence may end after them. */
export const ABBREVIATIONS: ReadonlySet<string> = new Set(
  'inc ltd co corp llc jr sr etc esq a.m p.m am.m jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun ave blvd rd u.s u.k u.n e.u d.c ph.d m.d b.a m.a b.c a.d ca calif conn fla ga ill ind kan ky la md mass mich minn miss mo mont neb nev okla ore pa tenn tex va vt wash wis wyo oz lb lbs min max tel ext dist ed eds trans dec'.split(
    ' ',
  ),
);

/** Words that begin many sentences and seldom follow an abbreviation within one. */
export const STARTERS: ReadonlySet<string> = new Set(
  'the a an this that these those it he she we they i you in on at for but and however if when while after before there here what who why how as to his her its our their my your so then also although since some many most one two no not'.split(
    ' ',
  ),
);

/** Parts before a hyphen that stay with it. */
export const PREFIXES: ReadonlySet<string> = new Set(
  'e a u x anti co de ex extra inter intra mega micro mid mini multi neo non over post pre pro pseudo re semi sub super trans ultra un uber vice uni'.split(
    ' ',
  ),
);

/** Emoticons and arrows that are one token where white space or a word is around them. */
export const EMOTICONS: ReadonlySet<string> = new Set([
  ':-)',
  ':-(',
  ':-D',
  ':-P',
  ':-p',
  ':-/',
  ';-)',
  ":'(",
  ':)',
  ':(',
  ':D',
  ':P',
  ':p',
  ':/',
  ':|',
  ':o',
  ';)',
  ';D',
  '=)',
  '=(',
  '=D',
  'XD',
  'xD',
  '<3',
  '^_^',
  '->',
  '-->',
  '=>',
  '<-',
  '<--',
]);
