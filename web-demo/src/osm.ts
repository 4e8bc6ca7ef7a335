// OSM XML of ways for JOSM and other editors. Ways have no holes: a feature with holes goes as its outer ring, and is counted.

import type { Feature, Position } from '@fair-edge/web';

export interface OsmFile { xml: string; ways: number; holes: number }

const tags: Record<string, string> = { building: 'building=yes', tree: 'natural=tree', road: 'highway=road' };

function outerRings(feature: Feature): { rings: Position[][]; holes: number } {
  const g = feature.geometry;
  if (g.type === 'Polygon') return { rings: [g.coordinates[0]!], holes: g.coordinates.length - 1 };
  if (g.type === 'MultiPolygon') return { rings: g.coordinates.map((p) => p[0]!), holes: g.coordinates.reduce((n, p) => n + p.length - 1, 0) };
  if (g.type === 'LineString') return { rings: [g.coordinates], holes: 0 };
  if (g.type === 'MultiLineString') return { rings: g.coordinates, holes: 0 };
  return { rings: [[g.coordinates]], holes: 0 };
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

export function osmXml(features: Feature[]): OsmFile {
  const nodes = new Map<string, number>();
  const out: string[] = [];
  const ways: string[] = [];
  let holes = 0;
  const node = (p: Position): number => {
    const key = `${p[0]},${p[1]}`;
    let id = nodes.get(key);
    if (id === undefined) {
      id = -(nodes.size + 1);
      nodes.set(key, id);
      out.push(`<node id="${id}" lat="${p[1]}" lon="${p[0]}" visible="true"/>`);
    }
    return id;
  };
  for (const feature of features) {
    const { rings, holes: inside } = outerRings(feature);
    holes += inside;
    const [key, value] = (tags[feature.properties.class] ?? `note=${feature.properties.class}`).split('=') as [string, string];
    for (const ring of rings) {
      const refs = ring.map((p) => `<nd ref="${node(p)}"/>`).join('');
      ways.push(`<way id="${-(1_000_000_000 + ways.length)}" visible="true">${refs}<tag k="${escaped(key)}" v="${escaped(value)}"/></way>`);
    }
  }
  return { xml: `<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="fAIr edge">\n${out.join('\n')}\n${ways.join('\n')}\n</osm>\n`, ways: ways.length, holes };
}
