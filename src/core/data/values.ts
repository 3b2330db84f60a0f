/** Stored values as numbers. */
import { bfloat16ToFloat32, float16ToFloat32 } from '../model/numeric';
import type { TensorData, TensorInfo, TensorValues } from '../tensor-data';

const floats: ReadonlySet<string> = new Set(['FLOAT32', 'FLOAT64', 'FLOAT16', 'BFLOAT16']);

/** True for the floating-point types that can be read as numbers. */
export function isFloat(dtype: TensorData['dtype']): boolean {
  return floats.has(dtype);
}

/** A function that gives value `index` as a number (64-bit integers lose precision above 2^53). */
export function numberReader(tensor: TensorData): (index: number) => number {
  const values = expandHalves(tensor);
  if (values instanceof BigInt64Array || values instanceof BigUint64Array)
    return (index) => Number(values[index]!);
  return (index) => values[index]!;
}

function expandHalves({ dtype, values }: TensorData): TensorValues {
  if (dtype === 'FLOAT16') return float16ToFloat32(values as Uint16Array);
  return dtype === 'BFLOAT16' ? bfloat16ToFloat32(values as Uint16Array) : values;
}

/** A function that gives value `index` as the real number it stands for: dequantized where `info` has a scale. */
export function realReader(tensor: TensorData, info: TensorInfo | null): (index: number) => number {
  const read = numberReader(tensor);
  const quantization = info?.quantization;
  if (!quantization || isFloat(tensor.dtype) || quantization.scale.length === 0) return read;
  const { scale, zeroPoint, axis } = quantization;
  if (scale.length === 1) {
    const [step, zero] = [scale[0]!, zeroPoint[0] ?? 0];
    return (index) => (read(index) - zero) * step;
  }
  const inner = tensor.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  return (index) => {
    const channel = Math.floor(index / inner) % scale.length;
    return (read(index) - (zeroPoint[channel] ?? zeroPoint[0] ?? 0)) * scale[channel]!;
  };
}

/** Index of the first NaN or infinity, or -1. */
export function findNonFinite(tensor: TensorData): number {
  if (!isFloat(tensor.dtype)) return -1;
  const read = numberReader(tensor);
  for (let i = 0; i < tensor.values.length; i++) if (!Number.isFinite(read(i))) return i;
  return -1;
}

/** Number of elements of a shape; unknown sizes count as 1. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * (size < 0 ? 1 : size), 1);
}
