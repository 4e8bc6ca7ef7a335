// GDAL's worker: rasters read block by block, feature collections written as other formats.

import { FairError } from '../errors.js';
import { loadGdal, takeFile, type Gdal } from './gdal3.js';
import type { FromGdal, GdalCall, RasterInfo, ToGdal, VectorFormat } from './gdal_messages.js';
import { RasterDataset } from './raster_dataset.js';
import { openRemote } from './remote_file.js';
import { sent } from './sent_error.js';

const post = (message: FromGdal, transfer: Transferable[] = []): void =>
  (globalThis as unknown as { postMessage(m: unknown, t: Transferable[]): void }).postMessage(message, transfer);

let gdal: Gdal | null = null;
let next = 1;
const rasters = new Map<number, RasterDataset>();

async function convert(loaded: Gdal, text: string, format: VectorFormat): Promise<Uint8Array<ArrayBuffer>> {
  const path = `/output/features${next++}.geojson`;
  loaded.Module.FS.writeFile(path, text);
  try {
    const dataset = (await loaded.open(path)).datasets[0]!;
    try {
      return takeFile(loaded, await loaded.ogr2ogr(dataset, ['-f', format, '-nln', 'features'], `converted${next++}`));
    } finally {
      await loaded.close(dataset);
    }
  } catch (e) {
    const said = (Array.isArray(e) ? e : [e]).map((one) => (one as { message?: string })?.message ?? String(one)).join('; ');
    throw new FairError('invalid', 'features', `a collection that GDAL writes as ${format}`, said.slice(0, 300), 'check that it is GeoJSON in EPSG:4326 with at least one feature');
  } finally {
    loaded.Module.FS.unlink(path);
  }
}

async function handle(message: GdalCall): Promise<unknown> {
  if (message.call === 'start') {
    gdal = await loadGdal(message.folder);
    return null;
  }
  if (!gdal) throw new FairError('internal', "GDAL's worker", 'to be started first', message.call);
  if (message.call === 'convert') return convert(gdal, message.text, message.format);
  if (message.call === 'open') {
    const number = next++;
    const data = typeof message.source === 'string' ? await openRemote(message.source) : message.source;
    const raster = await RasterDataset.open(gdal, number, message.name, data, message.gsd);
    rasters.set(number, raster);
    return { handle: number, ...raster.info } satisfies RasterInfo;
  }
  const raster = rasters.get(message.handle);
  if (!raster) throw new FairError('internal', 'raster', 'an open one', String(message.handle));
  if (message.call === 'read') return raster.read(message.window);
  rasters.delete(message.handle);
  await raster.close();
  return null;
}

// One after the other: GDAL's calls share files and its last error.
let last: Promise<unknown> = Promise.resolve();
globalThis.addEventListener('message', (event) => {
  const message = (event as MessageEvent<ToGdal>).data;
  last = last.then(() => handle(message)).then(
    (result) => post({ id: message.id, result }, result instanceof Uint8Array ? [result.buffer] : []),
    (e: unknown) => post({ id: message.id, error: sent(e, "GDAL's worker") }),
  );
});
