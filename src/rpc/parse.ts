/** The page's client of the parse worker. */
import type { Remote } from 'comlink';
import type { ViewGraph } from '../core/graph/types';
import type { Step } from '../core/steps';
import type { ParseApi } from '../../workers/protocol';
import { workerHandle } from './handle';

/** Questions that the worker answers in steps: the client asks on until the answer is there. */
type Stepped = 'survey' | 'difference' | 'exportTensor' | 'archive';
type Result<Name extends Stepped> = Extract<
  Awaited<ReturnType<ParseApi[Name]>>,
  { readonly isFinished: true }
>['result'];
/** Called with what is done, 0 to 1, after each step. */
export type OnDone = (done: number) => void;

/** Every question of `ParseApi`, each with a signal that drops the answer. */
export type ParseClient = {
  readonly [Name in Exclude<keyof ParseApi, 'viewGraph' | 'search' | Stepped>]: (
    ...args: [...Parameters<ParseApi[Name]>, signal?: AbortSignal | null]
  ) => ReturnType<ParseApi[Name]>;
} & {
  readonly [Name in Stepped]: (
    ...args: [...Parameters<ParseApi[Name]>, signal?: AbortSignal | null, ondone?: OnDone | null]
  ) => Promise<Result<Name>>;
} & {
  /** The whole graph, put together from its pages. `folded` (the default) hides operators that only unpack constants. */
  viewGraph(id: string, subgraph: number, signal?: AbortSignal | null, folded?: boolean): Promise<ViewGraph>;
  /** `offset` (0 by default) is the first hit that is wanted. */
  search(
    id: string,
    subgraph: number,
    query: string,
    signal?: AbortSignal | null,
    offset?: number,
  ): ReturnType<ParseApi['search']>;
  /** Starts the worker before it is needed. */
  warm(): void;
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
      await reopen(api, id);
      return question(api);
    }, signal);
  }

  async function reopen(api: Remote<ParseApi>, id: string): Promise<void> {
    const kept = files.get(id);
    if (!kept || opened.has(id)) return;
    await api.open(id, kept.name, kept.file);
    opened.add(id);
  }

  /** Asks until the answer is there. Other questions have their turn after each step; once aborted it asks no more. */
  async function askOn<T>(
    id: string,
    signal: AbortSignal | null,
    ondone: OnDone | null,
    question: (api: Remote<ParseApi>) => Promise<Step<T>>,
  ): Promise<T> {
    for (;;) {
      const step = await ask(id, signal, question);
      if (step.isFinished) return step.result;
      ondone?.(step.done);
    }
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
      ask(id, signal, async (api) => {
        const first = await api.viewGraph(id, subgraph, folded, 0);
        const nodes = [...first.nodes];
        const edgeLabel = [...first.edgeLabel];
        for (let { next } = first; next !== null;) {
          const page = await api.viewGraph(id, subgraph, folded, next);
          nodes.push(...page.nodes);
          edgeLabel.push(...page.edgeLabel);
          next = page.next;
        }
        return { ...first.rest!, nodes, edgeLabel };
      }),
    metrics: (id, subgraph, signal = null) => ask(id, signal, (api) => api.metrics(id, subgraph)),
    diff: (beforeId, afterId, subgraph, mapping, signal = null) =>
      ask(beforeId, signal, async (api) => {
        await reopen(api, afterId);
        return api.diff(beforeId, afterId, subgraph, mapping);
      }),
    search: (id, subgraph, query, signal = null, offset = 0) =>
      ask(id, signal, (api) => api.search(id, subgraph, query, offset)),
    operatorTable: (id, subgraph, signal = null) => ask(id, signal, (api) => api.operatorTable(id, subgraph)),
    operator: (id, subgraph, operator, signal = null) =>
      ask(id, signal, (api) => api.operator(id, subgraph, operator)),
    tensor: (id, subgraph, tensor, signal = null) =>
      ask(id, signal, (api) => api.tensor(id, subgraph, tensor)),
    survey: (id, subgraph, tensor, signal = null, ondone = null) =>
      askOn(id, signal, ondone, (api) => api.survey(id, subgraph, tensor)),
    difference: (id, subgraph, tensor, originalId, originalTensor, signal = null, ondone = null) =>
      askOn(id, signal, ondone, async (api) => {
        await reopen(api, originalId);
        return api.difference(id, subgraph, tensor, originalId, originalTensor);
      }),
    channel: (id, subgraph, tensor, axis, channel, signal = null) =>
      ask(id, signal, (api) => api.channel(id, subgraph, tensor, axis, channel)),
    filters: (id, subgraph, tensor, channel, from, count, signal = null) =>
      ask(id, signal, (api) => api.filters(id, subgraph, tensor, channel, from, count)),
    scales: (id, subgraph, tensor, signal = null) =>
      ask(id, signal, (api) => api.scales(id, subgraph, tensor)),
    bytes: (id, signal = null) => ask(id, signal, (api) => api.bytes(id)),
    byteGroups: (id, view, most, signal = null) => ask(id, signal, (api) => api.byteGroups(id, view, most)),
    values: (id, subgraph, tensor, offset, count, raw, signal = null) =>
      ask(id, signal, (api) => api.values(id, subgraph, tensor, offset, count, raw)),
    exportTensor: (id, subgraph, tensor, format, signal = null, ondone = null) =>
      askOn(id, signal, ondone, (api) => api.exportTensor(id, subgraph, tensor, format)),
    archive: (id, values, signal = null, ondone = null) =>
      askOn(id, signal, ondone, (api) => api.archive(id, values)),
    matchRecipe: (id, recipe, signal = null) => ask(id, signal, (api) => api.matchRecipe(id, recipe)),
    recipeToAeq: (id, recipe, signal = null) => ask(id, signal, (api) => api.recipeToAeq(id, recipe)),
    describeData: (name, dataFiles, signal = null) =>
      handle.request((api) => api.describeData(name, dataFiles), signal),
    samplePicture: (dataId, dataFiles, sample, signal = null) =>
      handle.request((api) => api.samplePicture(dataId, dataFiles, sample), signal),
    findTensor: (id, subgraph, name, signal = null) =>
      ask(id, signal, (api) => api.findTensor(id, subgraph, name)),
    warm: () => handle.warm(),
    dispose: () => {
      files.clear();
      handle.dispose();
    },
  };
}
