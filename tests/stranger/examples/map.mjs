// An example's trained model on the demo map, as `fair serve` serves it from the installed package, with the example's side module; what the page shows
// is pictured. usage: node map.mjs PREFIX FOLDER NAME GEOMETRY PORT     leaves FOLDER/NAME_map.png
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { executable, launch } from '../../../wasm/package/tests/browser/chromium.mjs';

const [prefix, folder, name, geometry, port] = process.argv.slice(2);
const page = join(prefix, 'share/fair-edge/page');
const missing = !existsSync(page) ? `no page in ${page}: install the web build too` : !executable ? 'no Chromium (apt: chromium)' : null;
if (missing) {
  console.log(`examples: ${name} on the map is left out: ${missing}`);
  process.exit(0);
}
const forms = join(folder, name, 'build-wasm/fair-plugins', name);
const tiles = join(folder, `ground-${name}/tiles`);
const hash = createHash('sha256').update(readFileSync(join(forms, `${name}.wasm`))).digest('base64');

// The middle of the tiles there are.
const columns = readdirSync(join(tiles, '19')).map(Number);
const rows = readdirSync(join(tiles, '19', String(columns[0]))).map((file) => parseInt(file, 10));
const middle = (all) => (Math.min(...all) + Math.max(...all) + 1) / 2 / 2 ** 19;
const at = [middle(columns) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * middle(rows)))) * 180) / Math.PI].join(',');

const server = spawn(join(prefix, 'bin/fair'), ['--workspace', join(folder, `workspace-${name}`), 'serve', '--static', 'workspace', '--page', page,
  '--mount', `/tiles=${tiles}`, '--mount', `/plugins=${forms}`, '--port', port, '--isolated', '--quiet'], { stdio: ['ignore', 'pipe', 'inherit'] });
let browser;
try {
  const address = await new Promise((resolve, reject) => {
    let said = '';
    server.stdout.on('data', (data) => {
      said += data;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) resolve(found[0]);
    });
    server.once('exit', () => reject(new Error(`fair serve: expected an address, it said ${said}`)));
  });
  browser = await launch();
  const tab = await browser.newPage({ viewport: { width: 1300, height: 840 } });
  tab.setDefaultTimeout(120_000);
  const query = new URLSearchParams({ catalog: 'catalog/catalog.json', model: `made-up-${name.replaceAll('_', '-')}`, imagery: 'tiles/{z}/{x}/{y}.png', zoom: '19', at, plugin: `plugins/${name}.wasm@sha256-${hash}` });
  await tab.goto(`${address}/?${query}`);
  await tab.waitForSelector('.model input:checked', { state: 'attached' });
  await tab.fill('#grid', '4');
  await tab.click('#run');
  await tab.waitForFunction(() => document.querySelector('#report').textContent.includes('Ran on') || document.querySelector('#message').textContent !== '');
  assert.equal(await tab.textContent('#message'), '');
  assert.match(await tab.textContent('#report'), new RegExp(`Plugin${name}`), 'the report names the plugin');
  const [download] = await Promise.all([tab.waitForEvent('download'), tab.click('[data-format=geojson]')]);
  const { features } = JSON.parse(readFileSync(await download.path(), 'utf8'));
  assert.ok(features.length > 3, `${features.length} features`);
  assert.ok(features.every((f) => f.geometry.type.includes(geometry)), `a ${features[0].geometry.type}, not a ${geometry}`);
  await tab.waitForTimeout(1500); // the map draws
  await tab.screenshot({ path: join(folder, `${name}_map.png`) });
  const kinds = new Set(features.map((f) => f.properties.class));
  console.log(`examples: ${name} on the map: ${(await tab.textContent('#counts')).trim()} (${[...kinds].join(', ')})`);
} finally {
  await browser?.close();
  server.kill('SIGINT');
}
