import type { TaggerTask } from 'sparsetag';
import type { Models } from '../models/models.js';
import { button, element, labelled } from '../ui/element.js';
import { Slices } from '../ui/frames.js';
import { notify, notifyError } from '../ui/notices.js';
import { formatCount } from '../ui/numbers.js';
import { EntityTable } from './entity-table.js';
import { toConll, toEntities, toJson } from './formats.js';
import { LiveTags, type LiveText } from './live-tags.js';
import { TaggedText } from './tagged-text.js';

/** So much of a text is tagged as one types; `sparsetag tag` takes texts of any length. */
const LONGEST = 20_000;

const EXAMPLE =
  'Ada Lovelace wrote to Charles Babbage from London in 1843. Her notes on the Analytical Engine describe how it could ' +
  'compute Bernoulli numbers, and the Science Museum in South Kensington still shows a part of the machine.';

type Copy = (text: LiveText, tasks: readonly TaggerTask[]) => string;
const COPIES: readonly (readonly [name: string, make: Copy])[] = [
  ['JSON', toJson],
  ['CoNLL', toConll],
  ['Entities', toEntities],
];

/** Text in, tags out, as one types. */
export class TagPanel {
  readonly #input = element('textarea', { attributes: { rows: 5, spellcheck: 'false', maxlength: 1_000_000 } });
  readonly #switches = element('fieldset', { class: 'switches' });
  readonly #figures = element('p', { class: 'figures', attributes: { id: 'latency' } });
  readonly #spans = element('div', { class: 'spans' });
  readonly #tagged = new TaggedText();
  readonly #tables = new Map<TaggerTask, EntityTable>();
  readonly #off = new Set<string>();
  #live: LiveTags | null = null;
  #shown: LiveText | null = null;
  #isBusy = false;
  #isStale = false;

  constructor(
    panel: HTMLElement,
    private readonly models: Models,
  ) {
    this.#input.value = EXAMPLE;
    // After the event, in which the browser lays out what was typed or pasted.
    this.#input.addEventListener('input', () => setTimeout(() => void this.#update()));
    panel.replaceChildren(
      labelled('Text', this.#input, 'Type, paste, or drop a text file anywhere on the page.'),
      element(
        'div',
        { class: 'bar' },
        this.#switches,
        element('div', { class: 'buttons' }, ...COPIES.map(([name, make]) => this.#copyButton(name, make))),
      ),
      this.#figures,
      this.#tagged.node,
      this.#tagged.detail,
      this.#spans,
    );
    models.watch(() => this.#useModel());
  }

  /** Shows a text, of a file for instance. */
  setText(text: string): void {
    this.#input.value = text;
    void this.#update();
  }

  #useModel(): void {
    const { current } = this.models;
    if (!current) return;
    this.#live = new LiveTags(current.tagger);
    this.#tables.clear();
    const boxes = current.tagger.tasks.map(({ name }) => {
      const box = element('input', { attributes: { type: 'checkbox', checked: !this.#off.has(name) } });
      box.addEventListener('change', () => {
        if (box.checked) this.#off.delete(name);
        else this.#off.add(name);
        void this.#update();
      });
      return element('label', { class: 'switch' }, box, name);
    });
    this.#switches.replaceChildren(element('legend', {}, 'Tasks'), ...boxes);
    void this.#update();
  }

  /** The tasks that are switched on. */
  get #tasks(): readonly TaggerTask[] {
    return this.models.current?.tagger.tasks.filter(({ name }) => !this.#off.has(name)) ?? [];
  }

  /** Tags the text as it is now; the latest change waits for what cannot be left, and those between are left out. */
  async #update(): Promise<void> {
    this.#isStale = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (this.#isStale && this.#live) {
        this.#isStale = false;
        await this.#show(this.#live);
      }
    } catch (error) {
      notifyError(error);
    } finally {
      this.#isBusy = false;
    }
  }

  async #show(live: LiveTags): Promise<void> {
    const isWanted = (): boolean => !this.#isStale && live === this.#live;
    const tasks = this.#tasks;
    const { value } = this.#input;
    const names = tasks.map(({ name }) => name);
    const shown = await live.tag(value.slice(0, LONGEST), names, isWanted);
    if (!shown || live !== this.#live) return;
    this.#shown = shown;
    this.#tell(shown, value.length > LONGEST);
    if (!(await this.#tagged.show(shown, tasks, new Slices('draw', isWanted)))) return;
    for (const table of this.#tablesOf(tasks)) if (!(await table.show(shown, isWanted))) return;
  }

  /** A table for each task of type spans, on the page. */
  #tablesOf(tasks: readonly TaggerTask[]): EntityTable[] {
    const tables = tasks
      .filter(({ scheme }) => scheme !== null)
      .map((task) => {
        const table = this.#tables.get(task) ?? new EntityTable(task);
        this.#tables.set(task, table);
        return table;
      });
    const isSame = tables.length === this.#spans.childElementCount && tables.every(({ node }, i) => node === this.#spans.children[i]);
    if (!isSame) this.#spans.replaceChildren(...tables.map(({ node }) => node));
    return tables;
  }

  #tell({ sentences, tagged, milliseconds }: LiveText, isCut: boolean): void {
    const tokens = sentences.reduce((sum, sentence) => sum + sentence.tokens.length, 0);
    const work = tagged > 0 ? `${formatCount(tagged)} of them tagged in ${milliseconds.toFixed(1)} ms` : 'all known from before';
    const cut = isCut
      ? ` Only the first ${formatCount(LONGEST)} characters are tagged here; the command sparsetag tag takes any length.`
      : '';
    this.#figures.textContent = tokens > 0 ? `${formatCount(tokens)} tokens, ${work}.${cut}` : 'Nothing to tag yet.';
    this.#figures.dataset.milliseconds = `${milliseconds}`;
    this.#figures.dataset.tagged = `${tagged}`;
  }

  #copyButton(name: string, make: Copy): HTMLButtonElement {
    return button(`Copy ${name}`, () => {
      const shown = this.#shown;
      if (shown) void copy(name, () => make(shown, this.#tasks));
    });
  }
}

async function copy(name: string, make: () => string): Promise<void> {
  try {
    await navigator.clipboard.writeText(make());
    notify(`${name} copied.`);
  } catch (error) {
    if (error instanceof DOMException) notify('This browser does not let the page copy; select the text and copy it yourself.', 'fault');
    else notifyError(error);
  }
}
