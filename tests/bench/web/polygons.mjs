// A mask of buildings, 2048 pixels a side, to polygons in one page: core's WASM beside d3-contour and OpenCV.js.
import { fileURLToPath } from 'node:url';
import { serve } from '../../../wasm/package/tests/browser/server.mjs';

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));
const html = `<!doctype html><script src="/modules/d3-array/dist/d3-array.min.js"></script><script src="/modules/d3-contour/dist/d3-contour.min.js"></script>
<script src="/modules/@techstark/opencv-js/dist/opencv.js"></script><script type="module" src="/here/polygons_page.js"></script>`;
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

export async function benchPolygons(browser, { size = 2048, count = 5000, rounds = 9 } = {}) {
  const page = (path, _request, response) => path === '/' && Boolean(response.writeHead(200, { 'content-type': 'text/html' }).end(html));
  const server = await serve({ folders: { '/dist/': folder('../../../wasm/package/dist/'), '/modules/': folder('node_modules/'), '/here/': folder('./') }, answers: [page] });
  try {
    const tab = await browser.newPage();
    tab.on('pageerror', (e) => console.error(e.message));
    await tab.goto(server.url);
    await tab.waitForFunction(() => window.polygons);
    const { ms, shapes, covered } = await tab.evaluate((options) => window.polygons(options), { size, count, rounds });
    await tab.close();
    console.log(`mask of ${size}² pixels, ${(100 * covered).toFixed(0)} % buildings, to polygons; ${rounds} rounds in turns`);
    for (const [name, times] of Object.entries(ms)) {
      console.log(`  ${name.padEnd(52)} ${String(shapes[name]).padStart(6)} shapes   median ${median(times).toFixed(1).padStart(7)} ms   min ${Math.min(...times).toFixed(1).padStart(7)} ms`);
    }
    const best = (part) => Math.min(...Object.entries(ms).filter(([name]) => name.startsWith(part)).map(([, times]) => median(times)));
    const ours = median(ms['core: polygons in metres, holes nested']);
    console.log(`  polygons in metres against the faster d3-contour: ${(best('d3') / ours).toFixed(1)} x as fast; against the faster findContours: ${(best('OpenCV') / ours).toFixed(2)} x as fast`);
  } finally {
    await server.close();
  }
}
