// An area as a GeoJSON file: a geometry, a feature or a collection of them.
import type { MultiPolygon, Polygon } from '@fair-edge/web';

type Geometry = Polygon | MultiPolygon;

/** All the file's polygons as one area; throws, naming the file, where it has none. */
export async function areaOf(file: File): Promise<MultiPolygon> {
  const given = JSON.parse(await file.text()) as { geometry?: Geometry; features?: { geometry: Geometry }[] };
  const geometries = given.features?.map((f) => f.geometry) ?? [given.geometry ?? (given as unknown as Geometry)];
  const polygons = geometries.flatMap((g) => (g?.type === 'Polygon' ? [g.coordinates] : g?.type === 'MultiPolygon' ? g.coordinates : []));
  if (polygons.length === 0) throw new Error(`${file.name}: expected polygons, found none`);
  return { type: 'MultiPolygon', coordinates: polygons };
}
