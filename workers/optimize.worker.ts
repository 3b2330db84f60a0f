/** Applies recipes to models. */
import { expose } from 'comlink';
import { openModel } from '../src/core/model/open';
import { writeModel } from '../src/core/model/write';
import { planRecipe, runRecipe } from '../src/core/optimize/pipeline';
import { parseRecipe } from '../src/core/optimize/recipe';
import type { PassReport } from '../src/core/optimize/types';
import { registerErrors } from '../src/rpc/errors';
import { calibrationFor } from './calibrations';
import type { OnProgress, OptimizeRequest, OptimizeResult } from './protocol';

/** About 30 messages a second: more would only queue up on the page. */
const PROGRESS_INTERVAL_MS = 33;

/** `OptimizeApi` with the place of the runtime's files, which only the page knows. */
export interface OptimizeWorkerApi {
  plan(request: OptimizeRequest): Promise<readonly PassReport[]>;
  optimize(request: OptimizeRequest, onProgress: OnProgress, runtimeUrl: string): Promise<OptimizeResult>;
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
