import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Session } from './engines.js';
import { PageServer } from './page-server.js';

/** The command that opens an address with a profile folder of its own. */
export type BrowserCommand = (url: string, profile: string) => readonly string[];

export const chromiumCommand: BrowserCommand = (url, profile) => [
  'chromium',
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--user-data-dir=${profile}`,
  url,
];

export const firefoxCommand: BrowserCommand = (url, profile) => ['firefox-esr', '--headless', '--no-remote', '--profile', profile, url];

export const webkitCommand =
  (miniBrowser: string): BrowserCommand =>
  (url) => ['xvfb-run', '--auto-servernum', miniBrowser, url];

/** What keeps a new profile of Firefox from pages and connections of its own; other browsers do not read it. */
const FIREFOX_SETTINGS = `user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.normandy.enabled", false);
`;

/** Opens the page in a browser without a window, whose processes end with the session. */
export async function openBrowser(command: BrowserCommand): Promise<Session> {
  const server = new PageServer();
  const url = await server.listen();
  const profile = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-browser-'));
  await writeFile(path.join(profile, 'user.js'), FIREFOX_SETTINGS);
  const [file, ...values] = command(url, profile);
  // A process group of its own, so that all that the browser starts ends with it.
  const browser = spawn(file!, values, { detached: true, stdio: 'ignore', env: { ...process.env, HOME: profile } });
  return {
    run: (cell) => server.run(cell),
    close: async () => {
      server.close();
      const ended = new Promise((resolve) => browser.once('exit', resolve));
      process.kill(-browser.pid!, 'SIGTERM');
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
