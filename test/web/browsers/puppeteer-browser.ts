import { type LaunchOptions, launch } from 'puppeteer-core';
import type { Browser, Tab } from './browser.js';

const OPTIONS: Readonly<Record<'chromium' | 'firefox-esr', LaunchOptions>> = {
  chromium: {
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  },
  'firefox-esr': { browser: 'firefox', executablePath: '/usr/bin/firefox-esr' },
};

/** Chromium by its own protocol, Firefox by WebDriver BiDi. */
export async function openPuppeteer(command: keyof typeof OPTIONS): Promise<Browser> {
  const browser = await launch({ ...OPTIONS[command], headless: true, acceptInsecureCerts: false });
  return {
    name: await browser.version(),
    close: () => browser.close(),
    newTab: async (): Promise<Tab> => {
      const page = await browser.newPage();
      return {
        open: async (url) => void (await page.goto(url)),
        evaluate: (run, ...values) => page.evaluate(run as never, ...(values as unknown as never[])) as never,
        inject: (script) => page.evaluate(script) as Promise<void>,
        resize: (width, height) => page.setViewport({ width, height }),
        press: (key) => page.keyboard.press(key as never),
        screenshot: async (file) => void (await page.screenshot({ path: file as `${string}.png` })),
        close: () => page.close(),
      };
    },
  };
}
