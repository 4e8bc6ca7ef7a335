// A static server on 127.0.0.1 for tests: folders under prefixes, made-up answers, headers as a test wants them. Counts what it is asked for.
import { createServer } from 'node:http';
import { createReadStream, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.geojson': 'application/geo+json',
  '.wasm': 'application/wasm', '.png': 'image/png', '.jpg': 'image/jpeg', '.tif': 'image/tiff', '.onnx': 'application/octet-stream', '.svg': 'image/svg+xml', '.webmanifest': 'application/manifest+json',
};

/** `folders`: {prefix: folder}. `answers`: [(path, request, response) => true where it answered]. */
export async function serve({ folders = {}, answers = [], headers = {} } = {}) {
  const state = { requests: [], headers, answers, folders };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://127.0.0.1').pathname);
    state.requests.push(path);
    for (const [name, value] of Object.entries(state.headers)) response.setHeader(name, value);
    for (const answer of state.answers) if (answer(path, request, response)) return;
    for (const [prefix, folder] of Object.entries(state.folders)) {
      if (!path.startsWith(prefix)) continue;
      const file = join(folder, normalize('/' + path.slice(prefix.length)));
      let stat;
      try {
        stat = statSync(file);
        if (!stat.isFile()) continue;
      } catch {
        continue;
      }
      const etag = `"${stat.size}-${stat.mtimeMs}"`;
      response.setHeader('etag', etag);
      if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-length': stat.size });
      createReadStream(file).pipe(response);
      return;
    }
    response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    state,
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }),
  };
}

export const isolated = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-resource-policy': 'cross-origin' };
/** What a strict page sends. */
export const strict = { 'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'" };
