import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeServer } from '../../cli/serve/static-server.js';
import { buildPage } from '../helpers/page.js';

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-serve-'));
  await mkdir(path.join(folder, 'page/demo'), { recursive: true });
  await writeFile(path.join(folder, 'secret.txt'), 'secret');
  for (const [name, text] of [
    ['index.html', '<!doctype html>'],
    ['page.js', ''],
    ['kernels.wasm', '\0asm'],
    ['demo/a b.md', '# model'],
  ] as const)
    await writeFile(path.join(folder, 'page', name), text);
  server = await open(true);
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

async function open(isolated: boolean): Promise<Server> {
  const opened = await makeServer(path.join(folder, 'page'), isolated);
  opened.listen(0, '127.0.0.1');
  await once(opened, 'listening');
  return opened;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** A request whose path goes out as it is written. */
function ask(url: string, { method = 'GET', headers = {}, from = server } = {}): Promise<Answer> {
  const { port } = from.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = request({ port, path: url, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the server of the page', () => {
  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/index.html?a=1#b', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/kernels.wasm', 'application/wasm'],
    ['/demo/a%20b.md', 'text/markdown; charset=utf-8'],
  ])('gives %s its type', async (url, type) => {
    expect(await ask(url)).toMatchObject({ status: 200, headers: { 'content-type': type, 'x-content-type-options': 'nosniff' } });
  });

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/demo/../../secret.txt',
    '/demo/..%5c..%5csecret.txt',
    '//etc/passwd',
    '/demo/',
    '/demo',
    '/.',
    '/%00',
    '/%ff',
    '/%',
    'secret.txt',
    '/none',
  ])('has nothing at %s', async (url) => {
    const { status, text } = await ask(url);
    expect([400, 404]).toContain(status);
    expect(text).not.toContain('secret');
  });

  test('isolates pages, unless it is told not to, and always forbids what does not come from it', async () => {
    const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
    const { headers } = await ask('/');
    expect(headers).toMatchObject(isolation);
    const policy = `${headers['content-security-policy']}`;
    expect(policy).toContain("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).not.toMatch(/unsafe-(inline|hashes)|'unsafe-eval'|\*|https?:|data:|blob:/);
    const open_ = await open(false);
    const plain = await ask('/', { from: open_ });
    open_.close();
    for (const name of Object.keys(isolation)) expect(plain.headers).not.toHaveProperty(name);
    expect(plain.headers['content-security-policy']).toBe(policy);
  });

  test('says that a file has not changed', async () => {
    const { etag } = (await ask('/page.js')).headers;
    expect(await ask('/page.js', { headers: { 'If-None-Match': `${etag}` } })).toMatchObject({ status: 304, text: '' });
    expect(await ask('/page.js', { headers: { 'If-None-Match': '"other"' } })).toMatchObject({ status: 200 });
  });

  test('answers HEAD without a body and refuses what would change something', async () => {
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '', headers: { 'content-length': '15' } });
    for (const method of ['POST', 'PUT', 'DELETE']) expect(await ask('/', { method })).toMatchObject({ status: 405 });
  });
});

describe('sparsetag serve', () => {
  const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');
  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [cli, 'serve', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const firstLine = async (child: ChildProcess): Promise<string> => `${await once(createInterface(child.stdout!), 'line')}`;
  beforeAll(() => buildPage());

  test.each(['SIGINT', 'SIGTERM'] as const)('says where the page is, serves it to this machine, and ends on %s', async (signal) => {
    const child = start('--port', '0');
    const url = await firstLine(child);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await fetch(url);
    expect(await page.text()).toContain('<title>SparseTag</title>');
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([signal === 'SIGINT' ? 130 : 143, null]);
  });

  test('names a port that is taken, and what to do', async () => {
    const child = start('--port', `${(server.address() as AddressInfo).port}`);
    let text = '';
    child.stderr!.on('data', (part) => {
      text += part;
    });
    expect(await once(child, 'close')).toEqual([6, null]);
    expect(text).toMatch(/something else listens there; choose another with --port.*\[SERVE_LISTEN\]/);
  });

  test.each([
    ['--port', '70000'],
    ['--port', 'x'],
    ['--port', '-1'],
  ])('refuses %s %s', async (...args) => {
    expect(await once(start(args.join('=')), 'exit')).toEqual([2, null]);
  });
});

test('the policy in the page is the one that the server sends', async () => {
  const { headers } = await ask('/');
  const { readFile } = await import('node:fs/promises');
  const html = await readFile(path.resolve(import.meta.dirname, '../../web/index.html'), 'utf8');
  const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(html)!;
  // Who may frame a page can only be said in a header.
  expect(`${policy}; frame-ancestors 'none'`).toBe(headers['content-security-policy']);
});
