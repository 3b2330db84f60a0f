/** Values of a constant a piece at a time: nothing but the piece is decoded. */
import { ModelError } from '../errors';
import { plainValues, scaleGrid, type RealValues, type ScaleGrid } from '../model/dequantize';
import { shapeOf, tensorAt, tensorPlace, tensorValues } from '../model/tensors';
import type { Model, TensorType } from '../model/types';
import type { TensorValues } from '../tensor-data';

/** Values that are read at a time in steps. */
export const VALUES_AT_ONCE = 131_072;

export interface ValueReader {
  readonly count: number;
  readonly shape: readonly number[];
  /** Whether stored numbers and real values differ by scales. */
  readonly isQuantized: boolean;
  /** Real values `offset` to `offset + count` (cut at the end), row-major; may be a view on the file. */
  real(offset: number, count: number): RealValues;
  /** The same as stored, 16- and 8-bit floats decoded. */
  stored(offset: number, count: number): RealValues;
  /** The same in the array type of `TensorValues`: 16- and 8-bit floats as bits, 64-bit integers in full. */
  exact(offset: number, count: number): TensorValues;
  /** Real values at `start`, `start + stride`, … */
  strided(start: number, stride: number, count: number): RealValues;
}

/** The tensor of each model whose values were unpacked last: pages and pictures ask for the same one again and again. */
const unpacked = new WeakMap<Model, { readonly key: string; readonly values: TensorValues }>();

/** As `tensorValues`, but what had to be unpacked (sparse storage, values of less than a byte) is kept for the next call. */
function keptValues(model: Model, subgraph: number, index: number): TensorValues {
  const key = `${subgraph}/${index}`;
  const kept = unpacked.get(model);
  if (kept?.key === key) return kept.values;
  const values = tensorValues(model, subgraph, index);
  const file = model.buffers[tensorAt(model, subgraph, index).buffer]?.data?.buffer;
  if (values.buffer !== file) unpacked.set(model, { key, values });
  return values;
}

/** Throws `ModelError` (`unsupported`) for types whose values are no single numbers: strings, complex numbers. */
export function requireNumbers(model: Model, subgraph: number, index: number): void {
  const { type } = tensorAt(model, subgraph, index);
  if (type === 'STRING' || type.startsWith('COMPLEX')) {
    throw new ModelError(
      'unsupported',
      `Tensor ${index} holds ${type === 'STRING' ? 'texts' : 'complex numbers'}, which have no histogram or list of numbers; export its raw bytes instead.`,
      { where: tensorPlace(subgraph, index) },
    );
  }
}

/**
 * A reader over a constant of any number type and storage: int4, sparse, quantized per channel or blockwise.
 * @throws ModelError `unsupported` when the tensor has no numbers in the file, `broken-model` when they do not fit it
 */
export function valueReader(model: Model, subgraph: number, index: number): ValueReader {
  requireNumbers(model, subgraph, index);
  const tensor = tensorAt(model, subgraph, index);
  return readerOver(
    tensor.type,
    keptValues(model, subgraph, index),
    shapeOf(tensor),
    scaleGrid(model, subgraph, index),
  );
}

/** A reader over stored values; `grid` null leaves them as they are. */
export function readerOver(
  dtype: TensorType,
  values: TensorValues,
  shape: readonly number[],
  grid: ScaleGrid | null,
): ValueReader {
  const cellAt = grid && cellFinder(shape, grid);
  const isSingle = grid !== null && grid.counts.every((count) => count === 1);

  /** As `realValues` does it, for these values alone. */
  const scale = (plain: RealValues, start: number, stride: number): RealValues => {
    if (!grid || !cellAt) return plain;
    const result = plain instanceof Float64Array ? new Float64Array(plain) : new Float32Array(plain);
    if (isSingle) {
      const factor = grid.scale[0]!;
      const zero = grid.zeroPoint?.[0] ?? 0;
      for (let i = 0; i < result.length; i++) result[i] = factor * (result[i]! - zero);
      return result;
    }
    let left = 0;
    let factor = 0;
    let zero = 0;
    for (let i = 0, at = start; i < result.length; i++, at += stride) {
      if (left <= 0) {
        const { cell, run } = cellAt(at);
        left = run;
        factor = grid.scale[cell]!;
        zero = grid.zeroPoint?.[cell] ?? 0;
      }
      left -= stride;
      result[i] = factor * (result[i]! - zero);
    }
    return result;
  };
  const exact = (offset: number, count: number) => {
    const start = Math.max(0, offset);
    return values.subarray(start, start + count);
  };
  const stored = (offset: number, count: number) => plainValues(dtype, exact(offset, count));
  return {
    count: values.length,
    shape,
    isQuantized: grid !== null,
    stored,
    exact,
    real: (offset, count) => scale(stored(offset, count), Math.max(0, offset), 1),
    strided(start, stride, count) {
      const picked = values.slice(
        0,
        Math.max(0, Math.min(count, Math.ceil((values.length - start) / stride))),
      );
      for (let i = 0; i < picked.length; i++) picked[i] = values[start + i * stride]!;
      return scale(plainValues(dtype, picked), start, stride);
    },
  };
}

/** The cell of the grid that a place lies in, and for how many values from there on it stays the same. */
function cellFinder(
  shape: readonly number[],
  grid: ScaleGrid,
): (at: number) => { readonly cell: number; readonly run: number } {
  const rank = shape.length;
  let last = rank - 1;
  while (last >= 0 && grid.counts[last] === 1) last--;
  let inner = 1;
  for (let axis = last + 1; axis < rank; axis++) inner *= shape[axis]!;
  const steps = shape.map((size, axis) => Math.max(1, Math.floor(size / grid.counts[axis]!)));
  return (at) => {
    let cell = 0;
    let weight = 1;
    let rest = Math.floor(at / Math.max(1, inner));
    for (let axis = last; axis >= 0; axis--) {
      const size = Math.max(1, shape[axis]!);
      const parts = grid.counts[axis]!;
      cell += weight * Math.min(parts - 1, Math.floor((rest % size) / steps[axis]!));
      weight *= parts;
      rest = Math.floor(rest / size);
    }
    const size = last >= 0 ? shape[last]! : 1;
    const place = Math.floor(at / Math.max(1, inner)) % Math.max(1, size);
    const step = last >= 0 ? steps[last]! : 1;
    const run = Math.min(step - (place % step), size - place) * inner - (at % Math.max(1, inner));
    return { cell, run };
  };
}
