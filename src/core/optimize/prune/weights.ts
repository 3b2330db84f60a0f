/** Stored weights as magnitudes, with zeros set, and back to bytes. */
import { plainValues } from '../../model/dequantize';
import { packInt4 } from '../../model/numeric';
import { shapeOf } from '../../model/tensors';
import type { Tensor, TensorType } from '../../model/types';
import type { TensorValues } from '../../tensor-data';
import { bytesOf } from '../weight-values';

/** Arrays that weights of the prunable types come in. */
export type WeightValues = Extract<TensorValues, Float32Array | Uint16Array | Int8Array | Uint8Array>;

/** Types whose weights can be pruned. */
export const prunableTypes: ReadonlySet<TensorType> = new Set<TensorType>([
  'FLOAT32',
  'FLOAT16',
  'INT8',
  'UINT8',
  'INT4',
]);

/** |real value| of each weight; quantized weights through scale and zero point, per tensor or per channel. */
export function magnitudesOf(tensor: Tensor, values: WeightValues): Float32Array {
  const plain = plainValues(tensor.type, values);
  const { scale, zeroPoint, quantizedDimension } = tensor.quantization ?? {};
  const magnitudes = new Float32Array(plain.length);
  if (tensor.type.startsWith('FLOAT') || !scale || scale.length === 0) {
    for (let i = 0; i < plain.length; i++) magnitudes[i] = Math.abs(plain[i]!);
    return magnitudes;
  }
  const shape = shapeOf(tensor);
  const channels = scale.length;
  const inner = shape.slice((quantizedDimension ?? 0) + 1).reduce((product, size) => product * size, 1);
  for (let i = 0; i < plain.length; i++) {
    const channel = channels === 1 ? 0 : Math.floor(i / inner) % channels;
    magnitudes[i] = Math.abs(plain[i]! - Number(zeroPoint?.[channel] ?? 0n)) * scale[channel]!;
  }
  return magnitudes;
}

/** A copy in which each marked value stands for real 0: the zero point of quantized weights, else 0. */
export function withZeros(tensor: Tensor, values: WeightValues, marks: Uint8Array): WeightValues {
  const result = values.slice();
  const { zeroPoint, scale, quantizedDimension } = tensor.quantization ?? {};
  const zeros = tensor.type.startsWith('FLOAT') ? [0] : Array.from(zeroPoint ?? [0n], Number);
  const inner = shapeOf(tensor)
    .slice((quantizedDimension ?? 0) + 1)
    .reduce((product, size) => product * size, 1);
  const channels = Math.max(1, scale?.length ?? 1);
  for (let i = 0; i < result.length; i++) {
    if (marks[i] === 1) result[i] = zeros[zeros.length === 1 ? 0 : Math.floor(i / inner) % channels] ?? 0;
  }
  return result;
}

/** Dense bytes as the file stores them; INT4 two to a byte. */
export function packValues(dtype: TensorType, values: WeightValues): Uint8Array {
  return dtype === 'INT4' ? packInt4(values) : bytesOf(values);
}
