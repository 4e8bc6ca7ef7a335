// Predictions against labels: both burnt into one grid of pixels.

import type { Position } from '@fair-edge/web';

interface Shape { geometry: { type: string; coordinates: unknown } }
export interface Comparison { iou: number; precision: number; recall: number; f1: number; truth: number; found: number; labels: number; predictions: number }

const MOST_PIXELS = 16_000_000;

function polygons(shapes: Shape[]): Position[][][] {
  return shapes.flatMap(({ geometry }) =>
    geometry?.type === 'Polygon' ? [geometry.coordinates as Position[][]] : geometry?.type === 'MultiPolygon' ? (geometry.coordinates as Position[][][]) : [],
  );
}

/** Even-odd, by pixel centres; later polygons win. */
function burn(rings: Position[][], value: number, grid: Int32Array, width: number, height: number, x: (lon: number) => number, y: (lat: number) => number): void {
  const edges = rings.flatMap((ring) => ring.slice(1).map((p, i) => [x(ring[i]![0]!), y(ring[i]![1]!), x(p[0]!), y(p[1]!)] as const));
  const top = Math.max(0, Math.floor(Math.min(...edges.map((e) => e[1]))));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(...edges.map((e) => e[1]))));
  for (let row = top; row <= bottom; ++row) {
    const at = row + 0.5;
    const crossings = edges.filter(([, a, , b]) => a <= at !== b <= at).map(([x0, y0, x1, y1]) => x0 + ((at - y0) / (y1 - y0)) * (x1 - x0)).sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i]! - 0.5));
      const to = Math.min(width, Math.ceil(crossings[i + 1]! - 0.5));
      grid.fill(value, row * width + from, row * width + Math.max(from, to));
    }
  }
}

/** Within the labels' and predictions' common frame `box` (degrees). A thing is found where a prediction overlaps it with IoU 0.5 or more. */
export function compare(predicted: Shape[], labels: Shape[], box: [number, number, number, number], metresAPixel = 0.3): Comparison {
  const [w, s, e, n] = box;
  const cos = Math.cos((((s + n) / 2) * Math.PI) / 180);
  let scale = 111_320 / metresAPixel;
  const pixels = (e - w) * cos * scale * (n - s) * scale;
  if (pixels > MOST_PIXELS) scale *= Math.sqrt(MOST_PIXELS / pixels);
  const width = Math.max(1, Math.ceil((e - w) * cos * scale));
  const height = Math.max(1, Math.ceil((n - s) * scale));
  const x = (lon: number): number => (lon - w) * cos * scale;
  const y = (lat: number): number => (n - lat) * scale;
  const draw = (shapes: Shape[]): { grid: Int32Array; areas: number[] } => {
    const grid = new Int32Array(width * height);
    const all = polygons(shapes);
    all.forEach((rings, i) => burn(rings, i + 1, grid, width, height, x, y));
    const areas = new Array<number>(all.length + 1).fill(0);
    for (const v of grid) ++areas[v]!;
    return { grid, areas };
  };
  const a = draw(predicted);
  const b = draw(labels);
  let both = 0;
  let either = 0;
  const shared = new Map<number, number>();
  for (let i = 0; i < a.grid.length; ++i) {
    const p = a.grid[i]!;
    const t = b.grid[i]!;
    if (p && t) {
      ++both;
      const key = p * 1e6 + t;
      shared.set(key, (shared.get(key) ?? 0) + 1);
    }
    if (p || t) ++either;
  }
  let found = 0;
  for (const [key, common] of shared) {
    const p = Math.floor(key / 1e6);
    const t = key % 1e6;
    if (common / (a.areas[p]! + b.areas[t]! - common) >= 0.5) ++found;
  }
  const predictions = a.areas.slice(1).filter((v) => v > 0).length;
  const truth = b.areas.slice(1).filter((v) => v > 0).length;
  const precision = predictions ? found / predictions : 0;
  const recall = truth ? found / truth : 0;
  return { iou: either ? both / either : 1, precision, recall, f1: precision + recall ? (2 * precision * recall) / (precision + recall) : 0, truth, found, labels: labels.length, predictions };
}
