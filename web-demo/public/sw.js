// Keeps the page itself for the next visit without a network. Models are the package's affair (its own cache); imagery is kept as it was seen.
const SHELL = 'fair-edge-page-1';
const IMAGERY = 'fair-edge-imagery-1';
const MOST_TILES = 2000;

self.addEventListener('install', (event) => {
  event.waitUntil(self.skipWaiting());
});
self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith('fair-edge-page-') && name !== SHELL) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

async function fromNetwork(request, name) {
  const cache = await caches.open(name);
  try {
    const response = await fetch(request);
    if (response.ok) {
      const copy = response.clone();
      cache.put(request, copy).catch(() => undefined);
    }
    return response;
  } catch (e) {
    const kept = await cache.match(request, { ignoreSearch: request.mode === 'navigate' });
    if (kept) return kept;
    throw e;
  }
}

let tiles = 0;
async function tile(request) {
  const cache = await caches.open(IMAGERY);
  try {
    const response = await fetch(request);
    if (response.ok && tiles++ < MOST_TILES) cache.put(request, response.clone()).catch(() => undefined);
    return response;
  } catch (e) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw e;
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !/^https?:/.test(request.url)) return;
  const own = request.url.startsWith(self.registration.scope);
  const image = /\.(png|jpe?g|webp|tiff?)($|\?)/i.test(request.url);
  if (/\.onnx($|\?)/.test(request.url)) return;
  if (image && !/icon/.test(request.url)) event.respondWith(tile(request));
  else if (own || /\.json($|\?)/.test(request.url)) event.respondWith(fromNetwork(request, SHELL));
});
