import { spansOf, type TaggerTask } from 'sparsetag';
import { element, setText } from '../ui/element.js';
import type { Slices } from '../ui/frames.js';
import { formatPercent } from '../ui/numbers.js';
import type { LiveSentence, LiveText } from './live-tags.js';

/** Colours of labels; labels beyond them begin again. */
const HUES = 8;

/** A sentence that is drawn. */
interface Drawn {
  /** Of the sentence; empty while it is being drawn. */
  key: string;
  readonly node: HTMLElement;
}

/** What is shown of a token below it, a task: a tag, or a part of a span, of which the first says the type. */
interface Cell {
  readonly style: string;
  readonly text: string;
}

/**
 * The tagged text: tokens in lines, below each token a row a task. Whatever is as it was is left alone, since the browser lays out
 * and paints all that is touched; long texts are drawn over several frames.
 */
export class TaggedText {
  readonly node = element('div', { class: 'tagged', attributes: { role: 'listbox', 'aria-label': 'Tagged text' } });
  readonly detail = element('p', { class: 'detail', attributes: { 'aria-live': 'polite' } });
  readonly #drawn: Drawn[] = [];
  #sentences: readonly LiveSentence[] = [];
  #tasks: readonly TaggerTask[] = [];

  constructor() {
    this.node.addEventListener('pointerover', (event) => this.#tell(event.target));
    this.node.addEventListener('focusin', (event) => this.#tell(event.target));
    this.node.addEventListener('keydown', (event) => this.#move(event));
  }

  /** Shows a text under tasks; false if it was given up before its end. */
  async show({ sentences }: LiveText, tasks: readonly TaggerTask[], slices: Slices): Promise<boolean> {
    const isSame = tasks.length === this.#tasks.length && tasks.every((task, i) => task === this.#tasks[i]);
    this.#sentences = sentences;
    this.#tasks = tasks;
    if (!isSame) for (const drawn of this.#drawn) drawn.key = '';
    const { head, tail } = this.#common(sentences);
    const end = sentences.length - tail;
    for (let i = head; i < end; i++) {
      if (i >= this.#drawn.length - tail) this.#insert(i);
      if (!(await drawSentence(this.#drawn[i]!, sentences[i]!, tasks, slices))) return false;
    }
    while (this.#drawn.length > sentences.length) {
      const [gone] = this.#drawn.splice(end, 1);
      gone!.node.remove();
      if (!(await slices.breathe())) return false;
    }
    setText(this.detail, sentences.length > 0 ? 'Point at a word for its place and scores.' : '');
    this.#reachable();
    return true;
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

  #insert(at: number): void {
    const node = element('div', { class: 'sentence', attributes: { role: 'group', 'aria-label': 'Sentence' } });
    this.node.insertBefore(node, this.#drawn[at]?.node ?? null);
    this.#drawn.splice(at, 0, { key: '', node });
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

/** Makes an element show a sentence, token by token; false if that was given up. */
async function drawSentence(drawn: Drawn, sentence: LiveSentence, tasks: readonly TaggerTask[], slices: Slices): Promise<boolean> {
  drawn.key = '';
  const { tokens, starts, ends, tags } = sentence;
  const rows = tasks.map((task) => rowOf(task, tags.get(task.name)!.tags));
  const nodes = [...drawn.node.children] as HTMLElement[];
  for (const [i, token] of tokens.entries()) {
    const isGlued = i + 1 < tokens.length && starts[i + 1] === ends[i];
    const said = tasks.map(({ name }) => `${name} ${tags.get(name)!.tags[i]}`).join(', ');
    const cells = rows.map((row) => row[i]!);
    drawToken(nodes[i] ?? appendToken(drawn.node, i), `${token}: ${said}`, isGlued, [{ style: 'word', text: token }, ...cells]);
    if (!(await slices.breathe())) return false;
  }
  for (const node of nodes.slice(tokens.length)) {
    node.remove();
    if (!(await slices.breathe())) return false;
  }
  drawn.key = sentence.key;
  return true;
}

function appendToken(sentence: HTMLElement, at: number): HTMLElement {
  const token = element('span', { attributes: { role: 'option', 'aria-selected': 'false', tabindex: -1, 'data-at': at } });
  sentence.append(token);
  return token;
}

function drawToken(node: HTMLElement, said: string, isGlued: boolean, cells: readonly Cell[]): void {
  if (node.dataset.said !== said) {
    node.dataset.said = said;
    node.setAttribute('aria-selected', 'false');
  }
  setStyle(node, isGlued ? 'token glued' : 'token');
  while (node.childElementCount > cells.length) node.lastElementChild!.remove();
  while (node.childElementCount < cells.length) node.append(element('span'));
  cells.forEach(({ style, text }, i) => {
    const cell = node.children[i] as HTMLElement;
    setStyle(cell, style);
    setText(cell, text);
  });
}

function setStyle(node: HTMLElement, style: string): void {
  if (node.className !== style) node.className = style;
}

/** A cell a token. */
function rowOf({ tags: all, scheme }: TaggerTask, tags: readonly string[]): Cell[] {
  if (scheme === null) return tags.map((text) => ({ style: 'tag', text }));
  const types = [...new Set(all.filter((tag) => tag !== 'O').map((tag) => tag.slice(2)))];
  const cells: Cell[] = tags.map(() => ({ style: 'span', text: '' }));
  for (const { start, end, type } of spansOf(tags, scheme)) {
    const hue = types.indexOf(type) % HUES;
    for (let i = start; i < end; i++) {
      const ends = `${i === start ? ' first' : ''}${i === end - 1 ? ' last' : ''}`;
      cells[i] = { style: `span hue-${hue}${ends}`, text: i === start ? type : '' };
    }
  }
  return cells;
}
