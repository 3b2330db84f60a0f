import type { TensorValues } from '../../core/tensor-data';
import type { LitertBuffer } from './runtime';

/** Where one input lives in the runtime: in its memory, or on the GPU. */
export interface InputSlot {
  write(values: TensorValues): void;
  readonly buffer: LitertBuffer;
  delete(): void;
}

/** The bytes under a typed array, not copied. */
export function bytesOf(values: TensorValues): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
