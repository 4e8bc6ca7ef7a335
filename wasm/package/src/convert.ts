// Features as files of other programs, written by GDAL.

import { FairError } from './errors.js';
import type { FeatureCollection } from './geojson.js';
import type { VectorFormat } from './worker/gdal_messages.js';

const TYPES: Record<VectorFormat, string> = { FlatGeobuf: 'application/flatgeobuf', GPKG: 'application/geopackage+sqlite3' };

/** One layer, "features", in EPSG:4326. `assets.gdal`: the folder of gdal3.js's files, by default beside the package. GDAL's worker ends with it. */
export async function convertFeatures(collection: FeatureCollection, format: VectorFormat, assets: { gdal?: string } = {}): Promise<Blob> {
  if (!(format in TYPES)) throw new FairError('usage', 'format', Object.keys(TYPES).join(' or '), String(format));
  if (collection?.type !== 'FeatureCollection' || collection.features.length === 0) {
    throw new FairError('usage', 'features', 'a FeatureCollection with at least one feature', collection?.type === 'FeatureCollection' ? 'an empty one' : 'something else', 'predict first');
  }
  const text = JSON.stringify({ type: 'FeatureCollection', features: collection.features });
  const { GdalClient } = await import('./worker/gdal_client.js');
  const gdal = await GdalClient.start(assets.gdal ? new URL(assets.gdal, document.baseURI).href : null);
  try {
    const bytes = await gdal.ask<Uint8Array<ArrayBuffer>>({ call: 'convert', text, format });
    return new Blob([bytes], { type: TYPES[format] });
  } finally {
    gdal.close();
  }
}
