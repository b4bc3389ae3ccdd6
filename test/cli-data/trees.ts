import type { TreebankToken } from '../../cli/data/conllu.js';
import { DependencyTree } from '../../cli/data/dependency-tree.js';

/**
 * A tree written by hand, a word between bars: `form tag head relation`, the lemma after `=` where it differs from the
 * form, a universal part of speech last where a rule asks for it.
 *
 *     They PRP 2 nsubj | saw=see VBD 0 root | it PRP 2 obj
 */
export function tokens(notation: string): TreebankToken[] {
  return notation.split(' | ').map((word) => {
    const [name, xpos, head, relation, upos = '_'] = word.trim().split(' ') as [string, string, string, string, string?];
    const [form, lemma = form] = name.split('=') as [string, string?];
    return { form, lemma, upos, xpos, head: Number(head), relation, misc: '_' };
  });
}

/** The tree of such a notation. */
export function tree(notation: string): DependencyTree {
  return new DependencyTree(tokens(notation));
}

/** BIO tags as brackets around the words: `[NP They] [VP saw] [NP it]`. */
export function brackets(words: readonly string[], tags: readonly string[]): string {
  const parts: string[] = [];
  for (const [i, tag] of tags.entries()) {
    if (tag.startsWith('I-')) parts[parts.length - 1] = parts.at(-1)!.replace(/\]$/, ` ${words[i]}]`);
    else parts.push(tag === 'O' ? words[i]! : `[${tag.slice(2)} ${words[i]}]`);
  }
  return parts.join(' ');
}
