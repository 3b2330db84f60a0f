/** Applies recipes to models, searches for recipes, and finds out what variants lose. */
import { expose } from 'comlink';
import { adviceFromReport } from '../src/core/debug/advice';
import { debugVariant } from '../src/core/debug/debug-variant';
import { openModel } from '../src/core/model/open';
import { writeModel } from '../src/core/model/write';
import { presetOptions } from '../src/core/optimize/options';
import { planRecipe, runRecipe } from '../src/core/optimize/pipeline';
import { parseRecipe } from '../src/core/optimize/recipe';
import { mixed, runSearch } from '../src/core/optimize/search/mixed';
import type { SearchResult } from '../src/core/optimize/search/types';
import type { PassReport } from '../src/core/optimize/types';
import { registerErrors } from '../src/rpc/errors';
import { calibrationFor } from './calibrations';
import type {
  DebugRequest,
  DebugResult,
  MixedRequest,
  OnProgress,
  OptimizeRequest,
  OptimizeResult,
} from './protocol';

/** About 30 messages a second: more would only queue up on the page. */
const PROGRESS_INTERVAL_MS = 33;

/** `OptimizeApi` with the place of the runtime's files, which only the page knows. */
export interface OptimizeWorkerApi {
  plan(request: OptimizeRequest): Promise<readonly PassReport[]>;
  optimize(request: OptimizeRequest, onProgress: OnProgress, runtimeUrl: string): Promise<OptimizeResult>;
  debug(request: DebugRequest, onProgress: OnProgress, runtimeUrl: string): Promise<DebugResult>;
  search(request: MixedRequest, onProgress: OnProgress, runtimeUrl: string): Promise<SearchResult>;
}

const api: OptimizeWorkerApi = {
  async plan({ file, recipe, seed }) {
    return planRecipe(await read(file), parseRecipe(recipe), { seed });
  },
  async optimize({ file, recipe, seed, calibration: wanted }, onProgress, runtimeUrl) {
    const model = await read(file);
    const calibration = wanted && (await calibrationFor(wanted, runtimeUrl));
    const result = await runRecipe(model, parseRecipe(recipe), {
      seed,
      calibration,
      progress: throttle(onProgress),
    });
    const bytes = writeModel(result.model);
    return {
      file: new Blob([bytes], { type: 'application/octet-stream' }),
      sizeBytes: bytes.length,
      reports: result.reports,
      mapping: result.mapping,
    };
  },
  async debug({ original, variant, mapping, rescaled, calibration: wanted }, onProgress, runtimeUrl) {
    const calibration = await calibrationFor(wanted, runtimeUrl);
    const models = { original: await read(original), variant: await read(variant) };
    const context = { progress: throttle(onProgress), signal: null };
    const report = await debugVariant({ ...models, mapping, rescaled, calibration }, context);
    return { report, advice: adviceFromReport(report, models.original, models.variant) };
  },
  async search({ file, options, calibration: wanted }, onProgress, runtimeUrl) {
    const calibration = await calibrationFor(wanted, runtimeUrl);
    const context = { progress: throttle(onProgress), signal: null };
    return runSearch(await read(file), calibration, { ...presetOptions(mixed), ...options }, context);
  },
};

async function read(file: Blob) {
  return openModel(new Uint8Array(await file.arrayBuffer())).model;
}

function throttle(onProgress: OnProgress) {
  let toldAt = -Infinity;
  return (done: number, total: number, label: string) => {
    const now = performance.now();
    if (now - toldAt < PROGRESS_INTERVAL_MS) return;
    toldAt = now;
    onProgress({ done, total, label });
  };
}

registerErrors();
expose(api);
