// @fair-edge/web: humanitarian mapping models in a browser tab, with no back end.

import type { FeatureCollection } from './geojson.js';
import type { TestHooks } from './messages.js';
import { WorkerPredictor } from './predictor.js';
import type { Compatibility, FairPredictRequest, Finding, Parameter, Predictor, PredictorOptions } from './types.js';

export * from './types.js';
export * from './geojson.js';
export { AbortError, FairError, type ErrorCode } from './errors.js';
export { WorkerPredictor } from './predictor.js';

/** Starts a worker with core and the package's plugins in it. Errors: files of the package that are not served, a plugin that is refused. */
export function createPredictor(options: PredictorOptions = {}): Promise<Predictor> {
  return WorkerPredictor.open(options, (options as { testing?: TestHooks }).testing ?? {});
}

let shared: Promise<Predictor> | null = null;

/** The predictor that the functions below use, made when it is first wanted. */
function common(): Promise<Predictor> {
  shared ??= createPredictor().catch((e: unknown) => {
    shared = null;
    throw e;
  });
  return shared;
}

/** What fAIr's server answers to POST /predict, without a server. */
export async function fairPredict(request: FairPredictRequest): Promise<FeatureCollection> {
  return (await common()).fairPredict(request);
}
/** fAIr's own rules on any STAC document; every finding at once. */
export async function validateItem(item: unknown): Promise<{ kind: string; findings: Finding[] }> {
  return (await common()).validateItem(item);
}
/** May this model be finetuned on that dataset? */
export async function checkCompatibility(model: unknown, dataset: unknown): Promise<Compatibility> {
  return (await common()).checkCompatibility(model, dataset);
}
/** What may be set for a run of a model. */
export async function listParams(item: unknown): Promise<Parameter[]> {
  return (await common()).listParams(item);
}
export { openCatalog } from './catalog.js';
export { convertFeatures } from './convert.js';
export type { VectorFormat } from './worker/gdal_messages.js';
