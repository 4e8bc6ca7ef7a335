// A small GeoTIFF writer: uncompressed, one strip a level, as many bands of 8 or 16 bits as wanted.

const sizes = { 2: 1, 3: 2, 4: 4, 12: 8 };

/** GeoKeys of an EPSG code, or of a transverse Mercator projection that has none: {lon, scale, east}. */
function geoKeys({ epsg, projection }) {
  const short = (key, value) => [key, 0, 1, value];
  if (epsg) return { keys: [short(1024, epsg === 4326 ? 2 : 1), short(1025, 1), short(epsg === 4326 ? 2048 : 3072, epsg)], doubles: [] };
  const user = 32767;
  const number = (key, at) => [key, 34736, 1, at];
  return {
    keys: [short(1024, 1), short(1025, 1), short(2048, 4326), short(3072, user), short(3074, user), short(3075, 1), short(3076, 9001), number(3080, 0), number(3081, 1), number(3082, 2), number(3083, 3), number(3092, 4)],
    doubles: [projection.lon, 0, projection.east, 0, projection.scale],
  };
}

/** Bytes of the file's pixels, `factor` times coarser: each is what `pixel` gives for its first one, on level `factor`. */
function pixelsOf({ width, height, bands, bits, pixel }, factor) {
  const data = Buffer.alloc(width * height * bands * (bits / 8));
  for (let y = 0, at = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      for (const value of pixel(x * factor, y * factor, factor)) at = bits === 8 ? data.writeUInt8(value, at) : data.writeUInt16LE(value, at);
    }
  }
  return data;
}

/** `pixel(x, y, factor)` gives a pixel's bands. `ground`: {epsg or projection, west, north, size}, or null for none. `nodata`: text. `overviews`: factors. */
export function geotiff({ width, height, bands = 3, bits = 8, pixel, ground, alpha = false, nodata = null, overviews = [] }) {
  const extra = bands - (bands >= 3 ? 3 : 1);
  const levels = [1, ...overviews].map((factor) => {
    const [w, h] = [Math.ceil(width / factor), Math.ceil(height / factor)];
    const data = pixelsOf({ width: w, height: h, bands, bits, pixel }, factor);
    const entries = [
      [256, 4, [w]], [257, 4, [h]], [258, 3, Array(bands).fill(bits)], [259, 3, [1]], [262, 3, [bands >= 3 ? 2 : 1]],
      [273, 4, [0]], [277, 3, [bands]], [278, 4, [h]], [279, 4, [data.length]], [284, 3, [1]],
    ];
    if (factor > 1) entries.unshift([254, 4, [1]]);
    if (extra > 0) entries.push([338, 3, Array(extra).fill(alpha ? 2 : 0)]);
    if (ground && factor === 1) {
      const { keys, doubles } = geoKeys(ground);
      entries.push([33550, 12, [ground.size, ground.size, 0]], [33922, 12, [0, 0, 0, ground.west, ground.north, 0]]);
      entries.push([34735, 3, [1, 1, 0, keys.length, ...keys.flat()]]);
      if (doubles.length > 0) entries.push([34736, 12, doubles]);
    }
    if (nodata !== null) entries.push([42113, 2, [...Buffer.from(`${nodata}\0`)]]);
    return { entries, data };
  });
  const parts = [];
  let at = 8;
  levels.forEach(({ entries, data }, level) => {
    const made = directory(entries, data, at, level + 1 === levels.length);
    parts.push(made);
    at += made.length;
  });
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1');
  header.writeUInt32LE(8, 4);
  return Buffer.concat([header, ...parts]);
}

/** A directory that begins at `start` of the file, what its entries point at, its pixels; the next directory follows unless it is the last. */
function directory(entries, data, start, last) {
  let free = start + 2 + entries.length * 12 + 4;
  const place = new Map();
  for (const [tag, type, values] of entries) {
    if (values.length * sizes[type] <= 4) continue;
    free += free & 1;
    place.set(tag, free);
    free += values.length * sizes[type];
  }
  free += free & 1;
  entries.find(([tag]) => tag === 273)[2] = [free];
  const out = Buffer.alloc(free + data.length + (data.length & 1) - start);
  const put = (type, value, to) => { if (type === 12) out.writeDoubleLE(value, to); else if (type === 4) out.writeUInt32LE(value, to); else if (type === 3) out.writeUInt16LE(value, to); else out.writeUInt8(value, to); };
  out.writeUInt16LE(entries.length, 0);
  entries.forEach(([tag, type, values], i) => {
    const to = 2 + i * 12;
    out.writeUInt16LE(tag, to);
    out.writeUInt16LE(type, to + 2);
    out.writeUInt32LE(values.length, to + 4);
    const held = place.get(tag);
    if (held) out.writeUInt32LE(held, to + 8);
    values.forEach((value, k) => put(type, value, (held ? held - start : to + 8) + k * sizes[type]));
  });
  if (!last) out.writeUInt32LE(start + out.length, 2 + entries.length * 12);
  data.copy(out, free - start);
  return out;
}
