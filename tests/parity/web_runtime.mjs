// Graphs after training, in the browser's runtime: each of ../shared/models takes steps in `fair graph check`, and what that wrote has to open in
// ONNX Runtime Web and give what native ONNX Runtime gives, as close as `check` holds LibTorch to it.
// usage: web_runtime.mjs FAIR [STEPS [NAME…]]
// Needs wasm/package installed (npm ci there): its version of onnxruntime-web is the one tried, in node, as WASM on one thread.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [fair, steps = '20', ...only] = process.argv.slice(2);
const models = fileURLToPath(new URL('../../../shared/models/', import.meta.url));
const owner = fileURLToPath(new URL('../../wasm/package/package.json', import.meta.url));

if (!fair) {
  console.error('usage: web_runtime.mjs FAIR [STEPS [NAME…]]');
  process.exit(2);
}
if (!existsSync(models)) {
  console.log('no ../shared/models: skipped, there are no graphs to train');
  process.exit(0);
}

/** Values and shape of a .npy file of numbers (NumPy's format 1.0 and 2.0, little-endian, C order). */
function readNpy(file) {
  const bytes = readFileSync(file);
  const wide = bytes[6] > 1;
  const start = wide ? 12 + bytes.readUInt32LE(8) : 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', wide ? 12 : 10, start);
  const type = /'descr':\s*'([^']+)'/.exec(header)[1];
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)[1].match(/\d+/g) ?? []).map(Number);
  const arrays = { '<f4': Float32Array, '<f8': Float64Array, '<i8': BigInt64Array, '<i4': Int32Array, '|u1': Uint8Array };
  if (!arrays[type] || /'fortran_order':\s*True/.test(header)) throw new Error(`${file}: ${header.trim()} is no array this reads`);
  return { shape, values: new arrays[type](bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length)) };
}

function largestDifference(a, b) {
  let largest = 0;
  for (let i = 0; i < a.length; ++i) {
    const x = Number(a[i]);
    const y = Number(b[i]);
    if (x !== y && !(Number.isNaN(x) && Number.isNaN(y))) largest = Math.max(largest, Number.isFinite(x - y) ? Math.abs(x - y) : Infinity);
  }
  return largest;
}

/** The JSON that fair prints; exit status 3 says that something did not hold, which the JSON says too. */
function run(...words) {
  try {
    return JSON.parse(execFileSync(fair, [...words, '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26, timeout: 600_000 }));
  } catch (error) {
    if (error.status === 3 && error.stdout) return JSON.parse(error.stdout);
    throw new Error(String(error.stderr || error.message).trim());
  }
}

const require = createRequire(owner);
const dist = dirname(require.resolve('onnxruntime-web/wasm'));
const ort = await import(pathToFileURL(join(dist, 'ort.wasm.bundle.min.mjs')));
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = pathToFileURL(dist).href + '/';
ort.env.logLevel = 'error';

async function compare(name, folder) {
  const input = join(models, `${name}.input.npy`);
  const trained = join(folder, `${name}.onnx`);
  const check = run('graph', 'check', join(models, `${name}.onnx`), '--input', input, '--steps', steps, '--output', trained);
  const native = run('graph', 'run', trained, '--input', input, '--output', join(folder, `${name}.npy`)).outputs;
  const session = await ort.InferenceSession.create(readFileSync(trained), { executionProviders: ['wasm'] });
  const fed = readNpy(input);
  const given = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', fed.values, fed.shape) });
  const found = native.map((output, i) => {
    const wanted = readNpy(output.file);
    const got = given[output.name];
    if (!got || String(got.dims) !== String(wanted.shape)) return { held: false, said: `${output.name}: ${got?.dims} against ${wanted.shape}` };
    const off = largestDifference(wanted.values, got.data);
    const { allowed } = check.trained[i];
    return { held: off <= allowed, said: `${output.name} off by ${off.toExponential(1)}, allowed ${allowed.toExponential(1)}` };
  });
  await session.release();
  const falls = check.training.falls || Number(steps) < 20;
  if (!falls) found.push({ held: false, said: 'its loss does not fall' });
  return { held: found.every((f) => f.held), said: found.map((f) => f.said).join('; ') };
}

const folder = mkdtempSync(join(tmpdir(), 'fair-web-runtime-'));
const names = readdirSync(models).filter((file) => file.endsWith('.onnx') && existsSync(join(models, file.replace(/onnx$/, 'input.npy')))).map((file) => file.slice(0, -5));
let failed = 0;
let ran = 0;
try {
  for (const name of names.filter((n) => only.length === 0 || only.includes(n)).sort()) {
    ++ran;
    const { held, said } = await compare(name, folder).catch((error) => ({ held: false, said: error.message }));
    console.log(`${name}: ${said}${held ? '' : '  NOT HELD'}`);
    failed += held ? 0 : 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${ran} graphs after ${steps} steps, onnxruntime-web ${JSON.parse(readFileSync(join(dist, '..', 'package.json'))).version} against native: ${failed} failed`);
process.exit(failed > 0 || ran === 0 ? 1 : 0);
