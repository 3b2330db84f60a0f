/** What rounded weights do to a layer's outputs, from the moments of its inputs. */
import { dotTile, TILE } from './dot-tile';

/**
 * Expected squared error of each output: d C d^T for each row d of `deltas` [outputs, depth] (what was added to the
 * weights), with the second moments C = E[x x^T] [depth, depth] of the layer's inputs. Costs outputs * depth^2 / 2.
 */
export function layerError(deltas: Float32Array, depth: number, gram: Float64Array): Float64Array {
  const outputs = deltas.length / depth;
  const errors = new Float64Array(outputs);
  const products = new Float64Array(TILE * TILE);
  const rows = new Float64Array(TILE * depth);
  const tiled = depth - (depth % TILE);
  for (let first = 0; first < outputs; first += TILE) {
    const count = Math.min(TILE, outputs - first);
    rows.fill(0);
    rows.set(deltas.subarray(first * depth, (first + count) * depth));
    // Half of the symmetric matrix: every column against the inputs before it, twice, and against itself once.
    for (let block = 0; block < tiled; block += TILE) {
      products.fill(0);
      dotTile(rows, 0, depth, gram, block * depth, depth, block, products);
      for (let row = 0; row < count; row++) {
        let sum = 0;
        for (let j = 0; j < TILE; j++) {
          const before = products[row * TILE + j]!;
          sum += columnError(rows, row * depth, gram, depth, block + j, block, before);
        }
        errors[first + row] = errors[first + row]! + sum;
      }
    }
    for (let j = tiled; j < depth; j++) {
      for (let row = 0; row < count; row++) {
        errors[first + row] = errors[first + row]! + columnError(rows, row * depth, gram, depth, j, 0, 0);
      }
    }
  }
  // Rounding may leave a tiny negative where inputs depend on each other.
  for (let row = 0; row < outputs; row++) errors[row] = Math.max(0, errors[row]!);
  return errors;
}

/** d_j (C_jj d_j + 2 sum_{i<j} C_ji d_i), of whose sum `before` holds what comes before `from`. */
function columnError(
  rows: Float64Array,
  at: number,
  gram: Float64Array,
  depth: number,
  j: number,
  from: number,
  before: number,
): number {
  let sum = before;
  for (let i = from; i < j; i++) sum += gram[j * depth + i]! * rows[at + i]!;
  const delta = rows[at + j]!;
  return delta * (gram[j * depth + j]! * delta + 2 * sum);
}

/**
 * Mean change of each output: d . E[x] for each row of `deltas` [outputs, depth]. Taken from the bias, it leaves the outputs'
 * means as they were.
 */
export function meanShift(deltas: Float32Array, depth: number, mean: Float64Array): Float64Array {
  const shifts = new Float64Array(deltas.length / depth);
  for (let row = 0; row < shifts.length; row++) {
    let sum = 0;
    for (let i = 0, at = row * depth; i < depth; i++, at++) sum += deltas[at]! * mean[i]!;
    shifts[row] = sum;
  }
  return shifts;
}
