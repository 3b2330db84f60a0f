/** Runs models in LiteRT's WebAssembly. One engine is kept for as long as the wanted number of threads stays the same. */
import { expose, transfer } from 'comlink';
import { compareModels, type ComparisonData } from '../src/core/measure/compare';
import type { Comparison } from '../src/core/measure/types';
import type { Engine } from '../src/engines/interpreter';
import { loadLitertInWorker } from '../src/engines/litert/load-browser';
import { registerErrors } from '../src/rpc/errors';
import type { CompareRequest, DataSource, OnProgress } from './protocol';
import { readBlobs, readDataFiles } from './read-data';

const PROGRESS_INTERVAL_MS = 100;

/** `InterpretApi` with the place of the runtime's files, which only the page knows. */
export interface InterpretWorkerApi {
  compare(request: CompareRequest, onProgress: OnProgress, runtimeUrl: string): Promise<Comparison>;
}

let loaded: { threads: number; engine: Engine } | null = null;

const api: InterpretWorkerApi = {
  async compare({ models, data, accelerator, threads, latencyRounds }, onProgress, runtimeUrl) {
    const samples = await readData(data);
    if (loaded?.threads !== threads) {
      loaded?.engine.dispose();
      loaded = null;
      loaded = { threads, engine: await loadLitertInWorker({ baseUrl: runtimeUrl, threads }) };
    }
    let reportedAt = -Infinity;
    const comparison = await compareModels(
      loaded.engine,
      await readBlobs(models),
      samples,
      { accelerator, latencyRounds, now: () => performance.now() },
      (done, total, label) => {
        if (performance.now() - reportedAt < PROGRESS_INTERVAL_MS && done !== total) return;
        reportedAt = performance.now();
        onProgress({ done, total, label });
      },
      null,
    );
    // The square matrices of a thousand classes are megabytes: handed over, not copied.
    const large = comparison.models.flatMap(({ confusion }) => (confusion ? [confusion.counts.buffer] : []));
    return transfer(comparison, [...new Set(large as ArrayBuffer[])]);
  },
};

async function readData(source: DataSource): Promise<ComparisonData> {
  return source.kind === 'random' ? source : { kind: 'dataset', ...(await readDataFiles(source)) };
}

registerErrors();
expose(api);
