import { splitText } from 'sparsetag';
import type { Models, PageModel } from '../models/models.js';
import { button, element, labelled } from '../ui/element.js';
import { notifyError } from '../ui/notices.js';

/** So many tokens are compared. */
const LONGEST = 60;

const EXAMPLE = 'The Bank of England raised rates in March.';

/** Models side by side on one sentence: which way of sharing tags which word how. */
export class Comparison {
  readonly node: HTMLElement;
  readonly #input = element('input', { attributes: { type: 'text', value: EXAMPLE, autocomplete: 'off', spellcheck: 'false' } });
  readonly #result = element('div', { class: 'comparisons' });

  constructor(private readonly models: Models) {
    this.#input.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter') this.#compare();
    });
    this.node = element(
      'div',
      { class: 'card' },
      element('h2', {}, 'Side by side'),
      element(
        'p',
        { class: 'soft' },
        'Every model of this page on one sentence: under Train, choose all three ways of sharing, and compare what they make of the same data.',
      ),
      element(
        'div',
        { class: 'ask' },
        labelled('Sentence', this.#input),
        button('Compare', () => this.#compare(), 'main'),
      ),
      this.#result,
    );
  }

  #compare(): void {
    const tokens = splitText(this.#input.value)
      .flatMap((sentence) => sentence.tokens)
      .slice(0, LONGEST);
    const { all } = this.models;
    if (tokens.length === 0 || all.length === 0) {
      this.#result.replaceChildren(element('p', { class: 'empty' }, 'There is no model or no sentence to compare.'));
      return;
    }
    compare(all, tokens).then((tables) => this.#result.replaceChildren(...tables), notifyError);
  }
}

/** A table a task: a row a token, a column a model that has the task; rows on which they differ are marked. */
async function compare(models: readonly PageModel[], tokens: readonly string[]): Promise<HTMLElement[]> {
  const tagged = await Promise.all(models.map(({ tagger }) => tagger.tag(tokens)));
  const sharings = await Promise.all(models.map(sharingOf));
  const tasks = [...new Set(models.flatMap(({ tagger }) => tagger.tasks.map(({ name }) => name)))];
  return tasks.map((task) => {
    const able = models.flatMap((_, m) => (tagged[m]![task] ? [m] : []));
    const head = able.map((m) =>
      element('th', { attributes: { scope: 'col' } }, models[m]!.name, ' ', element('span', { class: 'soft' }, sharings[m]!)),
    );
    const rows = tokens.map((token, i) => {
      const tags = able.map((m) => tagged[m]![task]![i]!);
      const isSplit = new Set(tags).size > 1;
      return element(
        'tr',
        { class: isSplit ? 'split' : '' },
        element('th', { attributes: { scope: 'row' } }, token, isSplit ? element('span', { class: 'soft' }, ' differs') : null),
        ...tags.map((tag) => element('td', {}, tag)),
      );
    });
    return element(
      'div',
      { class: 'scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': `Tags of ${task}` } },
      element(
        'table',
        { class: 'comparison' },
        element('caption', {}, task),
        element('thead', {}, element('tr', {}, element('th', { attributes: { scope: 'col' } }, 'token'), ...head)),
        element('tbody', {}, ...rows),
      ),
    );
  });
}

async function sharingOf(model: PageModel): Promise<string> {
  const { config } = await model.summary();
  const { train } = config as { readonly train: { readonly sharing: string } };
  return train.sharing;
}
