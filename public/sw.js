/**
 * Keeps the page's own files, so that Whittle works without a network after the first visit. Nothing else is kept.
 *
 * The files of a build carry a hash in their names, and every name stands in the text of another file, from index.html
 * on: following them finds the whole build without a list. A build is known by the text of its index.html; when a new
 * one has been fetched whole, what the old one no longer shares is dropped.
 */
const cacheName = 'whittle';
const scope = new URL('./', self.location.href);
/** Known by name: the runtime that measures on one thread, and the small sample. */
const extras = [
  'icon.svg',
  'manifest.webmanifest',
  'samples/digits.tflite',
  'samples/digits-test.npz',
  'litert/litert_wasm_internal.mjs',
  'litert/litert_wasm_internal.wasm',
];
/** A server's `Vary: Origin` would hide a kept file from a module script's request for it. */
const anyOrigin = { ignoreVary: true };
const hashedName = /[\w.-]+-[\w-]{8}\.(?:js|css|wasm)\b/g;

/** Same bytes, with the headers that give the page threads and a fine clock even where the server sends none. */
function isolated(response) {
  if (response.status === 0 || response.status === 304) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

/** Fetches every file of the build that `index` belongs to, and drops those of earlier builds. */
async function keepBuild(cache, index) {
  const wanted = new Set([scope.href, ...extras.map((path) => new URL(path, scope).href)]);
  const queue = [await index.clone().text()];
  while (queue.length > 0) {
    for (const [name] of queue.pop().matchAll(hashedName)) {
      const url = new URL(`assets/${name}`, scope).href;
      if (wanted.has(url)) continue;
      wanted.add(url);
      const response = (await cache.match(url, anyOrigin)) ?? (await fetch(url));
      if (!response.ok) continue;
      await cache.put(url, response.clone());
      if (!name.endsWith('.wasm')) queue.push(await response.text());
    }
  }
  await cache.put(scope.href, index);
  for (const url of wanted) {
    if (await cache.match(url, anyOrigin)) continue;
    const response = await fetch(url).catch(() => null);
    if (response?.ok) await cache.put(url, response);
  }
  for (const request of await cache.keys())
    if (request.url.includes('/assets/') && !wanted.has(request.url)) await cache.delete(request);
}

async function fromNetwork(event, isPage) {
  const { request } = event;
  const cache = await caches.open(cacheName);
  const key = isPage ? scope.href : request;
  try {
    const response = await fetch(request);
    if (!response.ok) return response;
    if (!isPage) await cache.put(key, response.clone());
    else {
      const known = await cache.match(key, anyOrigin);
      const [now, before] = [await response.clone().text(), await known?.text()];
      if (now !== before) event.waitUntil(keepBuild(cache, response.clone()));
    }
    return response;
  } catch (error) {
    const kept = await cache.match(key, anyOrigin);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(
    (async () => keepBuild(await caches.open(cacheName), await fetch(scope, { cache: 'no-cache' })))(),
  );
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || !url.href.startsWith(scope.href) || request.headers.has('range')) return;
  const isPage = request.mode === 'navigate';
  const answer = async () => {
    // A hashed name never changes its content.
    const kept = url.pathname.includes('/assets/') ? await caches.match(request, anyOrigin) : null;
    return isolated(kept ?? (await fromNetwork(event, isPage)));
  };
  event.respondWith(answer());
});
