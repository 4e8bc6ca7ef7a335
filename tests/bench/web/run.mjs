// Benches of the browser's side, in Chromium; each prints figures beside what they are compared with and judges nothing.
// usage: [FAIR=…/fair | MODEL=small.onnx] [ROUNDS=5] [SIDE=6] node tests/bench/web/run.mjs [polygons] [session]     (npm ci here first; make web)
import { executable, launch } from '../../../wasm/package/tests/browser/chromium.mjs';
import { benchPolygons } from './polygons.mjs';
import { benchSession } from './session.mjs';

const benches = { polygons: benchPolygons, session: benchSession };
if (!executable) {
  console.error('bench: expected Chromium, found none; apt-get install chromium');
  process.exit(1);
}
const wanted = process.argv.slice(2);
const browser = await launch();
try {
  for (const [name, bench] of Object.entries(benches)) if (wanted.length === 0 || wanted.includes(name)) await bench(browser);
} finally {
  await browser.close();
}
