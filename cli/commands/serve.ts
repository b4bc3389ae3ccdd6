import { once } from 'node:events';
import { access } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ResourceError } from 'sparsetag';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { makeServer } from '../serve/static-server.js';
import { UsageError } from '../usage-error.js';

const DEFAULT_PORT = '8080';
const LOOPBACK = '127.0.0.1';

export const serve: Command = {
  name: 'serve',
  summary: 'serve the page that tags, trains and shows masks in the browser',
  usage: '[options]',
  description: `Serves the page to browsers on this machine, until Ctrl-C. What is entered there stays in the browser. The page is isolated from
other sites (headers COOP and COEP), which its threads need; it works without too, on one thread, with the same bits.`,
  options: {
    port: { value: 'N', help: `port; 0: any that is free; default ${DEFAULT_PORT}` },
    host: { value: 'ADDRESS', help: `address to listen at; default ${LOOPBACK}, which only this machine reaches` },
    'no-isolation': { help: 'leave the headers COOP and COEP out' },
  },
  takesSettings: false,
  positionals: [0, 0],
  examples: [
    ['sparsetag serve', `then open http://${LOOPBACK}:${DEFAULT_PORT}/`],
    ['sparsetag serve --port 0', 'at a port that is free'],
  ],
  async run(args, host) {
    const port = portOf(args.value('port') ?? DEFAULT_PORT);
    const address = args.value('host') ?? LOOPBACK;
    const folder = fileURLToPath(new URL('./web/', import.meta.url));
    await access(folder).catch((cause) => {
      throw new ResourceError('SERVE_NO_PAGE', `the page is not at ${folder}; run the build`, { cause });
    });
    const server = await makeServer(folder, !args.has('no-isolation'));
    const signal = host.interruptible();
    await listen(server, port, address);
    const { port: taken } = server.address() as AddressInfo;
    await host.write(`http://${address.includes(':') ? `[${address}]` : address}:${taken}/\n`);
    host.note('Ctrl-C ends it.');
    if (!signal.aborted) await once(signal, 'abort');
    server.close();
    server.closeAllConnections();
    return EXIT.ok;
  },
};

async function listen(server: Server, port: number, address: string): Promise<void> {
  try {
    server.listen(port, address);
    await once(server, 'listening');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      EADDRINUSE: 'something else listens there; choose another with --port, or 0 for any that is free',
      EACCES: 'it may not be listened at; choose a port above 1023 with --port',
      EADDRNOTAVAIL: 'this machine has no such address; leave --host out for this machine alone',
      ENOTFOUND: 'this machine has no such address; leave --host out for this machine alone',
    };
    throw new ResourceError('SERVE_LISTEN', `cannot listen at ${address} port ${port}: ${reasons[code ?? ''] ?? message}`, { cause });
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65535) return port;
  throw new UsageError(`--port: expected a number from 0 to 65535; found ${text}`);
}
