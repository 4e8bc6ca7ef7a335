// A small GeoTIFF writer: uncompressed, one strip, as many bands of 8 or 16 bits as wanted.

const sizes = { 2: 1, 3: 2, 4: 4, 12: 8 };

/** `pixel(x, y)` gives a pixel's bands. `ground`: {epsg, west, north, size}, or null for none. `nodata`: text. */
export function geotiff({ width, height, bands = 3, bits = 8, pixel, ground, alpha = false, nodata = null }) {
  const bytes = bits / 8;
  const data = Buffer.alloc(width * height * bands * bytes);
  for (let y = 0, at = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      for (const value of pixel(x, y)) at = bits === 8 ? data.writeUInt8(value, at) : data.writeUInt16LE(value, at);
    }
  }
  const extra = bands - (bands >= 3 ? 3 : 1);
  const entries = [
    [256, 4, [width]], [257, 4, [height]], [258, 3, Array(bands).fill(bits)], [259, 3, [1]], [262, 3, [bands >= 3 ? 2 : 1]],
    [273, 4, [0]], [277, 3, [bands]], [278, 4, [height]], [279, 4, [data.length]], [284, 3, [1]],
  ];
  if (extra > 0) entries.push([338, 3, Array(extra).fill(alpha ? 2 : 0)]);
  if (ground) {
    entries.push([33550, 12, [ground.size, ground.size, 0]], [33922, 12, [0, 0, 0, ground.west, ground.north, 0]]);
    const geographic = ground.epsg === 4326;
    entries.push([34735, 3, [1, 1, 0, 3, 1024, 0, 1, geographic ? 2 : 1, 1025, 0, 1, 1, geographic ? 2048 : 3072, 0, 1, ground.epsg]]);
  }
  if (nodata !== null) entries.push([42113, 2, [...Buffer.from(`${nodata}\0`)]]);
  const directory = 8;
  let free = directory + 2 + entries.length * 12 + 4;
  const place = new Map();
  for (const [tag, type, values] of entries) {
    if (values.length * sizes[type] <= 4) continue;
    free += free & 1;
    place.set(tag, free);
    free += values.length * sizes[type];
  }
  free += free & 1;
  entries.find(([tag]) => tag === 273)[2] = [free];
  const out = Buffer.alloc(free + data.length);
  out.write('II*\0', 'latin1');
  out.writeUInt32LE(directory, 4);
  out.writeUInt16LE(entries.length, directory);
  const put = (type, value, at) => { if (type === 12) out.writeDoubleLE(value, at); else if (type === 4) out.writeUInt32LE(value, at); else if (type === 3) out.writeUInt16LE(value, at); else out.writeUInt8(value, at); };
  entries.forEach(([tag, type, values], i) => {
    const at = directory + 2 + i * 12;
    out.writeUInt16LE(tag, at);
    out.writeUInt16LE(type, at + 2);
    out.writeUInt32LE(values.length, at + 4);
    const held = place.get(tag);
    if (held) out.writeUInt32LE(held, at + 8);
    values.forEach((value, k) => put(type, value, (held ?? at + 8) + k * sizes[type]));
  });
  data.copy(out, free);
  return out;
}
