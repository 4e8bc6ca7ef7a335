// In the page: one mask of buildings to polygons, by core's WASM, by d3-contour and by OpenCV.js, in turns.
import { CoreModule } from '/dist/worker/core_module.js';

/** Rotated rectangles as in tests/parity/polygonize.py, some across others, with courtyards; 1 where one is. */
function town(size, count) {
  const mask = new Uint8Array(size * size);
  let seed = 1;
  const random = (from, to) => from + (to - from) * ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32);
  for (let i = 0; i < count; ++i) {
    const [cx, cy, w, h, angle] = [random(0, size), random(0, size), random(6, 30), random(6, 30), random(0, Math.PI)];
    const court = i % 10 === 0 ? 0.4 : 0;
    const [cos, sin, r] = [Math.cos(angle), Math.sin(angle), Math.hypot(w, h) / 2];
    for (let y = Math.max(0, Math.floor(cy - r)); y < Math.min(size, cy + r + 1); ++y) {
      for (let x = Math.max(0, Math.floor(cx - r)); x < Math.min(size, cx + r + 1); ++x) {
        const u = Math.abs((x - cx) * cos + (y - cy) * sin) / (w / 2);
        const v = Math.abs((y - cy) * cos - (x - cx) * sin) / (h / 2);
        if (u <= 1 && v <= 1 && Math.max(u, v) >= court) mask[y * size + x] = 1;
      }
    }
  }
  return mask;
}

/** Its module is thenable and resolves to itself: awaiting it, or returning it from a promise, never ends. */
const openCv = () => new Promise((resolve) => { if (window.cv.Mat) resolve(); else window.cv.onRuntimeInitialized = resolve; });

window.polygons = async ({ size, count, rounds }) => {
  const core = CoreModule.open(await WebAssembly.compile(await (await fetch('/dist/core/core.wasm')).arrayBuffer()));
  await openCv();
  const { cv } = window;
  const mask = town(size, count);
  const transform = [9520000, 0.3, 0, 3203000, 0, -0.3];
  const { grid } = core.ask('raster_grid', { crs: 'EPSG:3857', transform, width: size, height: size, block: size });
  const classes = [{ value: 0, name: 'background' }, { value: 1, name: 'building' }];
  const ours = (params) => () => core.vectorize({ grid, classes, output_name: 'class', params }, mask, size, size).count;
  const arrays = () => core.polygons(mask, { width: size, height: size, transform }).values.length;
  const contours = (smooth) => {
    const contour = window.d3.contours().size([size, size]).smooth(smooth).thresholds([0.5]);
    return () => contour(mask)[0].coordinates.length;
  };
  const openCv2 = (read) => () => {
    const image = cv.matFromArray(size, size, cv.CV_8UC1, mask);
    const found = new cv.MatVector();
    const hierarchy = new cv.Mat();
    cv.findContours(image, found, hierarchy, cv.RETR_CCOMP, cv.CHAIN_APPROX_SIMPLE);
    const n = found.size();
    let outer = 0;
    for (let i = 0; i < n; ++i) if (hierarchy.data32S[4 * i + 3] < 0) ++outer;
    const rings = [];
    if (read) {
      for (let i = 0; i < n; ++i) {
        const ring = found.get(i);
        rings.push(ring.data32S.slice());
        ring.delete();
      }
    }
    for (const one of [image, found, hierarchy]) one.delete();
    return outer;
  };
  const ways = {
    'core: polygons in metres, holes nested': arrays,
    'core: features as GeoJSON, simplified and squared': ours({ area_threshold: 0 }),
    'core: features as GeoJSON, every corner': ours({ tolerance: 0, orthogonalize: false, area_threshold: 0 }),
    'd3-contour, smooth': contours(true),
    'd3-contour, not smooth': contours(false),
    'OpenCV.js findContours, left in its memory': openCv2(false),
    'OpenCV.js findContours, points read': openCv2(true),
  };
  const ms = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  const shapes = {};
  for (let round = -2; round < rounds; ++round) {
    for (const [name, way] of Object.entries(ways)) {
      const start = performance.now();
      shapes[name] = way();
      if (round >= 0) ms[name].push(performance.now() - start);
    }
  }
  return { ms, shapes, covered: mask.reduce((a, b) => a + b, 0) / mask.length };
};
