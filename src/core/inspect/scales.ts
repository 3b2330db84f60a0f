/** Scales and zero points of a constant as a table. */
import { scaleGrid } from '../model/dequantize';
import { hasScaleTensor, shapeOf, tensorAt } from '../model/tensors';
import type { Model } from '../model/types';
import type { ScaleTable } from './types';

/** Rows that are given; a large blockwise tensor has hundreds of thousands. */
const MOST_ROWS = 20_000;

/**
 * Scales and zero points, one for the tensor, for each channel or for each block, row-major over the grid of blocks.
 * Null when the tensor is not quantized. At most 20,000 rows: `count` says how many there are.
 * @throws ModelError when scales lie in a tensor without values or do not fit the shape
 */
export function scaleTable(model: Model, subgraph: number, index: number): ScaleTable | null {
  const tensor = tensorAt(model, subgraph, index);
  const grid = scaleGrid(model, subgraph, index);
  if (!grid) return null;
  const { counts, scale, zeroPoint } = grid;
  const shape = shapeOf(tensor);
  const count = scale.length;
  const rows = Math.min(count, MOST_ROWS);
  const details = tensor.quantization?.details ?? null;
  return {
    counts,
    block: shape.map((size, axis) => Math.floor(size / counts[axis]!)),
    count,
    scale: Float64Array.from({ length: rows }, (_, i) => scale[i]!),
    zeroPoint: Float64Array.from({ length: rows }, (_, i) => zeroPoint?.[i] ?? 0),
    scaleTensor: details && hasScaleTensor(tensor) && 'scales' in details.value ? details.value.scales : null,
  };
}
