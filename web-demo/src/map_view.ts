// The map: imagery below, the area asked for, what was found.

import * as maplibregl from 'maplibre-gl';
import type { GeoJSONSource, Map as Base } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import type { BBox, Feature, ModelClass } from '@fair-edge/web';
import { rectangle, tileAt, tileBox } from './grid.ts';
import type { Verdict } from './review.ts';

maplibregl.setWorkerUrl(workerUrl);

export type View = 'polygons' | 'points' | 'counts';
/** A fill would close lines to areas. */
const ofArea: maplibregl.ExpressionFilterSpecification = ['==', ['geometry-type'], 'Polygon'];
const empty: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };

/** The middle of a feature's box: good enough to put a point and to fly to. */
export function middle(feature: Feature): [number, number] {
  const box = boxOf(feature);
  return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
}
export function boxOf(feature: Feature): BBox {
  const box: BBox = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (c: unknown): void => {
    if (Array.isArray(c) && typeof c[0] === 'number') {
      box[0] = Math.min(box[0], c[0]); box[1] = Math.min(box[1], c[1] as number);
      box[2] = Math.max(box[2], c[0]); box[3] = Math.max(box[3], c[1] as number);
    } else if (Array.isArray(c)) c.forEach(visit);
  };
  visit(feature.geometry.coordinates);
  return box;
}

export class MapView {
  readonly map: Base;
  readonly ready: Promise<void>;
  private view: View = 'polygons';
  private threshold = 0;
  private zoom = 19;
  private features: Feature[] = [];
  private verdictOf: (id: string) => Verdict | undefined = () => undefined;
  private drawTimer = 0;
  onPick: (id: string | null) => void = () => undefined;

  constructor(element: HTMLElement) {
    this.map = new maplibregl.Map({
      container: element, center: [0, 0], zoom: 2, maxZoom: 23, attributionControl: { compact: true },
      style: { version: 8, sources: {}, layers: [{ id: 'ground', type: 'background', paint: { 'background-color': '#dfe3e6' } }] },
    });
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'top-left');
    this.map.addControl(new maplibregl.ScaleControl(), 'bottom-left');
    this.ready = new Promise((resolve) => this.map.once('load', () => { this.addLayers(); resolve(); }));
  }

  /** A template as the package takes it, or none. Beyond `zoom`, which is what the model sees, its tiles are enlarged. */
  showImagery(template: string | null, tileSize: number, zoom: number): void {
    if (this.map.getLayer('imagery')) this.map.removeLayer('imagery');
    if (this.map.getSource('imagery')) this.map.removeSource('imagery');
    if (!template) return;
    const tms = /\{-y\}/i.test(template);
    const url = template.replace(/\{-y\}/gi, '{y}').replace(/\{q\}/gi, '{quadkey}').replace(/\{zoom\}/gi, '{z}').replace(/\{bbox\}/gi, '{bbox-epsg-3857}')
      .replace(/\{(switch:)?([a-z0-9](,|-)[^}]*)\}/i, (_all, _s, list: string) => list.split(/[,-]/)[0]!);
    const json = !/\{/.test(url);
    this.map.addSource('imagery', json ? { type: 'raster', url, tileSize } : { type: 'raster', tiles: [url], tileSize, maxzoom: zoom, ...(tms ? { scheme: 'tms' as const } : {}) });
    this.map.addLayer({ id: 'imagery', type: 'raster', source: 'imagery', paint: { 'raster-fade-duration': 100 } }, 'area-fill');
  }

  showArea(box: BBox | null, geometry: GeoJSON.Geometry | null = null): void {
    const shape = geometry ?? (box ? rectangle(box) : null);
    this.source('area').setData(shape ? { type: 'Feature', properties: {}, geometry: shape } : empty);
  }

  /** Draws anew, a few times a second at most. */
  show(features: Feature[], verdictOf: (id: string) => Verdict | undefined, zoom: number): void {
    this.features = features;
    this.verdictOf = verdictOf;
    this.zoom = zoom;
    if (this.drawTimer) return;
    this.drawTimer = window.setTimeout(() => { this.drawTimer = 0; this.draw(); }, 250);
  }
  setView(view: View): void {
    this.view = view;
    // What models give as points has no outline: it is drawn as a point there too.
    for (const [id, wanted] of [['found-fill', ['polygons']], ['found-line', ['polygons']], ['found-point', ['points', 'polygons']], ['count-fill', ['counts']]] as [string, View[]][]) {
      this.map.setLayoutProperty(id, 'visibility', wanted.includes(view) ? 'visible' : 'none');
    }
    this.draw();
  }
  setThreshold(confidence: number): void {
    this.threshold = confidence;
    const enough: maplibregl.ExpressionFilterSpecification = ['>=', ['get', 'confidence'], confidence];
    for (const id of ['found-line', 'found-point']) this.map.setFilter(id, enough);
    this.map.setFilter('found-fill', ['all', ofArea, enough]);
    if (this.view === 'counts') this.draw();
  }
  select(feature: Feature | null, fly: boolean): void {
    for (const id of ['selected', 'selected-point']) this.map.setFilter(id, ['==', ['get', 'fid'], feature?.id ?? '']);
    if (feature && fly) {
      const box = boxOf(feature);
      this.map.fitBounds(box, { maxZoom: 20.5, padding: 120, duration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 300 });
    }
  }
  setClasses(classes: ModelClass[]): void {
    const colours = classes.filter((c) => c.color_hint).flatMap((c) => [c.name, `#${c.color_hint.replace(/^#/, '')}`]);
    const colour = colours.length ? (['match', ['get', 'class'], ...colours, '#d73f3f'] as unknown as maplibregl.ExpressionSpecification) : '#d73f3f';
    const judged = ['case', ['==', ['get', 'verdict'], 'accepted'], '#1f9d57', ['==', ['get', 'verdict'], 'rejected'], '#7b8490', colour] as unknown as maplibregl.ExpressionSpecification;
    this.map.setPaintProperty('found-fill', 'fill-color', judged);
    this.map.setPaintProperty('found-line', 'line-color', judged);
    this.map.setPaintProperty('found-point', 'circle-color', judged);
  }

  private draw(): void {
    const withProperties = (f: Feature): GeoJSON.Feature => ({
      type: 'Feature', geometry: f.geometry as GeoJSON.Geometry, properties: { fid: f.id, class: f.properties.class, confidence: f.properties.confidence ?? 1, verdict: this.verdictOf(f.id) ?? '' },
    });
    this.source('found').setData({ type: 'FeatureCollection', features: this.features.map(withProperties) });
    const pointed = this.view === 'points' ? this.features : this.view === 'polygons' ? this.features.filter((f) => (f.geometry.type as string) === 'Point') : [];
    this.source('points').setData({ type: 'FeatureCollection', features: pointed.map((f) => ({ ...withProperties(f), geometry: { type: 'Point', coordinates: middle(f) } })) });
    this.source('counts').setData(this.view === 'counts' ? this.counts() : empty);
  }
  private counts(): GeoJSON.FeatureCollection {
    const tiles = new Map<string, number>();
    for (const f of this.features) {
      if ((f.properties.confidence ?? 1) < this.threshold || this.verdictOf(f.id) === 'rejected') continue;
      const [lng, lat] = middle(f);
      const key = tileAt({ lng, lat }, this.zoom).join(',');
      tiles.set(key, (tiles.get(key) ?? 0) + 1);
    }
    const most = Math.max(1, ...tiles.values());
    return {
      type: 'FeatureCollection',
      features: [...tiles].map(([key, count]) => {
        const [x, y] = key.split(',').map(Number) as [number, number];
        return { type: 'Feature', properties: { count, share: count / most }, geometry: rectangle(tileBox(this.zoom, x, y, 1, 1)) };
      }),
    };
  }
  private source(id: string): GeoJSONSource {
    return this.map.getSource(id) as GeoJSONSource;
  }
  private addLayers(): void {
    for (const id of ['area', 'found', 'points', 'counts']) this.map.addSource(id, { type: 'geojson', data: empty });
    this.map.addLayer({ id: 'area-fill', type: 'fill', source: 'area', paint: { 'fill-color': '#1a66d6', 'fill-opacity': 0.06 } });
    this.map.addLayer({ id: 'area-line', type: 'line', source: 'area', paint: { 'line-color': '#1a66d6', 'line-width': 2, 'line-dasharray': [2, 1.5] } });
    this.map.addLayer({ id: 'count-fill', type: 'fill', source: 'counts', layout: { visibility: 'none' }, paint: { 'fill-color': ['interpolate', ['linear'], ['get', 'share'], 0, '#fff1c9', 0.5, '#f2994a', 1, '#a3122a'], 'fill-opacity': 0.7, 'fill-outline-color': '#ffffff' } });
    this.map.addLayer({ id: 'found-fill', type: 'fill', source: 'found', filter: ofArea, paint: { 'fill-color': '#d73f3f', 'fill-opacity': ['case', ['==', ['get', 'verdict'], 'rejected'], 0.05, 0.32] } });
    this.map.addLayer({ id: 'found-line', type: 'line', source: 'found', paint: { 'line-color': '#d73f3f', 'line-width': 2 } });
    this.map.addLayer({ id: 'found-point', type: 'circle', source: 'points', paint: { 'circle-radius': 5, 'circle-color': '#d73f3f', 'circle-stroke-color': '#ffffff', 'circle-stroke-width': 1.5 } });
    this.map.addLayer({ id: 'selected', type: 'line', source: 'found', filter: ['==', ['get', 'fid'], ''], paint: { 'line-color': '#ffd60a', 'line-width': 4 } });
    this.map.addLayer({ id: 'selected-point', type: 'circle', source: 'points', filter: ['==', ['get', 'fid'], ''], paint: { 'circle-radius': 8, 'circle-opacity': 0, 'circle-stroke-color': '#ffd60a', 'circle-stroke-width': 4 } });
    for (const id of ['found-fill', 'found-line', 'found-point']) {
      this.map.on('click', id, (e) => this.onPick((e.features?.[0]?.properties['fid'] as string | undefined) ?? null));
      this.map.on('mouseenter', id, () => (this.map.getCanvas().style.cursor = 'pointer'));
      this.map.on('mouseleave', id, () => (this.map.getCanvas().style.cursor = ''));
    }
    const popup = new maplibregl.Popup({ closeButton: false, closeOnClick: false });
    this.map.on('mousemove', 'count-fill', (e) => popup.setLngLat(e.lngLat).setText(String(e.features?.[0]?.properties['count'] ?? 0)).addTo(this.map));
    this.map.on('mouseleave', 'count-fill', () => popup.remove());
  }
}
