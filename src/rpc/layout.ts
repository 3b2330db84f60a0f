/** The page's client of the layout worker. */
import type { Layout, LayoutRequest } from '../core/graph/layout/types';
import type { LayoutApi } from '../../workers/protocol';
import { workerHandle } from './handle';

export interface LayoutClient {
  /** Lays out a graph in the worker; aborting stops it there and then. */
  layout(request: LayoutRequest, signal?: AbortSignal | null): Promise<Layout>;
  /** Starts the worker before it is needed. */
  warm(): void;
  /** Stops the worker; the client cannot be used afterwards. */
  dispose(): void;
}

/** The worker is stopped after this long without a layout. */
const IDLE_MS = 30_000;

/** Makes a client with a worker of its own. */
export function layoutClient(): LayoutClient {
  const handle = workerHandle<LayoutApi>(
    () => new Worker(new URL('../../workers/layout.worker.ts', import.meta.url), { type: 'module' }),
    { idleMs: IDLE_MS },
  );
  return {
    layout: (request, signal = null) => handle.request((api) => api.layout(request), signal),
    warm: () => handle.warm(),
    dispose: () => handle.dispose(),
  };
}
