import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import type { Browser, Tab } from './browser.js';

/** Keys that the tests press, as WebDriver spells them. */
const KEYS: Readonly<Record<string, string>> = {
  Tab: '\ue004',
  Enter: '\ue007',
  ArrowLeft: '\ue012',
  ArrowRight: '\ue014',
  End: '\ue010',
  Home: '\ue011',
};

/** WebKitGTK's browser on a screen of its own, by the W3C WebDriver protocol. */
export async function openWebKit(miniBrowser: string): Promise<Browser> {
  const screen = await openScreen();
  const port = await freePort();
  const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    stdio: 'ignore',
    env: { ...process.env, DISPLAY: screen.display, LIBGL_ALWAYS_SOFTWARE: '1' },
  });
  const root = `http://127.0.0.1:${port}`;
  await untilAnswers(`${root}/status`);
  const browserOptions = { binary: miniBrowser, args: ['--automation'] };
  const { sessionId, capabilities } = (await send(root, 'POST', '/session', {
    capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': browserOptions, timeouts: { script: 120_000 } } },
  })) as { sessionId: string; capabilities: { browserName: string; browserVersion: string } };
  const call = (method: string, path: string, body?: object): Promise<unknown> => send(root, method, `/session/${sessionId}${path}`, body);
  let spare: string | null = (await call('GET', '/window')) as string;
  return {
    name: `WebKitGTK (${capabilities.browserName} ${capabilities.browserVersion})`,
    newTab: async () => {
      // The browser ends with its last window, so one is always left; tabs are opened from it.
      if (spare === null) throw new Error('no window is left');
      await call('POST', '/window', { handle: spare });
      const { handle } = (await call('POST', '/window/new', { type: 'tab' })) as { handle: string };
      return webkitTab(call, handle);
    },
    close: async () => {
      spare = null;
      await call('DELETE', '').catch(() => {});
      await end(driver);
      await end(screen.process);
    },
  };
}

function webkitTab(call: (method: string, path: string, body?: object) => Promise<unknown>, handle: string): Tab {
  const here = () => call('POST', '/window', { handle });
  return {
    open: async (url) => {
      await here();
      await call('POST', '/url', { url });
    },
    evaluate: async (run, ...values) => {
      await here();
      const script = `const done = arguments[arguments.length - 1];
        Promise.resolve().then(() => (${run})(...arguments[0])).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
      const { value, error } = (await call('POST', '/execute/async', { script, args: [values] })) as { value: never; error?: string };
      if (error !== undefined) throw new Error(error);
      return value;
    },
    inject: async (script) => {
      await here();
      await call('POST', '/execute/sync', { script, args: [] });
    },
    resize: async (width, height) => {
      await here();
      await call('POST', '/window/rect', { width, height });
    },
    press: async (key) => {
      await here();
      const value = KEYS[key] ?? key;
      const actions = [
        { type: 'keyDown', value },
        { type: 'keyUp', value },
      ];
      await call('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
    },
    screenshot: async (file) => {
      await here();
      await writeFile(file, Buffer.from((await call('GET', '/screenshot')) as string, 'base64'));
    },
    close: async () => {
      await here();
      await call('DELETE', '/window');
    },
  };
}

async function send(root: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${root}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: { readonly error?: string; readonly message?: string } };
  if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
  return value;
}

/** A screen that nobody sees, of a number that is free. */
async function openScreen(): Promise<{ readonly process: ChildProcess; readonly display: string }> {
  const process = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1100x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = await once(process.stdio[3] as Readable, 'data');
  return { process, display: `:${`${number}`.trim()}` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function untilAnswers(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing answers at ${url}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
