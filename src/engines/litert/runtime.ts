/** One loaded instance of LiteRT's WebAssembly: its memory, its environment, and what it printed. */
import type { LiteRt } from '@litertjs/core';
import type { Accelerator } from '../interpreter';
import { runtimeError } from './errors';
import { type OperatorSplit, RuntimeLog } from './log';

/** The bindings of the WebAssembly module. The package's own classes on top of them refuse most element types. */
export type LitertModule = LiteRt['liteRtWasm'];
export type LitertEnvironment = ReturnType<LitertModule['LiteRtEnvironment']['create']>;
export type LitertModel = ReturnType<LitertModule['loadModel']>;
export type LitertCompiledModel = Awaited<ReturnType<LitertModule['compileModel']>>;
export type LitertBuffer = ReturnType<LitertModule['LiteRtTensorBuffer']['createManaged']>;
export type LitertTensorType = ReturnType<LitertModel['getInputTensorType']>;

/** The arguments of the loader's factory function that we use (emscripten's `Module`). */
export interface ModuleArguments {
  print(line: string): void;
  printErr(line: string): void;
  locateFile?: (file: string) => string;
  mainScriptUrlOrBlob?: string;
  wasmMemory?: WebAssembly.Memory;
  instantiateWasm?: (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ) => object;
}
export type ModuleFactory = (moduleArguments: ModuleArguments) => Promise<LitertModule>;

export interface LoadedModule {
  readonly module: LitertModule;
  /** The whole memory, valid until the module runs again. */
  heap(): Uint8Array;
  /** Threads that one run may use. */
  readonly threads: number;
  /** GPU that the module may use; null for the CPU alone. */
  readonly device: GPUDevice | null;
  /** Stops the module's thread workers. */
  release(): void;
}

/** How a place (module worker, Node) loads the runtime. Everything else is the same everywhere. */
export interface RuntimeLoader {
  /** Threads of the CPU builds. */
  readonly threads: number;
  /** Whether `load` works for WebGPU. */
  hasGpu(): Promise<boolean>;
  /** A fresh instance. Prints go to `log`. */
  load(accelerator: Accelerator, log: RuntimeLog): Promise<LoadedModule>;
}

/**
 * `fresh` takes new models. `spent` has thrown out of the middle of C++ code: what it holds goes on working, new
 * models get another instance. `dead` has aborted: nothing of it may be called again.
 */
export type RuntimeState = 'fresh' | 'spent' | 'dead';

export class Runtime {
  readonly module: LitertModule;
  readonly environment: LitertEnvironment;
  readonly threads: number;
  readonly device: GPUDevice | null;
  /** Models compiled and not yet deleted. */
  openModels = 0;
  #state: RuntimeState = 'fresh';
  readonly #loaded: LoadedModule;
  readonly #log: RuntimeLog;

  private constructor(loaded: LoadedModule, log: RuntimeLog) {
    this.#loaded = loaded;
    this.#log = log;
    this.module = loaded.module;
    this.threads = loaded.threads;
    this.device = loaded.device;
    this.module.setupLogging();
    this.environment = this.module.LiteRtEnvironment.create(loaded.device);
    loaded.device?.addEventListener('uncapturederror', (event) => {
      log.write(`ERROR: ${event.error.message}`);
    });
    void loaded.device?.lost.then(() => (this.#state = 'dead'));
    log.take();
  }

  /** Loads a fresh instance. Throws `ModelError` `runtime` when it cannot be loaded. */
  static async load(loader: RuntimeLoader, accelerator: Accelerator): Promise<Runtime> {
    const log = new RuntimeLog();
    try {
      return new Runtime(await loader.load(accelerator, log), log);
    } catch (error) {
      throw runtimeError('LiteRT could not be loaded.', log.take(), error);
    }
  }

  get state(): RuntimeState {
    return this.#state;
  }

  get heapBytes(): number {
    return this.heap().byteLength;
  }

  heap(): Uint8Array {
    return this.#loaded.heap();
  }

  /**
   * Calls into the module. Whatever the module prints as an error becomes a `ModelError` that starts with `failure`,
   * also where the call itself returns as if all was well. Calls must not overlap: the engine queues them.
   */
  async call<T>(failure: string, action: () => T | Promise<T>): Promise<T> {
    if (this.#state === 'dead') {
      throw runtimeError(failure, ['ERROR: LiteRT stopped before and has to be loaded again.'], null);
    }
    this.#log.take();
    let result: T;
    try {
      const pending = action();
      result = pending instanceof Promise ? await pending : pending;
    } catch (error) {
      this.#state = error instanceof WebAssembly.RuntimeError ? 'dead' : 'spent';
      throw runtimeError(failure, this.#log.take(), error);
    }
    if (this.#log.hasErrors) {
      if (this.#state === 'fresh') this.#state = 'spent';
      throw runtimeError(failure, this.#log.take(), null);
    }
    return result;
  }

  /** Lets go of things in the module's memory. What a faulty model left behind may crash even that. */
  free(action: () => void): void {
    if (this.#state === 'dead') return;
    try {
      action();
    } catch {
      this.#state = 'dead';
    }
    this.#log.take();
  }

  /** How the model compiled last is shared out; null where one processor takes all of it. */
  takeSplit(): OperatorSplit | null {
    const { split } = this.#log;
    this.#log.split = null;
    return split;
  }

  /** Frees what the module holds outside its memory. */
  dispose(): void {
    this.#state = 'dead';
    this.#loaded.release();
  }
}
