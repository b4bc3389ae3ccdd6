import { Tagger } from 'sparsetag/infer';

let loading;

async function load() {
  const response = await fetch('model.safetensors');
  return Tagger.load(new Uint8Array(await response.arrayBuffer()));
}

async function answer(text) {
  loading ??= load();
  const tagger = await loading;
  return Response.json({ fingerprint: tagger.fingerprint, entities: tagger.entities(text, { task: 'ner' }) });
}

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  const { pathname, searchParams } = new URL(event.request.url);
  if (pathname.endsWith('/entities')) event.respondWith(answer(searchParams.get('text')));
});
