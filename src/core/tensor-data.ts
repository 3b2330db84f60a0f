/** Values of a tensor in memory, as interpreters take and give them. */
import type { TensorType } from './model/types';

/**
 * Row-major values. FLOAT32 -> Float32Array, INT8 -> Int8Array, UINT8 and BOOL -> Uint8Array, INT16 -> Int16Array,
 * UINT16, FLOAT16 and BFLOAT16 -> Uint16Array (raw bits), INT32 -> Int32Array, UINT32 -> Uint32Array,
 * INT64 -> BigInt64Array, UINT64 -> BigUint64Array, FLOAT64 -> Float64Array. Sub-byte types are unpacked to Int8Array
 * (INT4, INT2) or Uint8Array (UINT4).
 */
export type TensorValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface TensorData {
  readonly dtype: TensorType;
  readonly shape: readonly number[];
  readonly values: TensorValues;
}

/** Scale and zero point of a tensor as plain numbers. One entry per tensor, or one per channel along `axis`. */
export interface ScaleInfo {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  /** Channel axis; meaningful when there is more than one scale. */
  readonly axis: number;
}

/** An input or output of a model. */
export interface TensorInfo {
  readonly name: string;
  /** Sizes; -1 is dynamic. */
  readonly shape: readonly number[];
  readonly dtype: TensorType;
  readonly quantization: ScaleInfo | null;
}
