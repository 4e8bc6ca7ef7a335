// Builds the package into dist/: plain ES modules for bundlers, and dist/standalone/ for pages without one.
// usage: node build.mjs     env: FAIR_CORE_DIR  folder of core.wasm and the plugins (default ../../build-wasm/wasm/dist)
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const core = resolve(process.env.FAIR_CORE_DIR ?? join(here, '../../build-wasm/wasm/dist'));
if (!existsSync(join(core, 'core.wasm'))) {
  console.error(`${core}: expected core.wasm and the plugins, found none; build the preset "wasm" first, or set FAIR_CORE_DIR`);
  process.exit(1);
}
const dist = join(here, 'dist');
rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), '-p', here], { stdio: 'inherit' });

const copyCore = (to) => {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(core)) {
    if (/\.wasm$|^runtime_symbols\.json$/.test(name)) cpSync(join(core, name), join(to, name));
    if (name.endsWith('.plugin.json')) writeFileSync(join(to, name), JSON.stringify(JSON.parse(readFileSync(join(core, name), 'utf8'))));
  }
};
copyCore(join(dist, 'core'));

// GDAL, for those who read rasters or convert features. It is loaded only then, as it comes: 28 MB of WASM and 12 MB of data.
const gdal = join(here, 'node_modules/gdal3.js');
const copyGdal = (to) => {
  if (!existsSync(gdal)) return;
  mkdirSync(to, { recursive: true });
  for (const name of ['gdal3.js', 'gdal3WebAssembly.wasm', 'gdal3WebAssembly.data']) cpSync(join(gdal, 'dist/package', name), join(to, name));
  cpSync(join(gdal, 'LICENSE'), join(to, 'LICENSE'));
};
if (!existsSync(gdal)) console.warn('gdal3.js is not installed: the package is built without rasters and conversions (npm install brings it)');
copyGdal(join(dist, 'gdal'));

const standalone = join(dist, 'standalone');
const bundle = (name) => build({
  entryPoints: { [name]: join(dist, `${name}.js`) },
  outdir: standalone, bundle: true, splitting: true, format: 'esm', target: 'es2022', minify: true, chunkNames: 'worker/[name]-[hash]', logLevel: 'warning',
});
// A page and its workers share nothing: a chunk of two of them would be fetched twice.
for (const name of ['index', 'worker/main', 'worker/session_worker', 'worker/gdal_worker']) await bundle(name);
copyCore(join(standalone, 'core'));
copyGdal(join(standalone, 'gdal'));
const ort = join(here, 'node_modules/onnxruntime-web/dist');
for (const name of ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.asyncify.wasm', 'ort-wasm-simd-threaded.jspi.wasm']) cpSync(join(ort, name), join(standalone, 'worker', name));
