import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from '../architecture/source-files.js';
import type { Cell, Outcome } from './cells.js';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const MOST_MILLISECONDS = 240_000;

/** Cells wait here for a page to ask for them; the page's outcome of one comes with its wish for the next. */
export class PageServer {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  /** The page's wish for a cell, and the cell that is wished for: whichever comes first waits for the other. */
  #wish: ((cell: Cell | null) => void) | null = null;
  #cell: Cell | null = null;
  #report: (outcome: Outcome) => void = () => {};

  /** Starts to listen on the loopback address and gives the address of the page. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Has the page run a cell. */
  run(cell: Cell): Promise<Outcome> {
    return new Promise((resolve) => {
      const late = { error: `the page did not answer within ${MOST_MILLISECONDS / 1000} s` };
      const timer = setTimeout(() => resolve(late), MOST_MILLISECONDS);
      this.#report = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.#cell = cell;
      this.#send();
    });
  }

  close(): void {
    this.#wish?.(null);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #send(): void {
    if (this.#wish === null || this.#cell === null) return;
    this.#wish(this.#cell);
    this.#wish = null;
    this.#cell = null;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (request.method === 'POST') {
      const outcome = JSON.parse(await text(request)) as Outcome | null;
      if (outcome !== null) this.#report(outcome);
      this.#wish = (cell) => response.end(JSON.stringify(cell));
      this.#send();
      return;
    }
    const { pathname } = new URL(request.url!, 'http://page');
    const file = pathname.startsWith('/dist/') ? pathname : `test/engines/page/${pathname === '/' ? 'index.html' : pathname}`;
    try {
      const bytes = await readFile(path.join(ROOT, file));
      response.setHeader('Content-Type', TYPES[path.extname(file)] ?? 'application/octet-stream');
      response.end(bytes);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  }
}
