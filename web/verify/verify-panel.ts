import { CONFORMANCE_CASES, type ConformanceResult } from 'sparsetag/conformance';
import type { Models } from '../models/models.js';
import { button, element, labelled, select } from '../ui/element.js';
import { notify, notifyError } from '../ui/notices.js';
import type { Asked, Told } from './worker.js';

/** Ways of computing that can be verified. */
const WAYS: Readonly<Record<string, Asked>> = {
  simd: { build: 'simd' },
  scalar: { build: 'scalar' },
  threads: { build: 'threads', threads: 2 },
};
const NAMES: Readonly<Record<string, string>> = { simd: 'SIMD', scalar: 'Without SIMD', threads: 'Two threads' };

/** Whether this browser has the bits that everything else has, and what the model in use was made of. */
export class VerifyPanel {
  readonly #run = button('Verify this browser', () => this.#toggle(), 'main');
  readonly #bar = element('progress', { attributes: { max: CONFORMANCE_CASES.length, value: 0, 'aria-label': 'Cases done' } });
  readonly #said = element('p', { class: 'figures', attributes: { id: 'verify-said', 'aria-live': 'polite' } });
  readonly #rows = element('tbody');
  readonly #recipe = element('div', { class: 'card' });
  #way = 'simd';
  #worker: Worker | null = null;
  #isShown = false;

  constructor(
    panel: HTMLElement,
    private readonly models: Models,
  ) {
    const choice = select(
      Object.keys(WAYS).map((way) => [way, NAMES[way]!] as const),
      this.#way,
      (way) => {
        this.#way = way;
      },
    );
    const head = ['case', 'SHA-256 here', 'as published'].map((name) => element('th', { attributes: { scope: 'col' } }, name));
    panel.replaceChildren(
      element(
        'div',
        { class: 'card' },
        element('h2', {}, 'The same bits here?'),
        element(
          'p',
          { class: 'soft' },
          'Every kernel, every way of sharing, a saved model, tags and scores are computed here and compared, by digest, with what other engines and processors have.',
        ),
        element('div', { class: 'ask' }, labelled('Computed with', choice), this.#run),
        this.#bar,
        this.#said,
        element(
          'div',
          { class: 'scroll digests', attributes: { tabindex: 0, role: 'region', 'aria-label': 'Digests' } },
          element('table', {}, element('thead', {}, element('tr', {}, ...head)), this.#rows),
        ),
      ),
      this.#recipe,
    );
    models.watch(() => this.#showRecipe());
  }

  show(isShown: boolean): void {
    this.#isShown = isShown;
    this.#showRecipe();
  }

  #toggle(): void {
    if (this.#worker) this.#end('Stopped.');
    else this.#start();
  }

  #start(): void {
    this.#rows.replaceChildren();
    this.#bar.value = 0;
    this.#said.textContent = 'Loading …';
    this.#run.textContent = 'Stop';
    let equal = 0;
    const worker = new Worker(new URL('./verify.js', import.meta.url), { type: 'module', name: 'sparsetag verify' });
    worker.onerror = (event) => {
      event.preventDefault();
      this.#end('The check could not be started.');
    };
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if ('fault' in data) {
        this.#end('The check was not finished.');
        notify(data.fault, 'fault');
      } else if ('digest' in data) {
        const all = CONFORMANCE_CASES.length;
        const told =
          equal === all
            ? `All ${all} digests are as published. This browser has the same bits.`
            : `${all - equal} of ${all} digests differ.`;
        this.#end(`${told} Digest of the suite: ${data.digest}`);
      } else {
        if (data.result.equal) equal += 1;
        this.#add(data.result);
      }
    };
    worker.postMessage(WAYS[this.#way]);
    this.#worker = worker;
  }

  #end(told: string): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#run.textContent = 'Verify this browser';
    this.#said.textContent = told;
  }

  #add({ name, digest, equal }: ConformanceResult): void {
    this.#bar.value += 1;
    this.#said.textContent = `${this.#bar.value} of ${CONFORMANCE_CASES.length} cases`;
    this.#rows.prepend(
      element(
        'tr',
        { class: equal ? '' : 'split' },
        element('th', { attributes: { scope: 'row' } }, name),
        element('td', {}, element('code', {}, digest.slice(0, 12))),
        element('td', {}, equal ? 'equal' : 'DIFFERS'),
      ),
    );
  }

  #showRecipe(): void {
    const { current } = this.models;
    if (!this.#isShown || !current) return;
    current.summary().then((summary) => {
      const { fingerprint, numericsVersion, corpora, words, config } = summary;
      const facts: readonly (readonly [string, string])[] = [
        ['Fingerprint', fingerprint],
        ['Arithmetic', `version ${numericsVersion}`],
        ['Words', `${words}`],
        ...corpora.map(({ name, hashes }) => [`Text ${name}`, `train ${hashes.train}`] as const),
      ];
      this.#recipe.replaceChildren(
        element('h2', {}, `What ${current.name} was made of`),
        element(
          'p',
          { class: 'soft' },
          'The fingerprint was computed from the file when it was opened. Who trains with this config on these texts gets it again.',
        ),
        element(
          'dl',
          { class: 'facts' },
          ...facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, element('code', {}, value))]),
        ),
        element(
          'details',
          {},
          element('summary', {}, 'Config'),
          element('pre', { attributes: { tabindex: 0 } }, JSON.stringify(config, null, 2)),
        ),
      );
    }, notifyError);
  }
}
