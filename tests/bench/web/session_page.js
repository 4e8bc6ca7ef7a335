// In the page: the same number of windows through the bare session and through a whole prediction, in turns.
import { createPredictor } from '/lib/index.js';

/** The bare session in a worker of its own, as the package has its own. */
async function bareSession(model, threads) {
  const worker = new Worker('/here/session_worker.js', { type: 'module' });
  let next = 1;
  const ask = (message) => new Promise((resolve, reject) => {
    const id = next++;
    const hear = ({ data }) => { if (data.id === id) { worker.removeEventListener('message', hear); resolve(data.ms); } };
    worker.addEventListener('message', hear);
    worker.addEventListener('error', (e) => reject(new Error(e.message)));
    worker.postMessage({ id, ...message });
  });
  await ask({ model, threads });
  return { run: (windows, batch) => ask({ windows, batch, shape: [batch, 3, 256, 256] }), close: () => worker.terminate() };
}

window.session = async ({ modelUrl, imageUri, bbox, zoom, threads, rounds, batches }) => {
  const model = new Uint8Array(await (await fetch(modelUrl)).arrayBuffer());
  const bare = await bareSession(model, threads);
  const predictor = await createPredictor({ backend: 'wasm', threads });
  const predict = async () => (await predictor.predict({ modelUrl, imageUri, bbox, zoom })).report;
  const first = await predict();
  const windows = first.windowsRun;
  const tried = {};
  for (let turn = 0; turn < 2; ++turn) for (const batch of batches) tried[batch] = Math.min(tried[batch] ?? Infinity, (await bare.run(Math.min(windows, 4 * batch), batch)) / Math.min(windows, 4 * batch));
  const batch = Number(Object.entries(tried).sort((a, b) => a[1] - b[1])[0][0]);
  const ms = { bare: [], whole: [], inSession: [] };
  for (let round = 0; round < rounds; ++round) {
    ms.bare.push((await bare.run(windows, batch)) * (windows / (Math.ceil(windows / batch) * batch)));
    const report = await predict();
    ms.whole.push(report.seconds * 1000);
    ms.inSession.push(report.runMs);
  }
  predictor.close();
  bare.close();
  return { ms, windows, tiles: first.tiles, features: first.features, batch, tried, report: first };
};

/** What runs and how fast, with each provider asked for. */
window.providers = async ({ modelUrl, imageUri, bbox, zoom, asked }) => {
  const out = [];
  for (const options of asked) {
    const predictor = await createPredictor(options);
    const request = { modelUrl, imageUri, bbox, zoom };
    await predictor.predict(request);
    const { report } = await predictor.predict(request);
    predictor.close();
    out.push({ options, provider: report.provider, threads: report.threads, adapter: report.adapter, fallbacks: report.fallbacks, loadMs: report.loadMs, warmUpMs: report.warmUpMs, tiles: report.tiles, seconds: report.seconds });
  }
  return out;
};
