/**
 * The page's side of one worker: it is started when it is first needed, works through its calls one at a time, and
 * is stopped when it has had nothing to do for a while, when a running call is cancelled, or when it fails.
 */
import { wrap, type Remote } from 'comlink';
import { abortError, registerErrors } from './errors';

export interface HandleOptions {
  /** Stop the worker after this long without a call; null keeps it (it holds state that the page needs). */
  readonly idleMs: number | null;
  /**
   * What cancelling a running call does: `terminate` stops the worker there and then; `detach` lets it finish and
   * drops the answer (for a worker whose state must survive). Default `terminate`.
   */
  readonly abort?: 'terminate' | 'detach';
  /** Calls handed to the worker at once; default 1. */
  readonly concurrency?: number;
  /** Called when a running worker was stopped for any reason, so that its state can be built anew. */
  readonly onstop?: () => void;
}

export interface WorkerHandle<Api> {
  /**
   * Runs `call` on the worker when its turn comes. Callbacks among the arguments go through comlink's `proxy`.
   * Rejects with an `AbortError` when `signal` fires, with the worker's own error, or when the worker fails.
   */
  request<T>(call: (api: Remote<Api>) => Promise<T>, signal?: AbortSignal | null): Promise<T>;
  /** Starts the worker, if it does not run, so that the first call need not wait for it. */
  warm(): void;
  /** Stops the worker and rejects what is waiting; the handle cannot be used afterwards. */
  dispose(): void;
}

interface Task {
  start(): void;
  fail(error: Error): void;
}

interface Running<Api> {
  readonly worker: Worker;
  readonly api: Remote<Api>;
}

/** Makes a handle on the worker that `spawn` starts. */
export function workerHandle<Api>(spawn: () => Worker, options: HandleOptions): WorkerHandle<Api> {
  registerErrors();
  const concurrency = options.concurrency ?? 1;
  const waiting: Task[] = [];
  const active = new Set<Task>();
  let running: Running<Api> | null = null;
  let idleTimer: ReturnType<typeof setTimeout> | undefined;
  let disposed = false;

  function ensureWorker(): Running<Api> {
    if (running) return running;
    const worker = spawn();
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      if (running?.worker !== worker) return;
      stop(new Error(`A background worker failed: ${event.message || 'it could not be loaded'}. Try again.`));
    });
    worker.addEventListener('messageerror', () => {
      if (running?.worker === worker)
        stop(new Error('A background worker sent an answer that cannot be read.'));
    });
    running = { worker, api: wrap<Api>(worker) };
    return running;
  }

  /** Stops the worker; every call on it fails with `error`, waiting calls go on with a new worker. */
  function stop(error: Error): void {
    clearTimeout(idleTimer);
    const stopped = running;
    running = null;
    stopped?.worker.terminate();
    const failed = [...active];
    active.clear();
    for (const task of failed) task.fail(error);
    if (stopped) options.onstop?.();
    advance();
  }

  function advance(): void {
    while (!disposed && active.size < concurrency && waiting.length > 0) {
      const task = waiting.shift()!;
      active.add(task);
      task.start();
    }
    clearTimeout(idleTimer);
    if (running && active.size === 0 && options.idleMs !== null)
      idleTimer = setTimeout(() => stop(abortError()), options.idleMs);
  }

  function request<T>(call: (api: Remote<Api>) => Promise<T>, signal: AbortSignal | null = null): Promise<T> {
    if (disposed) return Promise.reject(abortError());
    if (signal?.aborted) return Promise.reject(abortError());
    return new Promise<T>((resolve, reject) => {
      const settle = () => {
        signal?.removeEventListener('abort', cancel);
        active.delete(task);
      };
      const task: Task = {
        start: () => {
          // `async` turns what starting the worker or the call itself throws into a rejection.
          const answer = (async () => call(ensureWorker().api))();
          answer.then(
            (value) => {
              if (!active.has(task)) return;
              settle();
              resolve(value);
              advance();
            },
            (error: unknown) => {
              if (!active.has(task)) return;
              task.fail(error as Error);
              advance();
            },
          );
        },
        fail: (error) => {
          settle();
          reject(error);
        },
      };
      const cancel = () => {
        const place = waiting.indexOf(task);
        if (place >= 0) waiting.splice(place, 1);
        if (place >= 0 || options.abort === 'detach') {
          task.fail(abortError());
          advance();
        } else {
          task.fail(abortError());
          stop(new Error('The worker was stopped because another task was cancelled.'));
        }
      };
      signal?.addEventListener('abort', cancel, { once: true });
      waiting.push(task);
      advance();
    });
  }

  return {
    request,
    warm: () => {
      if (disposed) return;
      ensureWorker();
      advance();
    },
    dispose: () => {
      disposed = true;
      const left = waiting.splice(0);
      stop(abortError());
      for (const task of left) task.fail(abortError());
    },
  };
}
