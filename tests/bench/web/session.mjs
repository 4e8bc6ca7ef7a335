// A whole prediction beside the bare session.run loop, in one page, and tiles a second with each provider. MODEL names an ONNX file that describes
// itself (fair export); without one, FAIR names the program that makes it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { box, open, site, zoom } from '../../../wasm/package/tests/browser/pages.mjs';
import { isolated } from '../../../wasm/package/tests/browser/server.mjs';

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const show = (values) => `median ${median(values).toFixed(0).padStart(7)} ms   min ${Math.min(...values).toFixed(0).padStart(7)} ms`;

/** The small U-Net as it is born: weights do not change how long it runs. */
function smallModel(work) {
  const workspace = join(work, 'workspace');
  const model = join(work, 'small.onnx');
  execFileSync(process.env.FAIR, ['--workspace', workspace, 'init'], { stdio: 'pipe' });
  execFileSync(process.env.FAIR, ['--workspace', workspace, 'export', '--model', 'unet-segmentation-small', '--out', model], { stdio: 'pipe' });
  return model;
}

export async function benchSession(browser, { columns = Number(process.env.SIDE ?? 6), rows = columns, rounds = Number(process.env.ROUNDS ?? 5) } = {}) {
  if (!process.env.MODEL && !process.env.FAIR) {
    console.log('session: left out: neither MODEL names an ONNX file nor FAIR a fair program');
    return;
  }
  const work = mkdtempSync(join(tmpdir(), 'fair-bench-'));
  const model = process.env.MODEL ?? smallModel(work);
  const server = await site(isolated);
  Object.assign(server.state.folders, { '/ort/': folder('../../../wasm/package/node_modules/onnxruntime-web/dist/'), '/here/': folder('./'), '/models/': dirname(model) });
  server.state.answers.unshift((path, _request, response) => path === '/bench' && Boolean(response.writeHead(200, { 'content-type': 'text/html' })
    .end('<!doctype html><script type="module" src="/page.js"></script><script type="module" src="/here/session_page.js"></script>')));
  try {
    const page = await open(browser, `${server.url}/bench`);
    page.setDefaultTimeout(0);
    await page.waitForFunction(() => window.session);
    const request = { modelUrl: `${server.url}/models/${basename(model)}`, imageUri: `${server.url}/tiles/{z}/{x}/{y}.png`, bbox: box(columns, rows), zoom };
    const { ms, windows, tiles, batch, tried, features } = await page.evaluate((options) => window.session(options), { ...request, threads: 1, rounds, batches: [1, 2, 4] });
    console.log(`${windows} windows of 256 pixels (${tiles} tiles, ${features} features), one thread, ${rounds} rounds in turns; bare session: batch ${batch} is best (${Object.entries(tried).map(([b, t]) => `${b}: ${t.toFixed(0)} ms a window`).join(', ')})`);
    console.log(`  bare session.run            ${show(ms.bare)}`);
    console.log(`  whole prediction            ${show(ms.whole)}   of which in session.run ${show(ms.inSession)}`);
    console.log(`  whole / bare                median ${(median(ms.whole) / median(ms.bare)).toFixed(3)}   min ${(Math.min(...ms.whole) / Math.min(...ms.bare)).toFixed(3)}   median of each round's ${median(ms.whole.map((t, i) => t / ms.bare[i])).toFixed(3)}   (of its own session.run: ${median(ms.whole.map((t, i) => t / ms.inSession[i])).toFixed(3)})`);
    const asked = [{ backend: 'wasm', threads: 1 }, { backend: 'wasm', threads: 2 }, { backend: 'webgpu', threads: 2 }];
    for (const one of await page.evaluate((options) => window.providers(options), { ...request, asked })) {
      console.log(`  ${`${one.options.backend}, ${one.options.threads} threads asked for`.padEnd(28)}: ${one.provider}${one.adapter ? ` (${one.adapter})` : ''}, ${one.threads} threads: ${(one.tiles / one.seconds).toFixed(2)} tiles/s; load ${one.loadMs.toFixed(0)} ms, warm-up ${one.warmUpMs.toFixed(0)} ms${one.fallbacks.length ? `; ${one.fallbacks.join('; ')}` : ''}`);
    }
    await page.close();
  } finally {
    await server.close();
    rmSync(work, { recursive: true });
  }
}
