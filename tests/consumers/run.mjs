// Three consumers of the package as strangers have it: packed, installed from the tarball, built, opened in Chromium. Each predicts on the same tiles;
// all must find the same buildings, byte for byte.
// usage: node run.mjs [plain|vite|react|vite-dev|react-dev ...]     (build the package first: npm run build in wasm/package)
//        node run.mjs --lock     writes the projects' lock files anew, for when the package's dependencies or theirs have changed
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { executable, launch } from '../../wasm/package/tests/browser/chromium.mjs';
import { box, site, zoom } from '../../wasm/package/tests/browser/pages.mjs';
import { serve } from '../../wasm/package/tests/browser/server.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const packageFolder = fileURLToPath(new URL('../../wasm/package/', import.meta.url));
const LEAST_BUILDINGS = 40;
const COLUMNS = 3;
const ROWS = 2;

const npm = (folder, ...args) => execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });

/** The project in a folder of its own, with the tarball installed. */
function install(name, tarball, work) {
  const folder = join(work, name);
  cpSync(join(here, name), folder, { recursive: true, filter: (path) => !/\/(node_modules|dist)$/.test(path) });
  cpSync(tarball, join(folder, 'fair-edge-web.tgz'));
  npm(folder, 'ci');
  return folder;
}

/** The lock file as a fresh install makes it, but for the tarball's hash, which every build changes. */
function lock(name, tarball, work) {
  const folder = join(work, name);
  cpSync(join(here, name, 'package.json'), join(folder, 'package.json'), { recursive: true });
  cpSync(tarball, join(folder, 'fair-edge-web.tgz'));
  npm(folder, 'install', '--package-lock-only', '--omit-lockfile-registry-resolved');
  const made = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  delete made.packages['node_modules/@fair-edge/web'].integrity;
  writeFileSync(join(here, name, 'package-lock.json'), `${JSON.stringify(made, null, 2)}\n`);
}

async function built(folder) {
  npm(folder, 'run', '-s', 'build');
  const dist = join(folder, 'dist');
  const server = await serve({ folders: { '/': dist } });
  return { url: `${server.url}/index.html`, close: server.close };
}
/** Vite's own server of the project's Vite, with its cache empty: what a developer sees on the first start. */
async function developed(folder) {
  rmSync(join(folder, 'node_modules/.vite'), { recursive: true, force: true });
  const vite = await import(pathToFileURL(createRequire(join(folder, 'package.json')).resolve('vite')).href);
  const server = await vite.createServer({ root: folder, logLevel: 'error', server: { host: '127.0.0.1', port: 0, strictPort: false, hmr: { port: 0 } } });
  await server.listen();
  return { url: `http://127.0.0.1:${server.httpServer.address().port}/`, close: () => server.close() };
}
async function asItIs(folder) {
  const server = await serve({ folders: { '/': folder } });
  return { url: `${server.url}/index.html`, close: server.close };
}

const consumers = {
  plain: ['plain', asItIs],
  vite: ['vite', built],
  react: ['react', built],
  'vite-dev': ['vite', developed],
  'react-dev': ['react', developed],
};

async function predictIn(browser, url, data) {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message.slice(0, 300)));
  try {
    await page.goto(`${url}?data=${encodeURIComponent(data)}&bbox=${box(COLUMNS, ROWS)}&zoom=${zoom}`);
    await page.click('#run');
    await page.waitForFunction(() => document.querySelector('#count')?.textContent !== 'not run yet');
    const count = await page.textContent('#count');
    const text = await page.evaluate(() => document.querySelector('[data-text]')?.dataset.text ?? '');
    const progress = await page.evaluate(() => document.querySelector('#progress').value);
    return { count, text, progress, faults };
  } finally {
    await page.close();
  }
}

if (!existsSync(join(packageFolder, 'dist/index.js'))) {
  console.error('wasm/package/dist: expected the built package, found none; run npm run build in wasm/package');
  process.exit(1);
}
const pack = (work) => join(work, JSON.parse(npm(packageFolder, 'pack', '--json', '--ignore-scripts', '--pack-destination', work).toString())[0].filename);
const wanted = process.argv.slice(2);
if (wanted[0] === '--lock') {
  const work = mkdtempSync(join(tmpdir(), 'fair-consumers-'));
  try {
    const tarball = pack(work);
    for (const name of ['plain', 'vite', 'react']) lock(name, tarball, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  process.exit(0);
}
if (!executable) {
  console.log('skipped: no Chromium on this machine (apt: chromium)');
  process.exit(0);
}
for (const name of wanted) {
  if (!consumers[name]) {
    console.error(`${name}: expected one of ${Object.keys(consumers).join(', ')}`);
    process.exit(1);
  }
}

const work = mkdtempSync(join(tmpdir(), 'fair-consumers-'));
const data = await site({ 'access-control-allow-origin': '*' });
const browser = await launch();
const wrong = [];
try {
  const tarball = pack(work);
  const folders = new Map();
  let first = null;
  for (const name of wanted.length ? wanted : Object.keys(consumers)) {
    const [project, open] = consumers[name];
    const begin = performance.now();
    if (!folders.has(project)) folders.set(project, install(project, tarball, work));
    const server = await open(folders.get(project));
    const { count, text, progress, faults } = await predictIn(browser, server.url, data.url).finally(() => server.close());
    const good = Number(count) >= LEAST_BUILDINGS && progress === 1 && faults.length === 0 && text !== '' && text === (first?.text ?? text);
    console.log(`${good ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${count} buildings, ${text.length} bytes, ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    if (!good) wrong.push(`${name}: expected ${LEAST_BUILDINGS} buildings or more${first ? `, those of ${first.name}` : ''}, found ${count}; progress ${progress}; ${faults.join('; ')}`);
    first ??= { name, text };
  }
  const { features } = JSON.parse(first.text || '{"features":[]}');
  if (new Set(features.map((f) => f.id)).size !== features.length) wrong.push('expected an id for each building, found some twice');
} catch (error) {
  wrong.push(String(error.message).slice(0, 1000));
} finally {
  await browser.close();
  await data.close();
  rmSync(work, { recursive: true, force: true });
}
for (const sentence of wrong) console.error(sentence);
process.exit(wrong.length ? 1 : 0);
