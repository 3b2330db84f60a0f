/** The page's client of the optimize worker. */
import { proxy } from 'comlink';
import type { OnProgress, OptimizeApi, OptimizeRequest, OptimizeResult } from '../../workers/protocol';
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
  /** Stops the worker; the client cannot be used afterwards. */
  dispose(): void;
}

/** The worker is stopped, and its memory freed, after this long without a request. */
const IDLE_MS = 10_000;

/** Makes a client with a worker of its own. */
export function optimizeClient(): OptimizeClient {
  const handle = workerHandle<OptimizeApi>(
    () => new Worker(new URL('../../workers/optimize.worker.ts', import.meta.url), { type: 'module' }),
    { idleMs: IDLE_MS },
  );
  return {
    plan: (request, signal = null) => handle.request((api) => api.plan(request), signal),
    async optimize(request, onProgress, signal = null) {
      // Progress travels on a port of its own and may arrive after the result, or after a cancel.
      let isRunning = true;
      const tell: OnProgress = (progress) => {
        if (isRunning) onProgress(progress);
      };
      try {
        return await handle.request((api) => api.optimize(request, proxy(tell)), signal);
      } finally {
        isRunning = false;
      }
    },
    dispose: () => handle.dispose(),
  };
}
