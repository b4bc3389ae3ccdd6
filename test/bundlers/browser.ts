import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.safetensors': 'application/octet-stream',
};

const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Content-Security-Policy': "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:",
};

const PATIENCE_MILLISECONDS = 90_000;

/** A frame a page; reports what each shows, or the error it ends with, as soon as there is something. */
const HARNESS = `<!doctype html><meta charset="utf-8"><body><script>
const pages = JSON.parse(decodeURIComponent(location.hash.slice(1)));
for (const page of pages) {
  const frame = document.createElement('iframe');
  const report = (text) => fetch('/report?page=' + encodeURIComponent(page), { method: 'POST', body: text });
  frame.src = page;
  document.body.append(frame);
  const timer = setInterval(() => {
    const text = frame.contentDocument?.body?.textContent.trim();
    if (!text || !text.startsWith('{')) return;
    clearInterval(timer);
    report(text);
  }, 50);
  frame.addEventListener('load', () => {
    frame.contentWindow.addEventListener('error', (event) => report('error: ' + event.message));
    frame.contentWindow.addEventListener('unhandledrejection', (event) => report('error: ' + event.reason));
  });
}
</script>`;

/** What pages below `folder` show in Chromium: isolated, under a strict policy. A page that shows nothing has an empty text. */
export async function showPages(folder: string, pages: readonly string[]): Promise<Map<string, string>> {
  const shown = new Map<string, string>();
  const profile = path.join(folder, '.chromium');
  let server: Server | undefined;
  let browser: ChildProcess | undefined;
  try {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MILLISECONDS);
      server = createServer(async (request, response) => {
        const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
        if (pathname !== '/report') return serve(folder, pathname, response);
        shown.set(searchParams.get('page')!, await text(request));
        response.end();
        if (shown.size < pages.length) return;
        clearTimeout(timer);
        resolve();
      }).listen(0, '127.0.0.1', () => {
        const { port } = server!.address() as AddressInfo;
        const url = `http://127.0.0.1:${port}/#${encodeURIComponent(JSON.stringify(pages))}`;
        const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-data-dir=${profile}`];
        browser = spawn('chromium', [...flags, url], { stdio: 'ignore' });
        browser.on('error', () => resolve());
      });
    });
  } finally {
    browser?.kill();
    server?.closeAllConnections();
    server?.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
  return shown;
}

async function serve(folder: string, pathname: string, response: ServerResponse): Promise<void> {
  const file = path.join(folder, decodeURIComponent(pathname));
  const content = pathname === '/' ? HARNESS : await readFile(file).catch(() => null);
  const type = pathname === '/' ? TYPES['.html'] : TYPES[path.extname(file)];
  response.writeHead(content === null ? 404 : 200, { 'Content-Type': type ?? 'application/octet-stream', ...HEADERS }).end(content);
}
