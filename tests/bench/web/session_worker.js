// The bare session: ONNX Runtime Web alone, one provider, batch after batch of made-up windows.
import * as ort from '/ort/ort.wasm.min.mjs';

ort.env.wasm.wasmPaths = new URL('/ort/', location.href).href;
let session;
const run = async ({ windows, batch, shape }) => {
  const [, c, h, w] = shape;
  const data = Float32Array.from({ length: batch * c * h * w }, (_, i) => ((i * 2654435761) % 1021) / 1021);
  const start = performance.now();
  for (let left = windows; left > 0; left -= batch) {
    await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', data, [batch, c, h, w]) });
  }
  return performance.now() - start;
};
globalThis.onmessage = async ({ data: { id, model, threads, ...work } }) => {
  if (model) {
    ort.env.wasm.numThreads = threads;
    session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
    postMessage({ id });
  } else {
    postMessage({ id, ms: await run(work) });
  }
};
