/** Values of constant weights as passes need them. */
import { float16ToFloat32 } from '../model/numeric';
import { tensorAt, tensorValues } from '../model/tensors';
import type { Model } from '../model/types';

/** Values of a FLOAT32 or FLOAT16 constant as float32 (dense FLOAT32 without copying where it is aligned). */
export function floatValues(model: Model, subgraph: number, tensor: number): Float32Array {
  const values = tensorValues(model, subgraph, tensor);
  if (values instanceof Float32Array) return values;
  const { type } = tensorAt(model, subgraph, tensor);
  if (type === 'FLOAT16' && values instanceof Uint16Array) return float16ToFloat32(values);
  throw new Error(`Internal error: ${type} weights taken for floats`);
}

/** Whether every value is a number: neither infinite nor NaN. */
export function isAllFinite(values: Float32Array): boolean {
  return values.every((value) => Number.isFinite(value));
}

/** The bytes of typed values, without copying. */
export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
