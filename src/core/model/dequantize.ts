/** Stored values to the real numbers they stand for. */
import { ModelError } from '../errors';
import type { TensorValues } from '../tensor-data';
import { bfloat16ToFloat32, float16ToFloat32, float8E4m3ToFloat32, float8E5m2ToFloat32 } from './numeric';
import { elementCount, scaleInfo, shapeOf, tensorAt, tensorPlace, tensorValues } from './tensors';
import type { Model, Tensor, TensorType } from './types';

export type RealValues = Float32Array | Float64Array;

/**
 * Scales and zero points laid over a tensor as a grid: `counts[axis]` equal steps along each axis, values row-major.
 * Per tensor all counts are 1, per channel one of them is the channel count, blockwise one is the number of blocks.
 */
export interface ScaleGrid {
  readonly counts: readonly number[];
  readonly scale: ArrayLike<number>;
  /** Null: all zero points are 0. */
  readonly zeroPoint: ArrayLike<number> | null;
}

/**
 * Real values of a constant, dense and row-major: scale * (q - zero point) for quantized ones, per tensor, per channel,
 * blockwise or over several axes, and the numbers themselves for others. Float64Array for 32- and 64-bit integers and
 * float64, else Float32Array. May be a view on the file: do not write into it. Throws the errors of `tensorValues`.
 */
export function realValues(model: Model, subgraph: number, index: number): RealValues {
  const tensor = tensorAt(model, subgraph, index);
  const plain = plainValues(tensor.type, tensorValues(model, subgraph, index));
  const grid = scaleGrid(model, subgraph, index);
  return grid === null ? plain : applyGrid(plain, shapeOf(tensor), grid);
}

/** Numbers as stored, without scales: 16- and 8-bit floats decoded, integers as they are (64-bit ones rounded to 2^53). */
export function plainValues(dtype: TensorType, values: TensorValues): RealValues {
  switch (dtype) {
    case 'FLOAT16':
      return float16ToFloat32(values as Uint16Array);
    case 'BFLOAT16':
      return bfloat16ToFloat32(values as Uint16Array);
    case 'FLOAT8_E4M3FN':
      return float8E4m3ToFloat32(values as Uint8Array);
    case 'FLOAT8_E5M2':
      return float8E5m2ToFloat32(values as Uint8Array);
    default:
  }
  if (values instanceof Float32Array || values instanceof Float64Array) return values;
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    return Float64Array.from(values, (value) => Number(value));
  }
  return values.BYTES_PER_ELEMENT === 4 ? new Float64Array(values) : new Float32Array(values);
}

/**
 * Real values of `values`, the stored values of `tensor` (or of as many values as it has at run time), per tensor or
 * per channel. For scales in another tensor use `realValues`.
 */
export function dequantize(values: TensorValues, tensor: Tensor, shape = shapeOf(tensor)): RealValues {
  const plain = plainValues(tensor.type, values);
  const grid = simpleGrid(tensor, shape.length);
  return grid === null ? plain : applyGrid(plain, shape, grid);
}

/** How scales lie over a constant, wherever they are kept; null when it is not quantized. */
export function scaleGrid(model: Model, subgraph: number, index: number): ScaleGrid | null {
  const tensor = tensorAt(model, subgraph, index);
  const details = tensor.quantization?.details ?? null;
  if (details?.type !== 'BlockwiseQuantization' && details?.type !== 'MultiAxisQuantization') {
    return simpleGrid(tensor, shapeOf(tensor).length);
  }
  const { scales, zeroPoints } = details.value;
  const axes = details.type === 'MultiAxisQuantization' ? details.value.quantizedDimensions : null;
  const scaleTensor = tensorAt(model, subgraph, scales);
  const counts = gridCounts(tensor, scaleTensor, axes);
  if (counts === null) {
    throw new ModelError(
      'broken-model',
      `The scales of tensor ${index} have shape [${shapeOf(scaleTensor).join(', ')}], which does not divide its shape [${shapeOf(tensor).join(', ')}].`,
      { where: tensorPlace(subgraph, index) },
    );
  }
  const scale = plainValues(scaleTensor.type, tensorValues(model, subgraph, scales));
  // A negative index means none, and 0 in files whose writers leave the field out; then zero points are 0.
  const zeroPoint = zeroPoints > 0 ? zeroPointsOf(model, subgraph, zeroPoints, scale.length) : null;
  return { counts, scale, zeroPoint };
}

function zeroPointsOf(model: Model, subgraph: number, index: number, count: number): RealValues {
  const values = plainValues(tensorAt(model, subgraph, index).type, tensorValues(model, subgraph, index));
  return values.length === count ? values : new Float64Array(count).fill(values[0] ?? 0);
}

/** Steps along each axis, or null when the scales' shape does not divide the tensor's. */
function gridCounts(tensor: Tensor, scaleTensor: Tensor, axes: Int32Array | null): number[] | null {
  const shape = shapeOf(tensor);
  const scaleShape = shapeOf(scaleTensor);
  let counts: number[];
  if (scaleShape.length === shape.length) counts = scaleShape;
  else if (axes?.length === scaleShape.length) {
    counts = shape.map((_, axis) => scaleShape[axes.indexOf(axis)] ?? 1);
  } else {
    // Blocks along the last axis, one scale after the other.
    const rows = shape.slice(0, -1);
    const perRow = elementCount(scaleTensor) / rows.reduce((product, size) => product * size, 1);
    counts = [...rows, perRow];
  }
  const divides = counts.every((count, axis) => count >= 1 && shape[axis]! % count === 0);
  return divides ? counts : null;
}

function simpleGrid(tensor: Tensor, rank: number): ScaleGrid | null {
  const info = scaleInfo(tensor);
  if (info === null) return null;
  const { scale, zeroPoint, axis } = info;
  const counts = Array.from({ length: rank }, (_, i) => (i === axis && scale.length > 1 ? scale.length : 1));
  return { counts, scale, zeroPoint: zeroPoint.every((value) => value === 0) ? null : zeroPoint };
}

function applyGrid(
  values: RealValues,
  shape: readonly number[],
  { counts, scale, zeroPoint }: ScaleGrid,
): RealValues {
  const result =
    values instanceof Float64Array ? new Float64Array(values.length) : new Float32Array(values.length);
  const steps = shape.map((size, axis) => Math.max(1, Math.floor(size / counts[axis]!)));
  const rank = shape.length;
  // Values in a run share one scale: the axes behind the last one that is cut, and one step of that one.
  let last = rank - 1;
  while (last >= 0 && counts[last] === 1) last--;
  let run = 1;
  for (let axis = last + 1; axis < rank; axis++) run *= shape[axis]!;
  if (last >= 0) run *= steps[last]!;
  const position = new Array<number>(last + 1).fill(0);
  for (let start = 0; start < values.length; start += Math.max(1, run)) {
    let cell = 0;
    for (let axis = 0; axis <= last; axis++) {
      cell = cell * counts[axis]! + Math.min(counts[axis]! - 1, Math.floor(position[axis]! / steps[axis]!));
    }
    const factor = scale[cell]!;
    const zero = zeroPoint?.[cell] ?? 0;
    const end = Math.min(values.length, start + run);
    for (let i = start; i < end; i++) result[i] = factor * (values[i]! - zero);
    for (let axis = last; axis >= 0; axis--) {
      position[axis] = position[axis]! + (axis === last ? steps[axis]! : 1);
      if (position[axis]! < shape[axis]!) break;
      position[axis] = 0;
    }
  }
  return result;
}
