// What the browser tests share: the package's pages on a server, imagery, a model.
import { brightItem, brightModel, tile } from './bright_model.mjs';
import { serve } from './server.mjs';

const dist = new URL('../../dist/standalone/', import.meta.url).pathname;
export const zoom = 19;
export const west = 262144;
export const north = 262140;

const degrees = (x, y) => [(x / 2 ** zoom) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** zoom))) * 180) / Math.PI];
/** Degrees of n x m whole tiles, a hair inside. */
export function box(columns, rows) {
  const [w, n] = degrees(west, north);
  const [e, s] = degrees(west + columns, north + rows);
  const hair = 1e-7;
  return [w + hair, s + hair, e - hair, n - hair];
}

/** A server with the package at /lib/, a page at /, tiles at /tiles/z/x/y.png, the model at /model.onnx and its item at /item.json. */
export async function site(headers = {}) {
  const model = brightModel();
  const server = await serve({ folders: { '/lib/': dist }, headers });
  const drawn = new Map();
  server.state.answers.push((path, _request, response) => {
    const send = (type, body) => { response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }); response.end(body); return true; };
    if (path === '/') return send('text/html', '<!doctype html><title>test</title><script type="module" src="/page.js"></script>');
    if (path === '/page.js') return send('text/javascript', "import * as fair from '/lib/index.js'; window.fair = fair;");
    if (path === '/asked') return send('application/json', JSON.stringify(server.state.requests));
    if (path === '/model.onnx') return send('application/octet-stream', model);
    if (path === '/item.json') return send('application/json', JSON.stringify(brightItem(`${server.url}/model.onnx`, model)));
    const at = /^\/tiles\/\d+\/(\d+)\/(\d+)\.png$/.exec(path);
    if (at) {
      const key = `${at[1] % 45},${at[2] % 35}`;
      if (!drawn.has(key)) drawn.set(key, tile(Number(at[1]), Number(at[2])));
      return send('image/png', drawn.get(key));
    }
    return false;
  });
  return { ...server, model };
}

export async function open(browser, url) {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(url);
  await page.waitForFunction(() => window.fair);
  return page;
}
