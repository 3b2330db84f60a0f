/** A worker for the tests of the handle: answers, waits, fails, hangs. */
import { expose } from 'comlink';
import { ModelError } from '../../../src/core/errors';
import { registerErrors } from '../../../src/rpc/errors';

registerErrors();

const api = {
  echo: async (value: number) => value,
  wait: (ms: number) => new Promise<number>((resolve) => setTimeout(() => resolve(ms), ms)),
  /** Never gives the thread back: only stopping the worker ends it. */
  async spin(): Promise<void> {
    const forever = Infinity;
    while (performance.now() < forever);
  },
  async fail(): Promise<void> {
    throw new ModelError('broken-model', 'The file is broken.', { where: 'subgraphs[0]', byteOffset: 12 });
  },
  crash: () => {
    setTimeout(() => {
      throw new Error('an error outside any call');
    });
    return new Promise<void>(() => undefined);
  },
  async count(to: number, onstep: (n: number) => Promise<void> | void): Promise<number> {
    for (let n = 1; n <= to; n++) await onstep(n);
    return to;
  },
};

export type EchoApi = typeof api;

expose(api);
