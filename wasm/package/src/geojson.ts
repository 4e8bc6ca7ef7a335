// GeoJSON (RFC 7946) as core writes it.

export type Position = number[];
export interface Polygon {
  type: 'Polygon';
  coordinates: Position[][];
}
export interface MultiPolygon {
  type: 'MultiPolygon';
  coordinates: Position[][][];
}
export interface Point {
  type: 'Point';
  coordinates: Position;
}
export interface LineString {
  type: 'LineString';
  coordinates: Position[];
}
export interface MultiLineString {
  type: 'MultiLineString';
  coordinates: Position[][];
}
export type Geometry = Polygon | MultiPolygon | Point | LineString | MultiLineString;

/** `id`, `class` (name), `class_value`, `confidence`, `area_m2`, and the property named as the item's output. */
export interface Feature {
  type: 'Feature';
  id: string;
  geometry: Geometry;
  properties: Record<string, unknown> & { class: string; class_value: number; confidence: number; area_m2: number };
}
export interface FeatureCollection {
  type: 'FeatureCollection';
  features: Feature[];
}
