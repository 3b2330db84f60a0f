/** The page's client of the interpret worker. */
import { proxy } from 'comlink';
import type { InterpretWorkerApi } from '../../workers/interpret.worker';
import type { CompareRequest, OnProgress } from '../../workers/protocol';
import type { Comparison } from '../core/measure/types';
import { workerHandle } from './handle';

export interface InterpretClient {
  /** Runs models on data and compares them. Aborting stops the worker there and then. */
  compare(request: CompareRequest, onProgress: OnProgress, signal?: AbortSignal | null): Promise<Comparison>;
  /** Stops the worker; the client cannot be used afterwards. */
  dispose(): void;
}

/** The runtime and its memory are freed after this long without a comparison. */
const IDLE_MS = 30_000;

/** Makes a client with a worker of its own. The runtime's files lie in `litert/` beside the page. */
export function interpretClient(): InterpretClient {
  const handle = workerHandle<InterpretWorkerApi>(
    () => new Worker(new URL('../../workers/interpret.worker.ts', import.meta.url), { type: 'module' }),
    { idleMs: IDLE_MS },
  );
  const runtimeUrl = new URL('litert/', location.href).href;
  return {
    compare: (request, onProgress, signal = null) =>
      handle.request((api) => api.compare(request, proxy(onProgress), runtimeUrl), signal),
    dispose: () => handle.dispose(),
  };
}
