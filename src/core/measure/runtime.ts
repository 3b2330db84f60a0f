/** The little that measuring needs of an interpreter; `Engine` in src/engines has it. */
import type { TensorData, TensorInfo } from '../tensor-data';

export interface RunnableModel {
  readonly engine: string;
  readonly backend: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  run(inputs: readonly TensorData[]): Promise<TensorData[]>;
  dispose(): void;
}

export interface Runtime {
  readonly threads: number;
  createInterpreter(
    bytes: Uint8Array,
    options: { readonly signature: string | null; readonly accelerator: 'wasm' | 'webgpu' },
  ): Promise<RunnableModel>;
}
