// One raster, opened: what it must be, and its pixels as RGBA. Mirrors native/io/raster_file.cpp, so that both read the same pixels.

import { FairError } from '../errors.js';
import { mountFile, takeFile, unmountFile, type Dataset, type Described, type Gdal } from './gdal3.js';
import type { RasterInfo, RasterWindow } from './gdal_messages.js';
import type { Sliced } from './remote_file.js';

/** Files say their resolution in rounded figures. */
const ABOUT = 1.001;
const MOST_SIDE = 4_000_000;
const RADIUS = 6378137;

const whatItSays = (e: unknown): string => (Array.isArray(e) ? e : [e]).map((one) => (one as { message?: string })?.message ?? String(one)).join('; ').slice(0, 300);

/** The authority's code at the end of the WKT; 0 where there is none. */
const codeOf = (wkt: string): number => Number(/ID\["EPSG",\s*"?(\d+)"?\]\s*\]\s*$/.exec(wkt)?.[1] ?? 0);

/** Metres on the ground that a pixel in the middle takes, the larger of its sides. */
function groundSize(info: Described, crs: string): number {
  const [, dx, , top, , dy] = info.geoTransform as [number, number, number, number, number, number];
  const middle = top + (dy * info.size[1]) / 2;
  if (crs === 'EPSG:3857') return Math.max(Math.abs(dx), Math.abs(dy)) / Math.cosh(middle / RADIUS);
  const degree = (Math.PI / 180) * RADIUS;
  return Math.max(Math.abs(dx) * Math.cos((middle * Math.PI) / 180), Math.abs(dy)) * degree;
}

export class RasterDataset {
  private constructor(
    private readonly gdal: Gdal,
    private readonly number: number,
    private readonly name: string,
    private readonly opened: Dataset[],
    private readonly described: Described,
    readonly info: Omit<RasterInfo, 'handle'>,
  ) {}

  /** Errors: no raster, no georeference, not 8 bits, not north up, a projection that cannot be warped. */
  static async open(gdal: Gdal, number: number, name: string, data: Sliced, gsd: number): Promise<RasterDataset> {
    const path = mountFile(gdal, number, data);
    const opened: Dataset[] = [];
    const openOne = async (at: string, options: string[] = []): Promise<Described> => {
      const dataset = (await gdal.open(at, options)).datasets[0];
      if (!dataset) throw new Error('no raster in it');
      opened.push(dataset);
      return gdal.gdalinfo(dataset);
    };
    const closeAll = async (): Promise<void> => {
      // What was warped reads through what lies beneath it.
      for (const dataset of opened.splice(0).reverse()) await gdal.close(dataset);
    };
    try {
      let plain: Described;
      try {
        plain = await openOne(path);
      } catch (e) {
        throw new FairError('invalid', name, 'a raster that GDAL reads, such as a GeoTIFF', whatItSays(e) || 'something else', 'check that this is the right file, and that it is whole');
      }
      checkShape(name, plain);
      let { described, crs } = await warped(gdal, number, name, plain, opened, openOne);
      checkGround(name, described);
      const overview = gsd > 0 ? chooseOverview(plain, groundSize(described, crs), gsd) : -1;
      if (overview >= 0) {
        await closeAll();
        plain = await openOne(path, [`OVERVIEW_LEVEL=${overview}`]);
        ({ described, crs } = await warped(gdal, number, name, plain, opened, openOne));
      }
      const [width, height] = described.size;
      return new RasterDataset(gdal, number, name, opened, described, { width, height, crs, transform: described.geoTransform! });
    } catch (e) {
      await closeAll();
      unmountFile(gdal, number);
      throw e;
    }
  }

  /** RGBA of a window, or null where none of its pixels holds anything. */
  async read({ left, top, width, height }: RasterWindow): Promise<Uint8Array<ArrayBuffer> | null> {
    const { bands } = this.described;
    const first = bands[0]!;
    const alpha = bands.findIndex((band) => band.colorInterpretation === 'Alpha') + 1;
    const masked = alpha === 0 && first.noDataValue === undefined && (first.mask?.flags ?? []).includes('PER_DATASET');
    const colours = bands.length >= 3 ? [1, 2, 3] : [1, 1, 1];
    const chosen = [...colours.map(String), ...(alpha > 0 ? [String(alpha)] : masked ? ['mask'] : [])];
    const options = ['-of', 'ENVI', '-co', 'INTERLEAVE=BIP', '-srcwin', ...[left, top, width, height].map(String), ...chosen.flatMap((band) => ['-b', band])];
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = takeFile(this.gdal, await this.gdal.gdal_translate(this.opened.at(-1)!, options, `block${this.number}`));
    } catch (e) {
      throw new FairError('invalid', this.name, 'readable pixels', whatItSays(e) || 'damaged data', 'the file is damaged or cut off: fetch it again');
    }
    const palette = bands.length < 3 ? first.colorTable?.entries : undefined;
    const none = alpha === 0 ? first.noDataValue : undefined;
    const out = new Uint8Array(width * height * 4);
    let something = false;
    for (let i = 0, from = 0; i < out.length; i += 4, from += chosen.length) {
      let [r, g, b] = [bytes[from]!, bytes[from + 1]!, bytes[from + 2]!];
      if (palette) [r, g, b] = (palette[r] ?? [0, 0, 0]) as [number, number, number];
      const valid = chosen.length === 4 ? bytes[from + 3]! !== 0 : !(none !== undefined && r === none && g === none && b === none);
      out[i] = r;
      out[i + 1] = g;
      out[i + 2] = b;
      out[i + 3] = valid ? 255 : 0;
      something ||= valid;
    }
    return something ? out : null;
  }

  async close(): Promise<void> {
    for (const dataset of this.opened.splice(0).reverse()) await this.gdal.close(dataset);
    unmountFile(this.gdal, this.number);
  }
}

function checkShape(name: string, { size: [width, height], bands }: Described): void {
  if (bands.length < 1) throw new FairError('invalid', name, 'an image with bands', 'none', 'check that this is the right file');
  if (width > MOST_SIDE || height > MOST_SIDE || bands.length > 64) {
    throw new FairError('invalid', name, `at most ${MOST_SIDE} x ${MOST_SIDE} pixels and 64 bands`, `${width} x ${height} with ${bands.length} bands`, "the file's header is wrong, or it must be cut up");
  }
  if (bands[0]!.type !== 'Byte') throw new FairError('unsupported', name, '8 bits a band', bands[0]!.type, 'convert it with gdal_translate -ot Byte -scale');
}

function checkGround(name: string, { geoTransform }: Described): void {
  const [, a1, a2, , a4, a5] = (geoTransform ?? []) as [number, number, number, number, number, number];
  if (a2 !== 0 || a4 !== 0) throw new FairError('unsupported', name, 'an image with north up', 'a rotated one', 'warp it with gdalwarp -t_srs EPSG:3857');
  if (!geoTransform!.every(Number.isFinite) || a1 * a5 === 0) {
    throw new FairError('invalid', name, 'a georeference that can be inverted', 'pixels of no size', 'set it again with gdal_edit -a_ullr');
  }
}

/** The file itself where its projection is one we read, else a view of it in EPSG:3857. */
async function warped(
  gdal: Gdal, number: number, name: string, plain: Described, opened: Dataset[], openOne: (at: string) => Promise<Described>,
): Promise<{ described: Described; crs: RasterInfo['crs'] }> {
  const wkt = plain.coordinateSystem?.wkt ?? '';
  if (!wkt || !plain.geoTransform) {
    throw new FairError('invalid', name, 'a georeference', 'none', 'set one with gdal_edit -a_srs … -a_ullr …');
  }
  const code = codeOf(wkt);
  if (code === 3857 || code === 4326) return { described: plain, crs: `EPSG:${code}` };
  const alpha = plain.bands.some((band) => band.colorInterpretation === 'Alpha');
  // Bands beyond RGB, infrared say, are not warped: gdalwarp would take the last for validity.
  const chosen = alpha ? [] : (plain.bands.length >= 3 ? ['1', '2', '3'] : ['1']).flatMap((band) => ['-b', band]);
  try {
    const view = await gdal.gdalwarp(opened.at(-1)!, ['-of', 'VRT', '-t_srs', 'EPSG:3857', '-r', 'bilinear', '-et', '0', '-dstalpha', ...chosen], `view${number}`);
    return { described: await openOne(view.local), crs: 'EPSG:3857' };
  } catch (e) {
    throw new FairError('invalid', name, 'a projection that can be warped to EPSG:3857', whatItSays(e) || 'one that cannot', 'warp it with gdalwarp -t_srs EPSG:3857');
  }
}

/** The coarsest overview that is not coarser than `gsd`, where the file is at least twice as fine; -1 for none. */
function chooseOverview(plain: Described, finest: number, gsd: number): number {
  if (!(finest > 0) || gsd * ABOUT < 2 * finest) return -1;
  let best = 1;
  let chosen = -1;
  (plain.bands[0]!.overviews ?? []).forEach(({ size: [width, height] }, i) => {
    const factor = Math.max(plain.size[0] / width, plain.size[1] / height);
    if (factor > best && finest * factor <= gsd * ABOUT) [best, chosen] = [factor, i];
  });
  return chosen;
}
