// A folder of tiles, DIR/z/x/y.png.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder. */
export const below = (path) => readdirSync(path, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? below(join(path, e.name)) : [join(path, e.name)]));

/** Their zoom, and the box of degrees that they fill, a hair inside their edges. */
export function tilesBelow(folder) {
  const tiles = below(folder).map((path) => path.match(/(\d+)\/(\d+)\/(\d+)\.png$/).slice(1).map(Number));
  const zoom = tiles[0][0];
  const edge = (values) => [Math.min(...values), Math.max(...values) + 1];
  const [west, east] = edge(tiles.map((t) => t[1])).map((x) => (x / 2 ** zoom) * 360 - 180);
  const [north, south] = edge(tiles.map((t) => t[2])).map((y) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** zoom))) * 180) / Math.PI);
  const hair = 1e-7;
  return { zoom, bbox: [west + hair, south + hair, east - hair, north - hair] };
}
