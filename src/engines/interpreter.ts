/** What every way of running a model looks like to the rest of Whittle. */
import type { TensorData, TensorInfo } from '../core/tensor-data';

export type EngineName = 'litert' | 'tfjs';
export type Accelerator = 'wasm' | 'webgpu';

export interface InterpreterOptions {
  /** Signature key; null takes the main subgraph (or the first signature, which is the same where there is one). */
  readonly signature: string | null;
  readonly accelerator: Accelerator;
}

export interface Interpreter {
  readonly engine: EngineName;
  /**
   * What really runs it, for display: `wasm`, `wasm, 2 threads`, `webgpu`,
   * `webgpu for 1 of 4 operators, wasm for the rest`, `wasm (no WebGPU here)`.
   */
  readonly backend: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /**
   * Runs the model once. Dynamic sizes take those given (the model is compiled again when they change). Outputs have the
   * shapes that the runtime found, also where `outputs` has dynamic or unknown ones.
   * @throws ModelError `bad-data` when an input does not fit, `runtime` when the runtime fails or only prints an error.
   */
  run(inputs: readonly TensorData[]): Promise<TensorData[]>;
  dispose(): void;
}

/** A loaded runtime. */
export interface Engine {
  readonly name: EngineName;
  readonly threads: number;
  /**
   * Compiles a model. `bytes` is a whole `.tflite` file.
   * @throws ModelError `runtime` or `unsupported`, naming the operators that cannot run.
   */
  createInterpreter(bytes: Uint8Array, options: InterpreterOptions): Promise<Interpreter>;
  dispose(): void;
}
