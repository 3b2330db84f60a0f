/** Element types that go in and out of a model. */
import type { TensorType } from '../../core/model/types';
import type { TensorValues } from '../../core/tensor-data';

interface ValuesConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): TensorValues;
}

/** Element types that can be fed and read. Sub-byte types are packed in memory and stay out. */
export const VALUE_ARRAYS: Partial<Record<TensorType, ValuesConstructor>> = {
  FLOAT32: Float32Array,
  FLOAT64: Float64Array,
  FLOAT16: Uint16Array,
  BFLOAT16: Uint16Array,
  INT8: Int8Array,
  UINT8: Uint8Array,
  BOOL: Uint8Array,
  INT16: Int16Array,
  UINT16: Uint16Array,
  INT32: Int32Array,
  UINT32: Uint32Array,
  INT64: BigInt64Array,
  UINT64: BigUint64Array,
};

/** Whether values of this element type can go in and out of a model. */
export function isFeedable(dtype: TensorType): boolean {
  return VALUE_ARRAYS[dtype] !== undefined;
}
