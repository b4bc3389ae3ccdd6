import { existsSync } from 'node:fs';
import type { Browser } from './browser.js';
import { openPuppeteer } from './puppeteer-browser.js';
import { openWebKit } from './webkit-browser.js';

const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';

interface Candidate {
  readonly name: string;
  /** Files that must be there. */
  readonly files: readonly string[];
  open(): Promise<Browser>;
}

/** The browsers that the page is tested in; Debian's packages chromium, firefox-esr, webkit2gtk-driver and xvfb have them. */
export const CANDIDATES: readonly Candidate[] = [
  { name: 'Chromium', files: ['/usr/bin/chromium'], open: () => openPuppeteer('chromium') },
  { name: 'Firefox', files: ['/usr/bin/firefox-esr'], open: () => openPuppeteer('firefox-esr') },
  { name: 'WebKit', files: ['/usr/bin/WebKitWebDriver', '/usr/bin/Xvfb', MINI_BROWSER], open: () => openWebKit(MINI_BROWSER) },
];

/** Whether a browser is installed. Where it must be, in CI, one that is missing fails in the tests; elsewhere it is told, and left out. */
export function isThere({ name, files }: Candidate): boolean {
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length === 0 || process.env.CI === 'true') return true;
  console.warn(`\n*** ${name} is NOT TESTED: ${missing.join(', ')} is missing ***\n`);
  return false;
}
