// What is taken along: files, and a hand-over to JOSM.

import { convertFeatures, type Feature } from '@fair-edge/web';
import { osmXml } from './osm.ts';

const JOSM = 'http://127.0.0.1:8111';

function download(bytes: BlobPart, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export const geojsonText = (features: Feature[]): string => `{"type":"FeatureCollection","features":[\n${features.map((f) => JSON.stringify(f)).join(',\n')}\n]}\n`;

/** Does it, and gives the sentence to show. */
export async function exportAs(format: string, features: Feature[], name: string): Promise<string> {
  if (features.length === 0) return 'There is nothing to take along yet.';
  const what = `${features.length} feature${features.length === 1 ? '' : 's'}`;
  if (format === 'geojson') {
    download(geojsonText(features), `${name}.geojson`, 'application/geo+json');
    return `${what} saved as ${name}.geojson`;
  }
  if (format === 'FlatGeobuf' || format === 'GPKG') {
    const file = `${name}.${format === 'GPKG' ? 'gpkg' : 'fgb'}`;
    const blob = await convertFeatures({ type: 'FeatureCollection', features }, format);
    download(blob, file, blob.type);
    return `${what} saved as ${file}`;
  }
  if (format === 'osm' || format === 'josm') {
    const { xml, ways, holes } = osmXml(features);
    const lost = holes ? `; ${holes} hole${holes === 1 ? '' : 's'} left out, ways have none` : '';
    if (format === 'osm') {
      download(xml, `${name}.osm`, 'application/xml');
      return `${ways} ways saved as ${name}.osm${lost}`;
    }
    try {
      const answer = await fetch(`${JOSM}/load_data?new_layer=true&layer_name=${encodeURIComponent(name)}&data=${encodeURIComponent(xml)}`);
      if (!answer.ok) throw new Error(`JOSM answered ${answer.status}`);
      return `${ways} ways are in JOSM${lost}`;
    } catch (e) {
      return `JOSM did not take them (${(e as Error).message}): start it, switch Remote Control on, or save .osm and open that.`;
    }
  }
  throw new Error(`${format}: expected geojson, FlatGeobuf, GPKG, osm or josm`);
}
