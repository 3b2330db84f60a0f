/** The page's client of the parse worker. */
import type { Remote } from 'comlink';
import type { ParseApi } from '../../workers/protocol';
import { workerHandle } from './handle';

/** Every question of `ParseApi`, each with a signal that drops the answer. */
export type ParseClient = {
  readonly [Name in Exclude<keyof ParseApi, 'viewGraph'>]: (
    ...args: [...Parameters<ParseApi[Name]>, signal?: AbortSignal | null]
  ) => ReturnType<ParseApi[Name]>;
} & {
  /** `folded` (the default) hides operators that only unpack constants. */
  viewGraph(
    id: string,
    subgraph: number,
    signal?: AbortSignal | null,
    folded?: boolean,
  ): ReturnType<ParseApi['viewGraph']>;
  /** Stops the worker; the client cannot be used afterwards. */
  dispose(): void;
};

interface Kept {
  readonly name: string;
  readonly file: Blob;
}

/** The worker is stopped, and its memory freed, after this long without a question. */
const IDLE_MS = 60_000;

/**
 * Makes a client with a worker of its own. The worker may stop at any time (idle, failed): the client keeps the
 * files (`Blob`s, so no copy of their bytes) and opens a model again before the next question about it.
 */
export function parseClient(): ParseClient {
  const files = new Map<string, Kept>();
  /** Models that the running worker has read. */
  const opened = new Set<string>();
  const handle = workerHandle<ParseApi>(
    () => new Worker(new URL('../../workers/parse.worker.ts', import.meta.url), { type: 'module' }),
    { idleMs: IDLE_MS, abort: 'detach', onstop: () => opened.clear() },
  );

  function ask<T>(
    id: string,
    signal: AbortSignal | null,
    question: (api: Remote<ParseApi>) => Promise<T>,
  ): Promise<T> {
    return handle.request(async (api) => {
      const kept = files.get(id);
      if (kept && !opened.has(id)) {
        await api.open(id, kept.name, kept.file);
        opened.add(id);
      }
      return question(api);
    }, signal);
  }

  return {
    async open(id, name, file, signal = null) {
      const summary = await handle.request((api) => api.open(id, name, file), signal);
      files.set(id, { name, file });
      opened.add(id);
      return summary;
    },
    close(id, signal = null) {
      files.delete(id);
      // Where no worker runs there is nothing to forget.
      if (!opened.delete(id)) return Promise.resolve();
      return handle.request((api) => api.close(id), signal);
    },
    figures: (id, signal = null) => ask(id, signal, (api) => api.figures(id)),
    lint: (id, signal = null) => ask(id, signal, (api) => api.lint(id)),
    viewGraph: (id, subgraph, signal = null, folded = true) =>
      ask(id, signal, (api) => api.viewGraph(id, subgraph, folded)),
    search: (id, subgraph, query, signal = null) => ask(id, signal, (api) => api.search(id, subgraph, query)),
    operator: (id, subgraph, operator, signal = null) =>
      ask(id, signal, (api) => api.operator(id, subgraph, operator)),
    tensor: (id, subgraph, tensor, signal = null) =>
      ask(id, signal, (api) => api.tensor(id, subgraph, tensor)),
    statistics: (id, subgraph, tensor, signal = null) =>
      ask(id, signal, (api) => api.statistics(id, subgraph, tensor)),
    values: (id, subgraph, tensor, offset, count, raw, signal = null) =>
      ask(id, signal, (api) => api.values(id, subgraph, tensor, offset, count, raw)),
    exportTensor: (id, subgraph, tensor, format, signal = null) =>
      ask(id, signal, (api) => api.exportTensor(id, subgraph, tensor, format)),
    matchRecipe: (id, recipe, signal = null) => ask(id, signal, (api) => api.matchRecipe(id, recipe)),
    recipeToAeq: (id, recipe, signal = null) => ask(id, signal, (api) => api.recipeToAeq(id, recipe)),
    describeData: (name, dataFiles, signal = null) =>
      handle.request((api) => api.describeData(name, dataFiles), signal),
    samplePicture: (dataId, dataFiles, sample, signal = null) =>
      handle.request((api) => api.samplePicture(dataId, dataFiles, sample), signal),
    findTensor: (id, subgraph, name, signal = null) =>
      ask(id, signal, (api) => api.findTensor(id, subgraph, name)),
    dispose: () => {
      files.clear();
      handle.dispose();
    },
  };
}
