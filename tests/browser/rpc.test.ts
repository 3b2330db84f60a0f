import { proxy, type Remote } from 'comlink';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors';
import { isAbort } from '../../src/rpc/errors';
import { workerHandle, type HandleOptions } from '../../src/rpc/handle';
import type { EchoApi } from './rpc/echo.worker';

let started = 0;
const spawn = () => {
  started += 1;
  return new Worker(new URL('./rpc/echo.worker.ts', import.meta.url), { type: 'module' });
};
const handleOf = (options: Partial<HandleOptions> = {}) =>
  workerHandle<EchoApi>(spawn, { idleMs: null, ...options });

describe('a worker handle', () => {
  it('answers, and starts the worker once, when it is first needed', async () => {
    const before = started;
    const handle = handleOf();
    expect(started).toBe(before);
    expect(await handle.request((api) => api.echo(3))).toBe(3);
    expect(await handle.request((api) => api.echo(4))).toBe(4);
    expect(started).toBe(before + 1);
    handle.dispose();
  });

  it('hands over one call at a time, in order', async () => {
    const handle = handleOf();
    const order: string[] = [];
    const first = handle.request((api) => api.wait(60)).then(() => order.push('first'));
    const second = handle.request((api) => api.echo(1)).then(() => order.push('second'));
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    handle.dispose();
  });

  it('keeps code, place and byte offset of a ModelError', async () => {
    const handle = handleOf();
    const error: unknown = await handle.request((api) => api.fail()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ code: 'broken-model', where: 'subgraphs[0]', byteOffset: 12 });
    expect((error as ModelError).message).toBe('The file is broken.');
    handle.dispose();
  });

  it('stops the worker when a running call is cancelled, and starts another for the next', async () => {
    const before = started;
    let stops = 0;
    const handle = handleOf({ onstop: () => (stops += 1) });
    const abort = new AbortController();
    const running = handle.request((api) => api.spin(), abort.signal).catch((reason: unknown) => reason);
    const next = handle.request((api) => api.echo(7));
    setTimeout(() => abort.abort(), 80);
    expect(isAbort(await running)).toBe(true);
    expect(await next).toBe(7);
    expect(started).toBe(before + 2);
    expect(stops).toBe(1);
    handle.dispose();
  });

  it('drops a waiting call that is cancelled without touching the running one', async () => {
    const before = started;
    const handle = handleOf();
    const abort = new AbortController();
    const running = handle.request((api) => api.wait(80));
    const waiting = handle.request((api) => api.echo(1), abort.signal).catch((reason: unknown) => reason);
    abort.abort();
    expect(isAbort(await waiting)).toBe(true);
    expect(await running).toBe(80);
    expect(started).toBe(before + 1);
    handle.dispose();
  });

  it('keeps the worker and its state when calls are only detached', async () => {
    const before = started;
    const handle = handleOf({ abort: 'detach' });
    const abort = new AbortController();
    const dropped = handle.request((api) => api.wait(60), abort.signal).catch((reason: unknown) => reason);
    setTimeout(() => abort.abort(), 10);
    expect(isAbort(await dropped)).toBe(true);
    expect(await handle.request((api) => api.echo(2))).toBe(2);
    expect(started).toBe(before + 1);
    handle.dispose();
  });

  it('rejects when the worker fails, and works again afterwards', async () => {
    const handle = handleOf();
    await expect(handle.request((api) => api.crash())).rejects.toThrow('A background worker failed');
    expect(await handle.request((api) => api.echo(5))).toBe(5);
    handle.dispose();
  });

  it('rejects when the worker cannot be loaded', async () => {
    const handle = workerHandle<EchoApi>(() => new Worker('/no-such-worker.js', { type: 'module' }), {
      idleMs: null,
    });
    await expect(handle.request((api) => api.echo(1))).rejects.toThrow('could not be loaded');
    handle.dispose();
  });

  it('stops an idle worker', async () => {
    const before = started;
    const stopped = Promise.withResolvers<undefined>();
    const handle = handleOf({ idleMs: 30, onstop: () => stopped.resolve(undefined) });
    await handle.request((api) => api.echo(1));
    await stopped.promise;
    expect(await handle.request((api) => api.echo(2))).toBe(2);
    expect(started).toBe(before + 2);
    handle.dispose();
  });

  it('hands over callbacks', async () => {
    const handle = handleOf();
    const seen: number[] = [];
    const count = (api: Remote<EchoApi>) =>
      api.count(
        3,
        proxy((n: number) => void seen.push(n)),
      );
    expect(await handle.request(count)).toBe(3);
    expect(seen).toEqual([1, 2, 3]);
    handle.dispose();
  });

  it('rejects everything once it is disposed of', async () => {
    const handle = handleOf();
    const running = handle.request((api) => api.spin()).catch((reason: unknown) => reason);
    const waiting = handle.request((api) => api.echo(1)).catch((reason: unknown) => reason);
    handle.dispose();
    expect(isAbort(await running)).toBe(true);
    expect(isAbort(await waiting)).toBe(true);
    const late = await handle.request((api) => api.echo(1)).catch((reason: unknown) => reason);
    expect(isAbort(late)).toBe(true);
  });
});
