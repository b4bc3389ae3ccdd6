import { spansOf, type TaggerTask } from 'sparsetag';
import { element } from '../ui/element.js';
import { Slices } from '../ui/frames.js';
import { formatPercent } from '../ui/numbers.js';
import type { LiveSentence, LiveText } from './live-tags.js';

/** Colours of labels; labels beyond them begin again. */
const HUES = 8;

interface Drawn {
  readonly key: string;
  readonly node: HTMLElement;
}

/**
 * The tagged text: tokens in lines, below each token a row a task. Sentences that are as they were keep their elements, and long
 * texts are drawn over several frames.
 */
export class TaggedText {
  readonly node = element('div', { class: 'tagged', attributes: { role: 'listbox', 'aria-label': 'Tagged text' } });
  readonly detail = element('p', { class: 'detail', attributes: { 'aria-live': 'polite' } });
  #drawn: Drawn[] = [];
  #sentences: readonly LiveSentence[] = [];
  #tasks: readonly TaggerTask[] = [];
  #turn = 0;

  constructor() {
    this.node.addEventListener('pointerover', (event) => this.#tell(event.target));
    this.node.addEventListener('focusin', (event) => this.#tell(event.target));
    this.node.addEventListener('keydown', (event) => this.#move(event));
  }

  /** Shows a text under tasks; what was still being drawn is given up. */
  async show({ sentences }: LiveText, tasks: readonly TaggerTask[]): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const slices = new Slices();
    const isSame = tasks.length === this.#tasks.length && tasks.every((task, i) => task === this.#tasks[i]);
    this.#sentences = sentences;
    this.#tasks = tasks;
    if (!isSame) this.#cut(0, 0);
    const { head, tail } = this.#common(sentences);
    for (const [i, sentence] of sentences.slice(0, sentences.length - tail).entries()) {
      if (i < head) continue;
      const drawn = { key: sentence.key, node: drawSentence(sentence, tasks) };
      const [old] = this.#drawn.splice(i, i < this.#drawn.length - tail ? 1 : 0, drawn);
      this.node.insertBefore(drawn.node, this.#drawn[i + 1]?.node ?? null);
      old?.node.remove();
      await slices.breathe();
      if (turn !== this.#turn) return;
    }
    this.#cut(sentences.length - tail, tail);
    this.detail.textContent = sentences.length > 0 ? 'Point at a word for its place and scores.' : '';
    this.#reachable();
  }

  /** How many sentences at the begin and at the end are drawn as they shall be: an edit changes what lies between. */
  #common(sentences: readonly LiveSentence[]): { readonly head: number; readonly tail: number } {
    const drawn = this.#drawn;
    const least = Math.min(drawn.length, sentences.length);
    let head = 0;
    while (head < least && drawn[head]!.key === sentences[head]!.key) head += 1;
    let tail = 0;
    while (tail < least - head && drawn.at(-1 - tail)!.key === sentences.at(-1 - tail)!.key) tail += 1;
    return { head, tail };
  }

  /** Takes away what is drawn from `begin` on, but not the last `tail`. */
  #cut(begin: number, tail: number): void {
    for (const { node } of this.#drawn.splice(begin, this.#drawn.length - tail - begin)) node.remove();
  }

  /** One token can be reached by the Tab key, and the arrow keys lead to the others. */
  #reachable(): void {
    if (this.node.querySelector('[tabindex="0"]')) return;
    this.node.querySelector<HTMLElement>('.token')?.setAttribute('tabindex', '0');
  }

  #move(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const token = event.target instanceof Element ? event.target.closest<HTMLElement>('.token') : null;
    if (step === undefined || !token) return;
    event.preventDefault();
    const tokens = [...this.node.querySelectorAll<HTMLElement>('.token')];
    const next = tokens[tokens.indexOf(token) + step];
    if (!next) return;
    token.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  #tell(target: EventTarget | null): void {
    const token = target instanceof Element ? target.closest<HTMLElement>('.token') : null;
    if (!token) return;
    const s = this.#drawn.findIndex(({ node }) => node.contains(token));
    const sentence = this.#sentences[s];
    const i = Number(token.dataset.at);
    if (!sentence || sentence.key !== this.#drawn[s]!.key) return;
    for (const old of this.node.querySelectorAll('[aria-selected=true]')) old.setAttribute('aria-selected', 'false');
    token.setAttribute('aria-selected', 'true');
    const said = this.#tasks.flatMap(({ name }) => {
      const scored = sentence.tags.get(name);
      return scored ? [`${name} ${scored.tags[i]} ${formatPercent(scored.scores[i]!)}`] : [];
    });
    this.detail.replaceChildren(
      element('strong', {}, sentence.tokens[i]!),
      ` at ${sentence.starts[i]}–${sentence.ends[i]}`,
      ...said.map((text) => element('span', {}, text)),
    );
  }
}

function drawSentence({ tokens, starts, ends, tags }: LiveSentence, tasks: readonly TaggerTask[]): HTMLElement {
  const rows = tasks.map((task) => rowOf(task, tags.get(task.name)!.tags));
  return element(
    'div',
    { class: 'sentence', attributes: { role: 'group', 'aria-label': 'Sentence' } },
    ...tokens.map((token, i) => {
      const isGlued = i + 1 < tokens.length && starts[i + 1] === ends[i];
      const said = tasks.map(({ name }) => `${name} ${tags.get(name)!.tags[i]}`).join(', ');
      return element(
        'span',
        {
          class: `token${isGlued ? ' glued' : ''}`,
          attributes: { role: 'option', 'aria-selected': 'false', 'data-said': `${token}: ${said}`, tabindex: -1, 'data-at': i },
        },
        element('span', { class: 'word' }, token),
        ...rows.map((row) => row[i]!),
      );
    }),
  );
}

/** A cell a token: its tag, or its part of a span, of which the first says the type. */
function rowOf({ tags: all, scheme, name }: TaggerTask, tags: readonly string[]): HTMLElement[] {
  if (scheme === null) return tags.map((tag) => element('span', { class: 'tag', attributes: { 'data-task': name } }, tag));
  const types = [...new Set(all.filter((tag) => tag !== 'O').map((tag) => tag.slice(2)))];
  const cells = tags.map(() => element('span', { class: 'span' }));
  for (const { start, end, type } of spansOf(tags, scheme)) {
    const hue = types.indexOf(type) % HUES;
    for (let i = start; i < end; i++) {
      const cell = cells[i]!;
      cell.className = `span hue-${hue}${i === start ? ' first' : ''}${i === end - 1 ? ' last' : ''}`;
      if (i === start) cell.append(element('b', {}, type));
    }
  }
  return cells;
}
