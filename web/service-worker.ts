// Keeps the files of one build, all of them, and answers from them: a page is of one build, with the network or without. A new build
// takes over when the last page of the old one is closed. The page that installed it goes on without it: claiming a page whose
// workers start workers hangs these in Firefox.

/** Names of the build's files, and a digest of what they hold; put in by the build. */
declare const FILES: readonly string[];
declare const BUILD: string;

/** What this script uses of its scope; the types of pages do not have it. */
interface Scope {
  addEventListener(type: 'install' | 'activate', listener: (event: Event & { waitUntil(done: Promise<unknown>): void }) => void): void;
  addEventListener(
    type: 'fetch',
    listener: (event: Event & { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
}

const scope = self as unknown as Scope;
const PREFIX = 'sparsetag ';
const CACHE = `${PREFIX}${BUILD}`;

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' })));
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}

async function answer(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: CACHE, ignoreSearch: true })) ?? fetch(request);
}

scope.addEventListener('install', (event) => event.waitUntil(fill()));
scope.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && new URL(request.url).origin === location.origin) event.respondWith(answer(request));
});
