import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../modules.mjs';

const { gridAround, tileAt, tileBox, tilesOf } = await load('grid');
const { countOf, noteOf, thingsOf } = await load('model_card');
const { pluginsOf } = await load('page_plugins');
const { Review } = await load('review');
const { osmXml } = await load('osm');
const { compare } = await load('compare');

test('a grid of N x N tiles lies on whole tiles', () => {
  for (const side of [1, 4, 5]) {
    const box = gridAround({ lng: 85.5205, lat: 27.6312 }, 19, side);
    const { west, north, columns, rows } = tilesOf(box, 19);
    assert.deepEqual([columns, rows], [side, side]);
    const [x, y] = tileAt({ lng: 85.5205, lat: 27.6312 }, 19);
    assert.ok(x >= west && x < west + side && y >= north && y < north + side);
    tileBox(19, west, north, side, side).forEach((v, i) => assert.ok(Math.abs(v - box[i]) < 1e-12));
  }
});

test('a card names the metrics there are, and a detector\'s first class is a thing too', () => {
  const item = (task, rest) => ({ id: 'a', properties: { version: '2', license: 'MIT', 'mlm:tasks': [task], ...rest } });
  assert.equal(noteOf(item('object-detection', { 'fair:map50': 0.5 })), 'version 2 · mAP50 50.0 % · MIT');
  assert.equal(noteOf(item('semantic-segmentation', { 'fair:mean_iou': 0.7, 'fair:accuracy': 0.9 })), 'version 2 · mean IoU 70.0 % · accuracy 90.0 % · MIT');
  const classes = [{ value: 0, name: 'a' }, { value: 1, name: 'b' }];
  assert.deepEqual(thingsOf(item('object-detection'), classes).map((c) => c.name), ['a', 'b']);
  assert.deepEqual(thingsOf(item('semantic-segmentation'), classes).map((c) => c.name), ['b']);
});

test('what was found is counted in the words of the item', () => {
  const item = (task) => ({ id: 'a', properties: { 'mlm:tasks': [task] } });
  const classes = [{ value: 0, name: 'no_building' }, { value: 1, name: 'building' }];
  const count = (task, found) => countOf(item(task), thingsOf(item(task), classes), found).join(' ');
  assert.equal(count('semantic-segmentation', ['building', 'building']), '2 buildings');
  assert.equal(count('semantic-segmentation', ['building']), '1 building');
  assert.equal(count('classification', ['no_building', 'building', 'building']), '3 chips: 2 building, 1 no_building');
  assert.equal(count('object-detection', ['no_building']), '1 feature: 1 no_building');
  assert.equal(countOf(undefined, [], []).join(' '), '0 features');
});

test('plugins of the page\'s own host are taken from its address', () => {
  const page = 'https://maps.example.org/fair/index.html';
  const of = (...all) => pluginsOf(new URLSearchParams(all.map((p) => `plugin=${p}`).join('&')), page);
  assert.deepEqual(of('plugins/roads.wasm@sha256-a+b/c=', '/trees.plugin.json@sha256-x%3D'), [
    { url: 'https://maps.example.org/fair/plugins/roads.wasm', integrity: 'sha256-a+b/c=' },
    { url: 'https://maps.example.org/trees.plugin.json', integrity: 'sha256-x=' },
  ]);
  assert.throws(() => of('plugins/roads.wasm'), /expected ADDRESS@sha256-/);
  assert.throws(() => of('https://evil.example.org/roads.wasm@sha256-x'), /expected a plugin of this page's host https:\/\/maps.example.org, found one of https:\/\/evil/);
});

test('verdicts can be taken back, one by one', () => {
  const review = new Review();
  review.set('a', 'accepted');
  review.set('b', 'rejected');
  review.set('a', 'rejected');
  assert.deepEqual([review.count('accepted'), review.count('rejected')], [0, 2]);
  assert.equal(review.undo(), 'a');
  assert.equal(review.of('a'), 'accepted');
  assert.equal(review.undo(), 'b');
  assert.equal(review.of('b'), undefined);
  assert.equal(review.undo(), 'a');
  assert.equal(review.undo(), null);
});

const square = (x, y, s, holes = []) => ({
  type: 'Feature', id: `${x}`, properties: { class: 'building' },
  geometry: { type: 'Polygon', coordinates: [[[x, y], [x + s, y], [x + s, y + s], [x, y + s], [x, y]], ...holes] },
});

test('OSM ways share nodes and have no holes', () => {
  const hole = [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4], [0.2, 0.2]];
  const { xml, ways, holes } = osmXml([square(0, 0, 1, [hole]), square(1, 0, 1)]);
  assert.equal(ways, 2);
  assert.equal(holes, 1);
  assert.equal(xml.match(/<node /g).length, 6, 'two of four corners are shared');
  assert.equal(xml.match(/<nd /g).length, 10);
  assert.match(xml, /<tag k="building" v="yes"\/>/);
});

test('comparison counts pixels and things', () => {
  const s = 0.0001;
  const truth = [square(0, 0, s), square(2 * s, 0, s)];
  const same = compare(truth, truth, [-s, -s, 4 * s, 2 * s]);
  assert.deepEqual([same.iou, same.f1, same.found], [1, 1, 2]);
  const half = compare([square(0, 0, s)], truth, [-s, -s, 4 * s, 2 * s]);
  assert.ok(Math.abs(half.iou - 0.5) < 0.03);
  assert.deepEqual([half.precision, half.recall], [1, 0.5]);
  assert.equal(compare([square(0, s, s)], truth, [-s, -s, 4 * s, 2 * s]).found, 0);
});
