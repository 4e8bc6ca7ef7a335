// Tile arithmetic of the page: areas snapped to tiles (Web Mercator, XYZ).

import type { BBox } from '@fair-edge/web';

export interface Place { lng: number; lat: number }

export function tileAt({ lng, lat }: Place, zoom: number): [number, number] {
  const n = 2 ** zoom;
  const s = Math.sin((lat * Math.PI) / 180);
  return [Math.floor(((lng + 180) / 360) * n), Math.floor((0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * n)];
}

export function tileBox(zoom: number, west: number, north: number, columns: number, rows: number): BBox {
  const n = 2 ** zoom;
  const lat = (y: number): number => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / n))) * 180) / Math.PI;
  return [(west / n) * 360 - 180, lat(north + rows), ((west + columns) / n) * 360 - 180, lat(north)];
}

/** N × N tiles around a place. */
export function gridAround(centre: Place, zoom: number, side: number): BBox {
  const [x, y] = tileAt(centre, zoom);
  const half = Math.floor(side / 2);
  return tileBox(zoom, x - half, y - half, side, side);
}

/** Whole tiles a box meets. A hair is taken off, so that a box of whole tiles counts those alone. */
export function tilesOf(box: BBox, zoom: number): { west: number; north: number; columns: number; rows: number } {
  const hair = 1e-9;
  const [w, n] = tileAt({ lng: box[0] + hair, lat: box[3] - hair }, zoom);
  const [e, s] = tileAt({ lng: box[2] - hair, lat: box[1] + hair }, zoom);
  return { west: w, north: n, columns: e - w + 1, rows: s - n + 1 };
}

export function rectangle([w, s, e, n]: BBox): GeoJSON.Polygon {
  return { type: 'Polygon', coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]] };
}
