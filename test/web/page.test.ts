import { readFile } from 'node:fs/promises';
import { Tagger } from 'sparsetag';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_CHOICES } from '../../web/train/choices.js';
import { type Browser, noticesOf, type Tab, until } from './browsers/browser.js';
import { CANDIDATES, isThere } from './browsers/browsers.js';
import { HOSTILE } from './hostile.js';
import { fingerprintInNode, renamed, smallModel } from './models.js';
import { Site } from './site.js';

const SENTENCE = 'Mek Bren sagis ta klos. Dor Bank kopet 10 netas en Nord.';
const CHOICES = { ...DEFAULT_CHOICES, hidden: 8, epochs: 1, seed: 5 };
/** A training that a test can stop before it has ended, on a busy machine too. */
const LONG = { ...CHOICES, epochs: 12 };

let model: Uint8Array;
let files: Record<string, Uint8Array>;
let expected: string;
let expectedOfLong: string;
beforeAll(async () => {
  model = await smallModel();
  files = { 'demo/model.safetensors': model };
  expected = await fingerprintInNode(CHOICES);
  expectedOfLong = await fingerprintInNode(LONG);
});

async function openPage(browser: Browser, { url }: Site, hash = 'tag', threads = 2): Promise<Tab> {
  const tab = await browser.newTab();
  await tab.open(`${url}?threads=${threads}#${hash}`);
  await until(tab, 'the page is ready', () => document.documentElement.dataset.ready === 'true');
  await show(tab, hash);
  return tab;
}

/** Goes to a panel, whose script is loaded when it is first shown. */
async function show(tab: Tab, panel: string): Promise<void> {
  await tab.evaluate((id) => document.getElementById(`tab-${id}`)!.click(), panel);
  await until(tab, `${panel} is there`, (id) => document.getElementById(`panel-${id}`)!.childElementCount > 0, panel);
}

async function type(tab: Tab, text: string): Promise<void> {
  await tab.evaluate((value) => {
    const input = document.querySelector('textarea')!;
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, text);
}

/** Words and tags as they are shown, a line a token. */
function shownTags(tab: Tab): Promise<string[]> {
  return tab.evaluate(() => [...document.querySelectorAll('#panel-tag .token')].map((token) => token.getAttribute('data-said')!));
}

async function tagsAs(tab: Tab, text: string, tokens: readonly (readonly string[])[]): Promise<void> {
  const tagger = await Tagger.load(model);
  const lines = tagger.tagBatch(tokens).flatMap((tags, s) =>
    tokens[s]!.map(
      (token, i) =>
        `${token}: ${Object.entries(tags)
          .map(([name, own]) => `${name} ${own[i]}`)
          .join(', ')}`,
    ),
  );
  await type(tab, text);
  await until(
    tab,
    'the text is tagged as in Node',
    (all) => all === [...document.querySelectorAll('#panel-tag .token')].map((token) => token.getAttribute('data-said')).join('\n'),
    lines.join('\n'),
  );
}

const TOKENS = [
  ['Mek', 'Bren', 'sagis', 'ta', 'klos', '.'],
  ['Dor', 'Bank', 'kopet', '10', 'netas', 'en', 'Nord', '.'],
];

async function beginTraining(tab: Tab, choices = CHOICES): Promise<void> {
  await tab.evaluate((choices) => {
    const set = (id: string, value: unknown): void => {
      document.querySelector<HTMLInputElement>(`#train-${id}`)!.value = `${value}`;
    };
    for (const name of ['hidden', 'epochs', 'seed']) set(name, choices[name as keyof typeof choices]);
    document.querySelector<HTMLButtonElement>('#train-form .button.main')!.click();
  }, choices);
}

function fingerprintOf(tab: Tab): Promise<string | undefined> {
  return tab.evaluate(() => document.querySelector('#train-fingerprint')?.textContent ?? undefined);
}

/** Nothing that came in as text has become more than text. */
async function expectHarmless(tab: Tab): Promise<void> {
  const state = await tab.evaluate(() => ({
    broken: document.documentElement.dataset.broken ?? null,
    strangers: document.querySelectorAll(
      'main :is(script, iframe, style, link, meta, base, math, template, object, embed), main img, main a',
    ).length,
    title: document.title,
  }));
  expect(state).toEqual({ broken: null, strangers: 0, title: 'SparseTag' });
}

const chromium = CANDIDATES.find(({ name }) => name === 'Chromium')!;

test.skipIf(!isThere(chromium))('the page has enough contrast and names for everything, on phones and desks, light and dark', async () => {
  const browser = await chromium.open();
  const site = await Site.open(files);
  const tab = await openPage(browser, site);
  await tab.inject(await readFile(new URL('axe-core/axe.min.js', new URL('./browsers/node_modules/', import.meta.url)), 'utf8'));
  for (const [width, height] of [
    [375, 812],
    [1280, 900],
  ] as const) {
    await tab.resize(width, height);
    for (const theme of ['light', 'dark']) {
      for (const panel of ['tag', 'masks', 'train', 'verify']) {
        await show(tab, panel);
        const faults = await tab.evaluate(async (theme) => {
          document.documentElement.dataset.theme = theme;
          await new Promise((resolve) => setTimeout(resolve, 400));
          const { axe } = globalThis as unknown as {
            axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
          };
          const { violations } = await axe.run();
          return violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html} ${nodes[0]!.failureSummary}`);
        }, theme);
        expect(faults, `${panel}, ${theme}, ${width} pixels`).toEqual([]);
      }
    }
  }
  await browser.close();
  await site.close();
});

describe.each(CANDIDATES.filter(isThere))('in $name', ({ name, open }) => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    browser = await open();
    site = await Site.open(files);
    console.log(`${name}: ${browser.name}`);
  });
  afterAll(async () => {
    expect(site.violations).toEqual([]);
    await browser?.close();
    await site?.close();
  });

  test('a text is tagged as Node tags it', async () => {
    const tab = await openPage(browser, site);
    await tagsAs(tab, SENTENCE, TOKENS);
    expect(await tab.evaluate(() => document.querySelectorAll('#panel-tag .spans > *').length)).toBe(2);
    await tab.close();
  });

  test('an edit leaves the sentences around it as they are', async () => {
    const tab = await openPage(browser, site);
    await tagsAs(tab, SENTENCE, TOKENS);
    await tab.evaluate(() => {
      for (const node of document.querySelectorAll<HTMLElement>('#panel-tag .sentence')) node.dataset.old = 'true';
    });
    const middle = ['Ta', 'klos', 'sagis', '.'];
    await tagsAs(tab, 'Mek Bren sagis ta klos. Ta klos sagis. Dor Bank kopet 10 netas en Nord.', [TOKENS[0]!, middle, TOKENS[1]!]);
    const kept = () =>
      tab.evaluate(() => [...document.querySelectorAll<HTMLElement>('#panel-tag .sentence')].map(({ dataset }) => dataset.old === 'true'));
    expect(await kept()).toEqual([true, false, true]);
    await tagsAs(tab, 'Ta klos sagis. Dor Bank kopet 10 netas en Nord.', [middle, TOKENS[1]!]);
    expect(await kept()).toEqual([false, true]);
    await tab.close();
  });

  test('an edit of a word touches only words that are shown otherwise than before', async () => {
    const tab = await openPage(browser, site);
    await tagsAs(tab, SENTENCE, TOKENS);
    const before = await shownTags(tab);
    await tab.evaluate(() => {
      const touched = new Set<Element>();
      const observer = new MutationObserver((records) => {
        for (const { target } of records) touched.add((target instanceof Element ? target : target.parentElement!).closest('.token')!);
        const tokens = [...document.querySelectorAll('#panel-tag .token')];
        document.documentElement.dataset.touched = JSON.stringify([...touched].map((token) => tokens.indexOf(token)));
      });
      const node = document.querySelector('#panel-tag .tagged')!;
      observer.observe(node, { subtree: true, childList: true, characterData: true, attributes: true });
    });
    await tagsAs(tab, SENTENCE.replace('klos', 'klosa'), [TOKENS[0]!.with(4, 'klosa'), TOKENS[1]!]);
    const after = await shownTags(tab);
    const changed = after.flatMap((line, i) => (line === before[i] ? [] : [i]));
    expect(changed).toContain(4);
    await until(tab, 'the last word is drawn', (at) => JSON.parse(document.documentElement.dataset.touched ?? '[]').includes(at), 4);
    const touched: number[] = await tab.evaluate(() => JSON.parse(document.documentElement.dataset.touched!));
    // The last cell of a span that ends before the word says so.
    for (const at of touched) expect(changed.some((other) => Math.abs(other - at) <= 1)).toBe(true);
    await tab.close();
  });

  test('a long text is drawn whole, and given up for the one that replaces it', async () => {
    const tab = await openPage(browser, site);
    const long = Array.from({ length: 60 }, () => TOKENS[0]!);
    const text = 'Mek Bren sagis ta klos. '.repeat(60);
    await type(tab, text);
    await tagsAs(tab, SENTENCE, TOKENS);
    await tagsAs(tab, text, long);
    await tab.close();
  });

  test('a training goes on after its tab was closed, to the fingerprint that Node reaches', async () => {
    const first = await openPage(browser, site, 'train');
    await beginTraining(first, LONG);
    await until(first, '150 steps are done', () => Number(document.querySelector<HTMLElement>('#train-progress')?.dataset.step) >= 150);
    await first.close();
    const second = await openPage(browser, site, 'train');
    await until(second, 'the training is found', () => document.querySelector('[data-state=paused] .button.main') !== null);
    const step = await second.evaluate(() => Number(document.querySelector<HTMLElement>('#train-progress')!.dataset.step));
    expect(step).toBeGreaterThanOrEqual(100);
    await second.evaluate(() => document.querySelector<HTMLButtonElement>('[data-state=paused] .button.main')!.click());
    await until(second, 'the training is done', () => document.querySelector('#train-fingerprint') !== null);
    expect(await fingerprintOf(second)).toBe(expectedOfLong);
    const inUse = await second.evaluate(() => document.querySelector('#fingerprint')!.textContent!);
    expect(expectedOfLong.startsWith(inUse)).toBe(true);
    await second.close();
    // The model is kept, and the training is no longer offered.
    const third = await openPage(browser, site, 'train');
    expect(await third.evaluate(() => document.querySelectorAll('#model option').length)).toBe(3);
    expect(await third.evaluate(() => document.querySelector<HTMLElement>('#train-form')!.hidden)).toBe(false);
    await third.close();
  });

  test('a training can be paused and resumed', async () => {
    const tab = await openPage(browser, site, 'train');
    await beginTraining(tab, LONG);
    await until(tab, '30 steps are done', () => Number(document.querySelector<HTMLElement>('#train-progress')?.dataset.step) >= 30);
    await tab.evaluate(() => document.querySelector<HTMLButtonElement>('[data-state=running] .button.main')!.click());
    await until(tab, 'the training is paused', () => document.querySelector('[data-state=paused]') !== null);
    await tab.evaluate(() => document.querySelector<HTMLButtonElement>('[data-state=paused] .button.main')!.click());
    await until(tab, 'the training is done', () => document.querySelector('#train-fingerprint') !== null);
    expect(await fingerprintOf(tab)).toBe(expectedOfLong);
    await tab.close();
  });

  test('all ways of sharing are trained in turn, and compared on a sentence', async () => {
    const own = await Site.open(files);
    // One thread: each training starts its own, and Firefox now and then hangs in starting one (vitest.config.ts).
    const tab = await openPage(browser, own, 'train', 1);
    await tab.evaluate(() => {
      document.querySelector<HTMLSelectElement>('#train-sharing')!.value = 'all';
    });
    await beginTraining(tab);
    await until(tab, 'three models are there', () => document.querySelectorAll('#model option').length === 5);
    await until(tab, 'the last training is done', () => document.querySelector('#train-fingerprint') !== null);
    expect(await fingerprintOf(tab)).toBe(expected);
    await show(tab, 'masks');
    await tab.evaluate(() =>
      [...document.querySelectorAll<HTMLButtonElement>('#panel-masks .button')]
        .find(({ textContent }) => textContent === 'Compare')!
        .click(),
    );
    await until(tab, 'models are compared', () => document.querySelectorAll('.comparison').length === 3);
    const heads = await tab.evaluate(() => [...document.querySelectorAll('.comparison thead')].map(({ textContent }) => textContent!));
    for (const head of heads) expect(head).toMatch(/Sample, single single.*Sample, hard hard.*Sample, sparse sparse/);
    await tab.close();
    await own.close();
  });

  test('a page that is not isolated says why it has one thread, and has the same bits', async () => {
    const plain = await Site.open(files, { isolated: false });
    const tab = await openPage(browser, plain);
    expect(await tab.evaluate(() => document.getElementById('engine')!.textContent!)).toMatch(
      /one thread: the page is not cross-origin isolated/,
    );
    await tagsAs(tab, SENTENCE, TOKENS);
    await show(tab, 'train');
    await beginTraining(tab);
    await until(tab, 'the training is done', () => document.querySelector('#train-fingerprint') !== null);
    expect(await fingerprintOf(tab)).toBe(expected);
    expect(plain.violations).toEqual([]);
    await tab.close();
    await plain.close();
  });

  test('a first visit asks for what it shows before all that is kept for later', async () => {
    const fresh = await Site.open(files);
    const tab = await openPage(browser, fresh);
    if (await tab.evaluate(() => 'serviceWorker' in navigator)) {
      await tab.evaluate(async () => void (await navigator.serviceWorker.ready));
      const { requests } = fresh;
      expect(requests.indexOf('/demo/model.safetensors')).toBeGreaterThan(0);
      expect(requests.indexOf('/service-worker.js')).toBeGreaterThan(requests.indexOf('/demo/model.safetensors'));
    }
    await tab.close();
    await fresh.close();
  });

  test('the page works without a network once it was loaded', async () => {
    const cut = await Site.open(files);
    const tab = await openPage(browser, cut);
    const isReady = await tab.evaluate(async () => {
      if (!('serviceWorker' in navigator)) return false;
      await navigator.serviceWorker.ready;
      return true;
    });
    await cut.cut();
    await tagsAs(tab, SENTENCE, TOKENS);
    await show(tab, 'masks');
    await until(tab, 'masks are drawn', () => document.querySelectorAll('#panel-masks canvas').length > 0);
    // WebKitGTK asks its network for a page before its service worker, so there the page lasts until it is closed.
    if (isReady && name !== 'WebKit') {
      await tab.close();
      const again = await openPage(browser, cut);
      await tagsAs(again, SENTENCE, TOKENS);
      await again.close();
    } else {
      await tab.close();
    }
    await cut.close();
  });

  test('no hostile text runs or becomes more than text', async () => {
    const hostile = await Site.open({ ...files, 'demo/model.safetensors': renamed(model, HOSTILE) });
    const tab = await openPage(browser, hostile);
    const text = HOSTILE.join('\n\n');
    await type(tab, text.slice(0, 5000));
    await until(tab, 'the text is tagged', () => Number(document.getElementById('latency')!.dataset.tagged) > 200);
    await expectHarmless(tab);
    // One by one, as text, as name of a file, and in messages about it.
    for (let begin = 0; begin < HOSTILE.length; begin += 20) {
      await tab.evaluate(
        async (strings) => {
          const input = document.querySelector('textarea')!;
          for (const string of strings) {
            input.value = string;
            input.dispatchEvent(new Event('input', { bubbles: true }));
            const files = new DataTransfer();
            files.items.add(new File([string], `${string}.safetensors`));
            dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        },
        HOSTILE.slice(begin, begin + 20) as string[],
      );
    }
    await until(tab, 'the file is refused', () => document.querySelector('.notice.fault') !== null);
    await expectHarmless(tab);
    for (const panel of ['masks', 'train', 'verify', 'tag']) {
      await show(tab, panel);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await expectHarmless(tab);
    }
    await show(tab, 'masks');
    await tab.evaluate(() => {
      [...document.querySelectorAll<HTMLButtonElement>('#panel-masks .button')]
        .find(({ textContent }) => textContent === 'Compare')!
        .click();
    });
    await until(tab, 'models are compared', () => document.querySelectorAll('.comparison').length === 3);
    await expectHarmless(tab);
    expect(hostile.violations).toEqual([]);
    await tab.close();
    await hostile.close();
  });

  test('hostile labels, file names and faults of a training are text', async () => {
    const tab = await openPage(browser, site, 'train');
    const labels = HOSTILE.map((text) => text.replaceAll(/[\s\0]/g, '_').toWellFormed()).filter((text) => text.length > 0);
    const corpus = labels.map((label, i) => `w${i % 7} ${label}`).join('\n');
    await tab.evaluate(
      async (text, names) => {
        const source = document.querySelector<HTMLSelectElement>('#train-source')!;
        source.value = 'files';
        source.dispatchEvent(new Event('change', { bubbles: true }));
        const inputs = [...document.querySelectorAll<HTMLInputElement>('#panel-train input[type=file]')];
        inputs.forEach((input, i) => {
          const files = new DataTransfer();
          files.items.add(new File([i === 1 ? text.replace('w0 ', 'w0 \0 ') : text], names[i]!));
          input.files = files.files;
          input.dispatchEvent(new Event('change', { bubbles: true }));
        });
      },
      `${corpus}\n`,
      HOSTILE.slice(0, 3) as string[],
    );
    await until(tab, 'columns are found', () => document.querySelector('#panel-train .columns input') !== null);
    await beginTraining(tab);
    await until(tab, 'the fault is told', () => document.querySelector('.notice.fault') !== null);
    expect(await noticesOf(tab)).toMatch(/\[(CORPUS|TEXT)_[A-Z_]+\]/);
    await expectHarmless(tab);
    await tab.evaluate(() =>
      [...document.querySelectorAll<HTMLButtonElement>('#panel-train .button')]
        .find(({ textContent }) => textContent === 'Discard')
        ?.click(),
    );
    await tab.close();
  });

  test('the browser has the published digests', async () => {
    const tab = await openPage(browser, site, 'verify');
    await tab.evaluate(() => [...document.querySelectorAll<HTMLButtonElement>('#panel-verify .button')].at(-1)!.click());
    await until(tab, 'the suite is done', () => /Digest of the suite|not/.test(document.getElementById('verify-said')!.textContent!));
    expect(await tab.evaluate(() => document.getElementById('verify-said')!.textContent!)).toMatch(/^All \d+ digests are as published/);
    await tab.close();
  });

  test('tabs and tokens are reached and moved through by keys alone', async () => {
    const tab = await openPage(browser, site);
    await type(tab, SENTENCE);
    await until(tab, 'the text is tagged', () => document.querySelectorAll('#panel-tag .token').length === 14);
    const focused = () => tab.evaluate(() => document.activeElement?.id || document.activeElement?.getAttribute('data-said') || '');
    await tab.evaluate(() => document.getElementById('tab-tag')!.focus());
    await tab.press('ArrowRight');
    expect(await focused()).toBe('tab-masks');
    expect(await tab.evaluate(() => document.getElementById('panel-masks')!.hidden)).toBe(false);
    await tab.press('End');
    expect(await tab.evaluate(() => document.activeElement?.getAttribute('aria-selected'))).toBe('true');
    await tab.press('ArrowRight');
    expect(await focused()).toBe('tab-tag');
    // On from the tabs: the text, the switches, the buttons, one of the tokens.
    for (let i = 0; i < 20 && !(await focused()).startsWith('Mek'); i++) await tab.press('Tab');
    expect(await focused()).toMatch(/^Mek: pos /);
    await tab.press('ArrowRight');
    expect(await focused()).toMatch(/^Bren: pos /);
    expect(await tab.evaluate(() => document.querySelector('#panel-tag .detail')!.textContent!)).toMatch(/^Bren at 4–8pos /);
    await tab.close();
  });

  test.each([
    [375, 812],
    [1280, 900],
  ])('nothing is wider than the window at %d pixels', async (width, height) => {
    const tab = await openPage(browser, site);
    await tab.resize(width, height);
    for (const panel of ['tag', 'masks', 'train', 'verify']) {
      await show(tab, panel);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const { wide, inner } = await tab.evaluate(() => ({ wide: document.documentElement.scrollWidth, inner: innerWidth }));
      expect(wide).toBeLessThanOrEqual(inner);
    }
    await tab.close();
  });
});
