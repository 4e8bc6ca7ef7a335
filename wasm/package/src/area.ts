// The area asked for: checked, split at the antimeridian, and which tiles meet it.

import { FairError } from './errors.js';
import type { MultiPolygon, Polygon, Position } from './geojson.js';
import type { BBox } from './types.js';

const example = 'for example [85.52, 27.63, 85.53, 27.64]';

function checked(bbox: BBox): BBox {
  const [west, south, east, north] = bbox;
  const shown = JSON.stringify(bbox);
  if (bbox.length !== 4 || !bbox.every((v) => Number.isFinite(v))) throw new FairError('usage', 'bbox', 'west, south, east, north in degrees', shown, example);
  if (west < -180 || west > 180 || east < -180 || east > 180 || south < -90 || north > 90) {
    throw new FairError('usage', 'bbox', 'degrees: -180 to 180 and -90 to 90', shown, 'degrees of EPSG:4326 are wanted, no metres');
  }
  if (west === east || !(south < north)) throw new FairError('usage', 'bbox', 'an area', shown, 'south must be smaller than north, and west other than east');
  return bbox;
}

function rings(geometry: Polygon | MultiPolygon): Position[][] {
  return geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat();
}

/** The box around a geometry. */
export function bboxOf(geometry: Polygon | MultiPolygon): BBox {
  if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') {
    throw new FairError('usage', 'geometry', 'a Polygon or MultiPolygon', String((geometry as { type?: unknown }).type), 'give the area as polygons');
  }
  const box: BBox = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of rings(geometry).flat()) {
    box[0] = Math.min(box[0], lon!);
    box[1] = Math.min(box[1], lat!);
    box[2] = Math.max(box[2], lon!);
    box[3] = Math.max(box[3], lat!);
  }
  return checked(box);
}

/** One box, or two where it crosses the antimeridian (west > east). */
export function parts(bbox: BBox): BBox[] {
  const [west, south, east, north] = checked(bbox);
  if (west < east) return [bbox];
  const out: BBox[] = [];
  if (west < 180) out.push([west, south, 180, north]);
  if (east > -180) out.push([-180, south, east, north]);
  return out;
}

/** Outside of which features are cut away: the geometry, or the box (two polygons where it crosses the antimeridian). */
export function cutAt(geometry: Polygon | MultiPolygon | undefined, bbox: BBox | undefined): Polygon | MultiPolygon {
  if (geometry) return geometry;
  if (!bbox) throw new FairError('usage', 'clip', 'bbox or geometry to cut at', 'neither', 'say which area');
  return { type: 'MultiPolygon', coordinates: parts(bbox).map(([w, s, e, n]) => [[[w, s], [e, s], [e, n], [w, n], [w, s]]]) };
}

function inside(ring: Position[], x: number, y: number): boolean {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i] as [number, number];
    const [xj, yj] = ring[j] as [number, number];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}

/** Does the segment a-b have a point in the box? (Liang and Barsky's test) */
function crosses(a: Position, b: Position, [west, south, east, north]: BBox): boolean {
  const [ax, ay] = a as [number, number];
  const dx = b[0]! - ax;
  const dy = b[1]! - ay;
  let from = 0;
  let to = 1;
  for (const [p, q] of [
    [-dx, ax - west],
    [dx, east - ax],
    [-dy, ay - south],
    [dy, north - ay],
  ] as [number, number][]) {
    if (p === 0 && q < 0) return false;
    if (p < 0) from = Math.max(from, q / p);
    if (p > 0) to = Math.min(to, q / p);
  }
  return from <= to;
}

/** True where a box and a geometry share ground: an edge meets the box, or the box lies within. */
export function meets(geometry: Polygon | MultiPolygon, box: BBox): boolean {
  const all = rings(geometry);
  for (const ring of all) {
    for (let i = 0; i + 1 < ring.length; ++i) if (crosses(ring[i]!, ring[i + 1]!, box)) return true;
  }
  const odd = all.filter((ring) => inside(ring, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)).length % 2;
  return odd === 1;
}

/** Longitude and latitude of a tile's edges. */
export function tileBounds(z: number, x: number, y: number): BBox {
  const n = 2 ** z;
  const latitude = (row: number): number => (Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / n))) * 180) / Math.PI;
  return [(x / n) * 360 - 180, latitude(y + 1), ((x + 1) / n) * 360 - 180, latitude(y)];
}
