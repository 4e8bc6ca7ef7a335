// Features back into pixels of a zoom's grid, for comparing two predictions.

const world = (zoom) => 256 * 2 ** zoom;
const pixelOf = (zoom, [lon, lat]) => [((lon + 180) / 360) * world(zoom), (0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * world(zoom)];

/** The pixels, as "column,row" of the whole world's grid, whose middles lie in any of the features (even-odd rule). */
export function maskOf(features, zoom) {
  const mask = new Set();
  for (const { geometry } of features) {
    for (const polygon of geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates) {
      const rings = polygon.map((ring) => ring.map((point) => pixelOf(zoom, point)));
      const rows = rings.flat().map(([, y]) => y);
      for (let row = Math.floor(Math.min(...rows)); row <= Math.max(...rows); ++row) {
        const crossings = [];
        for (const ring of rings) {
          for (let i = 0; i + 1 < ring.length; ++i) {
            const [[ax, ay], [bx, by]] = [ring[i], ring[i + 1]];
            if (ay > row + 0.5 !== by > row + 0.5) crossings.push(ax + ((bx - ax) * (row + 0.5 - ay)) / (by - ay));
          }
        }
        crossings.sort((a, b) => a - b);
        for (let k = 0; k + 1 < crossings.length; k += 2) {
          for (let column = Math.ceil(crossings[k] - 0.5); column + 0.5 < crossings[k + 1]; ++column) mask.add(`${column},${row}`);
        }
      }
    }
  }
  return mask;
}

/** Intersection over union of two such masks. */
export function maskIou(a, b) {
  let both = 0;
  for (const pixel of a) if (b.has(pixel)) ++both;
  return both / (a.size + b.size - both);
}
