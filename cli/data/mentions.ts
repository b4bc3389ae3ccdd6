import type { TreebankToken } from './conllu.js';

/** A stretch of a sentence that the annotators marked as an entity; mentions nest and may cross. */
export interface Mention {
  /** `person`, `place`, `organization`, ...: the types of the treebank. */
  readonly type: string;
  /** Position of the first and of the last word, from 1. */
  readonly from: number;
  readonly to: number;
  /** Title of the encyclopedia article about the entity, where it is linked; else whatever the annotation ends with. */
  readonly identity: string;
}

const ENTITY_ATTRIBUTE = /(?:^|\|)Entity=([^|]*)/;
/** `(id-type-...` opens, `id)` closes, `(id-type-...)` is a mention of one word. */
const BRACKET = /\([^()]*\)?|[^()]*\)/g;

/** The order of the fields inside one bracket, as `# global.Entity` states it for the document. */
export class MentionFields {
  readonly #identity: number;

  /** @param declaration e.g. `GRP-etype-infstat-centering-minspan-link-identity` */
  constructor(declaration = 'GRP-etype-infstat-centering-minspan-link-identity') {
    this.#identity = declaration.split('-').indexOf('identity');
  }

  parse(bracket: string): { id: string; type: string; identity: string } {
    const fields = bracket.replace(/^\(|\)+$/g, '').split('-');
    // The identity is last and may hold hyphens itself.
    return { id: fields[0] ?? '', type: fields[1] ?? '', identity: fields.slice(this.#identity).join('-') };
  }
}

/** The mentions of one sentence, in the order in which they end. Brackets without a partner in the sentence are left out. */
export function readMentions(tokens: readonly TreebankToken[], fields: MentionFields): Mention[] {
  const open: { id: string; type: string; identity: string; from: number }[] = [];
  const mentions: Mention[] = [];
  for (const [i, token] of tokens.entries()) {
    const position = i + 1;
    const annotation = ENTITY_ATTRIBUTE.exec(token.misc)?.[1] ?? '';
    for (const [bracket] of annotation.matchAll(BRACKET)) {
      if (bracket.startsWith('(')) open.push({ ...fields.parse(bracket), from: position });
      if (!bracket.endsWith(')')) continue;
      const id = bracket.startsWith('(') ? open.at(-1)?.id : bracket.slice(0, -1);
      const at = open.findLastIndex((mention) => mention.id === id);
      for (const { type, identity, from } of open.splice(at, at < 0 ? 0 : 1)) mentions.push({ type, identity, from, to: position });
    }
  }
  return mentions;
}
