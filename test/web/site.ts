import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { OutgoingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { makeServer } from '../../cli/serve/static-server.js';

const VIOLATIONS = '/violations';

/** The built page with files of the tests, served as `sparsetag serve` does; what breaks the policy is reported to it. */
export class Site {
  /** Reports of browsers about what the policy has refused. */
  readonly violations: string[] = [];
  /** Paths that were asked for, in order. */
  readonly requests: string[] = [];

  private constructor(
    readonly url: string,
    readonly folder: string,
    private readonly server: Server,
  ) {}

  /** @param files by their paths in the page's folder */
  static async open(files: Readonly<Record<string, Uint8Array>>, { isolated = true } = {}): Promise<Site> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-site-'));
    await cp(path.resolve(import.meta.dirname, '../../dist/web'), folder, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(folder, name), bytes);
    await keepOffline(path.join(folder, 'service-worker.js'), Object.keys(files));
    const server = await makeServer(folder, isolated);
    const site: { violations?: string[] } = {};
    server.prependListener('request', (request, response) => {
      if (request.url === VIOLATIONS) request.on('data', (part) => site.violations?.push(`${part}`));
      const writeHead = response.writeHead.bind(response) as (status: number, headers: OutgoingHttpHeaders) => typeof response;
      response.writeHead = ((status: number, headers: OutgoingHttpHeaders) => {
        const policy = headers['Content-Security-Policy'];
        return writeHead(
          status,
          policy === undefined ? headers : { ...headers, 'Content-Security-Policy': `${policy}; report-uri ${VIOLATIONS}` },
        );
      }) as typeof response.writeHead;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const opened = new Site(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, folder, server);
    site.violations = opened.violations;
    server.on('request', ({ url }) => opened.requests.push(`${url}`));
    return opened;
  }

  /** Cuts the network. */
  async cut(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  async close(): Promise<void> {
    await this.cut();
    await rm(this.folder, { recursive: true });
  }
}

/** Files of the tests are kept as those of the build are. */
async function keepOffline(script: string, names: readonly string[]): Promise<void> {
  const text = await readFile(script, 'utf8');
  const missing = names.filter((name) => !text.includes(JSON.stringify(name)));
  await writeFile(script, text.replace('["./"', ['["./"', ...missing.map((name) => JSON.stringify(name))].join(',')));
}
