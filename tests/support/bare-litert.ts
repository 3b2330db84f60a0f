/** LiteRT called as directly as it goes, on a file as it is: what the interpreter is compared with. */
import type {
  LitertBuffer,
  LitertCompiledModel,
  LitertModel,
  Runtime,
} from '../../src/engines/litert/runtime';

export class BareModel {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #runtime: Runtime;
  readonly #pointer: number;
  readonly #model: LitertModel;
  readonly #compiled: LitertCompiledModel;
  readonly #signature: number;
  readonly #inputs: readonly LitertBuffer[];

  private constructor(
    runtime: Runtime,
    pointer: number,
    model: LitertModel,
    compiled: LitertCompiledModel,
    signature: number,
  ) {
    this.#runtime = runtime;
    this.#pointer = pointer;
    this.#model = model;
    this.#compiled = compiled;
    this.#signature = signature;
    const names = model.getSignature(signature);
    this.inputNames = texts(names.inputNames());
    this.outputNames = texts(names.outputNames());
    names.delete();
    const { LiteRtTensorBuffer, LiteRtTensorBufferType } = runtime.module;
    this.#inputs = this.inputNames.map((_, i) => {
      const type = model.getInputTensorType(signature, i);
      const host = LiteRtTensorBufferType.HOST_MEMORY;
      const buffer = LiteRtTensorBuffer.createManaged(runtime.environment, host, type, type.bytes());
      type.delete();
      return buffer;
    });
  }

  /** Compiles a file for the CPU. Throws `ModelError` when the runtime fails or prints an error. */
  static load(runtime: Runtime, bytes: Uint8Array, signature = 0): Promise<BareModel> {
    return runtime.call('The bare runtime cannot load this model.', async () => {
      const { module, environment } = runtime;
      const pointer = module._malloc(bytes.byteLength);
      runtime.heap().set(bytes, pointer);
      const model = module.loadModel(environment, pointer, bytes.byteLength);
      const compiled = await module.compileModel(environment, model, { accelerator: 'wasm' });
      return new BareModel(runtime, pointer, model, compiled, signature);
    });
  }

  /** Runs once, as `run`, and throws `ModelError` when the runtime prints an error. */
  runChecked(inputs: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return this.#runtime.call('The bare runtime cannot run this model.', () => this.run(inputs));
  }

  /** Copies in, runs, copies out; inputs and outputs in the runtime's order. */
  run(inputs: readonly Uint8Array[]): Uint8Array[] {
    const { READ, WRITE } = this.#runtime.module.LiteRtTensorBufferLockMode;
    inputs.forEach((bytes, i) => {
      const buffer = this.#inputs[i]!;
      this.#runtime.heap().set(bytes, buffer.lock(WRITE));
      buffer.unlock();
    });
    const outputs = this.#compiled.run(this.#signature, [...this.#inputs]);
    if (outputs instanceof Promise) throw new Error('The CPU builds answer at once.');
    return outputs.map((buffer) => {
      const pointer = buffer.lock(READ);
      const bytes = this.#runtime.heap().slice(pointer, pointer + buffer.packedSize());
      buffer.unlock();
      buffer.delete();
      return bytes;
    });
  }

  delete(): void {
    this.#runtime.free(() => {
      for (const buffer of this.#inputs) buffer.delete();
      this.#compiled.delete();
      this.#model.delete();
      this.#runtime.module._free(this.#pointer);
    });
  }
}

function texts(list: { size(): number; get(index: number): string; delete(): void }): string[] {
  const items = Array.from({ length: list.size() }, (_, i) => list.get(i));
  list.delete();
  return items;
}
