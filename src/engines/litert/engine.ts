/** LiteRT as an `Engine`: keeps one runtime per accelerator, replaces it after a failure, queues every call. */
import type { Accelerator, Engine, Interpreter, InterpreterOptions } from '../interpreter';
import { LitertInterpreter } from './interpreter';
import { planModel } from './plan';
import { Runtime, type RuntimeLoader } from './runtime';

/** WebAssembly memory never shrinks: an idle runtime above this is dropped, the next model gets a new one. */
const IDLE_HEAP_BYTES = 256 * 1024 * 1024;

export class LitertEngine implements Engine {
  readonly name = 'litert';
  readonly threads: number;
  readonly #loader: RuntimeLoader;
  readonly #current = new Map<Accelerator, Runtime>();
  readonly #live = new Set<Runtime>();
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  private constructor(loader: RuntimeLoader) {
    this.#loader = loader;
    this.threads = loader.threads;
  }

  /** Loads the CPU runtime. Throws `ModelError` `runtime` when its files cannot be loaded. */
  static async open(loader: RuntimeLoader): Promise<LitertEngine> {
    const engine = new LitertEngine(loader);
    await engine.runtime('wasm');
    return engine;
  }

  createInterpreter(bytes: Uint8Array, options: InterpreterOptions): Promise<Interpreter> {
    return this.enqueue(async () =>
      LitertInterpreter.create(this, planModel(bytes, options.signature), options),
    );
  }

  /** Runs jobs one after the other: the runtime's log belongs to one call at a time. */
  enqueue<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(job);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Whether the GPU can be used at all. */
  hasGpu(): Promise<boolean> {
    return this.#loader.hasGpu();
  }

  /** The runtime that takes new models; a fresh one when the last has failed. */
  async runtime(accelerator: Accelerator): Promise<Runtime> {
    if (this.#disposed) throw new Error('The engine was disposed of.');
    const current = this.#current.get(accelerator);
    if (current?.state === 'fresh') return current;
    if (current) this.#drop(current);
    const runtime = await Runtime.load(this.#loader, accelerator);
    this.#current.set(accelerator, runtime);
    this.#live.add(runtime);
    return runtime;
  }

  /** To be called after a model was deleted or lost: drops runtimes that nothing needs. */
  settle(runtime: Runtime): void {
    const idle = runtime.openModels === 0;
    if (
      runtime.state === 'dead' ||
      (idle && (runtime.state === 'spent' || runtime.heapBytes > IDLE_HEAP_BYTES))
    ) {
      this.#drop(runtime);
    }
  }

  #drop(runtime: Runtime): void {
    for (const [accelerator, current] of this.#current) {
      if (current === runtime) this.#current.delete(accelerator);
    }
    if (runtime.openModels > 0 && runtime.state !== 'dead') return;
    this.#live.delete(runtime);
    runtime.dispose();
  }

  /** Bytes of WebAssembly memory held. */
  get heapBytes(): number {
    let bytes = 0;
    for (const runtime of this.#live) bytes += runtime.heapBytes;
    return bytes;
  }

  dispose(): void {
    this.#disposed = true;
    for (const runtime of this.#live) runtime.dispose();
    this.#live.clear();
    this.#current.clear();
  }
}
