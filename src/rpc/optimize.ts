/** The page's client of the optimize worker. */
import { proxy } from 'comlink';
import type { OptimizeWorkerApi } from '../../workers/optimize.worker';
import type {
  DebugRequest,
  DebugResult,
  MixedRequest,
  OnProgress,
  OptimizeRequest,
  OptimizeResult,
} from '../../workers/protocol';
import type { SearchResult } from '../core/optimize/search/types';
import type { PassReport } from '../core/optimize/types';
import { workerHandle } from './handle';

export interface OptimizeClient {
  /** What each step would do. Aborting stops the worker there and then. */
  plan(request: OptimizeRequest, signal?: AbortSignal | null): Promise<readonly PassReport[]>;
  /** Applies the recipe; aborting stops the worker there and then. */
  optimize(
    request: OptimizeRequest,
    onProgress: OnProgress,
    signal?: AbortSignal | null,
  ): Promise<OptimizeResult>;
  /** Finds out what each operator of a variant adds to its error; aborting stops the worker. */
  debug(request: DebugRequest, onProgress: OnProgress, signal?: AbortSignal | null): Promise<DebugResult>;
  /** Searches for a model of mixed precision; aborting stops the worker. */
  search(request: MixedRequest, onProgress: OnProgress, signal?: AbortSignal | null): Promise<SearchResult>;
  /** Stops the worker; the client cannot be used afterwards. */
  dispose(): void;
}

/** The worker is stopped, and its memory and statistics freed, after this long without a request. */
const IDLE_MS = 120_000;

/** Makes a client with a worker of its own. The runtime's files lie in `litert/` beside the page. */
export function optimizeClient(): OptimizeClient {
  const handle = workerHandle<OptimizeWorkerApi>(
    () => new Worker(new URL('../../workers/optimize.worker.ts', import.meta.url), { type: 'module' }),
    { idleMs: IDLE_MS },
  );
  const runtimeUrl = new URL('litert/', location.href).href;
  return {
    plan: (request, signal = null) => handle.request((api) => api.plan(request), signal),
    optimize: (request, onProgress, signal = null) =>
      told(onProgress, (tell) => handle.request((api) => api.optimize(request, tell, runtimeUrl), signal)),
    debug: (request, onProgress, signal = null) =>
      told(onProgress, (tell) => handle.request((api) => api.debug(request, tell, runtimeUrl), signal)),
    search: (request, onProgress, signal = null) =>
      told(onProgress, (tell) => handle.request((api) => api.search(request, tell, runtimeUrl), signal)),
    dispose: () => handle.dispose(),
  };
}

/** Progress travels on a port of its own and may arrive after the result, or after a cancel: then it is dropped. */
async function told<T>(onProgress: OnProgress, work: (tell: OnProgress) => Promise<T>): Promise<T> {
  let isRunning = true;
  const tell: OnProgress = (progress) => {
    if (isRunning) onProgress(progress);
  };
  try {
    return await work(proxy(tell));
  } finally {
    isRunning = false;
  }
}
