import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import { headersOf } from './headers.js';

/** A file of the page, and what names its content. */
interface Page {
  readonly bytes: Uint8Array;
  readonly tag: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A server of the files that a folder has now. They are read first, and a request can only name one of them: there is no way out of
 * the folder and no list of it.
 */
export async function makeServer(folder: string, isolated: boolean): Promise<Server> {
  const pages = await readPages(folder, isolated);
  return createServer((request, response) => answer(pages, request, response));
}

async function readPages(folder: string, isolated: boolean): Promise<ReadonlyMap<string, Page>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const pages = new Map<string, Page>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const bytes = await readFile(file);
    const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    pages.set(`/${path.relative(folder, file).split(path.sep).join('/')}`, { bytes, tag, headers: headersOf(file, isolated) });
  }
  const index = pages.get('/index.html');
  if (index) pages.set('/', index);
  return pages;
}

function answer(pages: ReadonlyMap<string, Page>, { method, url = '/', headers }: IncomingMessage, response: ServerResponse): void {
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  const page = pages.get(pathOf(url));
  if (!page) {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('There is no such file.\n');
    return;
  }
  const all = { ...page.headers, ETag: page.tag };
  if (headers['if-none-match'] === page.tag) {
    response.writeHead(304, all).end();
    return;
  }
  response.writeHead(200, { ...all, 'Content-Length': page.bytes.length });
  response.end(method === 'HEAD' ? undefined : page.bytes);
}

/** The path that a request names; one that cannot be read names nothing. */
function pathOf(url: string): string {
  try {
    return decodeURIComponent(url.split(/[?#]/, 1)[0]!);
  } catch {
    return '';
  }
}
