/** The engine in a module worker, for `litert.test.ts`. */
import { expose } from 'comlink';
import type { TensorData } from '../../src/core/tensor-data';
import type { InterpreterOptions } from '../../src/engines/interpreter';
import type { LitertEngine } from '../../src/engines/litert/engine';
import { loadLitertInWorker, type BrowserOptions } from '../../src/engines/litert/load-browser';
import { registerErrors } from '../../src/rpc/errors';

export interface Ran {
  readonly backend: string;
  readonly threads: number;
  readonly outputs: readonly TensorData[];
  /** What was printed to the worker's console. */
  readonly printed: readonly string[];
}

const printed: string[] = [];
for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
  // eslint-disable-next-line no-console -- listening, so that the test can see that nothing is printed
  console[name] = (...texts: unknown[]) => void printed.push(texts.join(' '));
}
let engine: LitertEngine | null = null;

const api = {
  async load(options: BrowserOptions): Promise<void> {
    engine?.dispose();
    engine = null;
    engine = await loadLitertInWorker(options);
  },
  isolated: (): boolean => crossOriginIsolated,
  async run(bytes: Uint8Array, options: InterpreterOptions, inputs: readonly TensorData[]): Promise<Ran> {
    const interpreter = await engine!.createInterpreter(bytes, options);
    try {
      const outputs = await interpreter.run(inputs);
      return { backend: interpreter.backend, threads: engine!.threads, outputs, printed };
    } finally {
      interpreter.dispose();
    }
  },
};
export type LitertTestApi = typeof api;

registerErrors();
expose(api);
