import { FairError } from '../errors.js';
import type { SentRequest } from '../messages.js';
import type { CoreModule } from '../worker/core_module.js';
import type { BlockSource, Traffic } from './source.js';
export async function openRaster(_core: CoreModule, _request: SentRequest, _gdal: string | undefined, _signal: AbortSignal, _traffic: Traffic): Promise<{ sources: BlockSource[]; close: () => void }> {
  throw new FairError('unsupported', 'raster', '', '');
}
