/**
 * GPTQ: rounding weights one after the other, each against the error that those before it have left, so that the layer's
 * outputs on the samples stay close (Frantar et al., arXiv 2210.17323; the variant with the Cholesky factor).
 */
import { dotTile, roundUpToTile, TILE } from './dot-tile';
import { choleskyInPlace, withDamping } from './linear-algebra';
import { largestInteger, lowestInteger, type WeightBits } from './scales';

export interface GptqLayer {
  /** Weights, [outputs, depth]. Finite. */
  readonly rows: Float32Array;
  readonly outputs: number;
  readonly depth: number;
  /** Second moments of the layer's inputs, E[x x^T], [depth, depth], symmetric. */
  readonly gram: Float64Array;
  /** Means of the inputs, [depth], when the bias takes up the mean error: only what varies then counts. Else null. */
  readonly mean: Float64Array | null;
  /** Scales, one per row, or [outputs, blocks] with blocks of equal length along a row. */
  readonly scales: Float32Array;
  readonly bits: WeightBits;
}

/** Rows that go through the factor together, while its part stays in the cache. */
const ROWS_AT_ONCE = 16;

/**
 * Integers [outputs, depth] for the given scales, with damping of 1 % of the mean diagonal (more when it takes more), inputs
 * in the order of falling diagonal. Inputs that are always zero leave their weights rounded to the nearest. Null when
 * nothing can be learnt: all inputs are zero or the second moments are not finite.
 *
 * The published form walks along the upper factor U of H^-1 and moves the remaining weights after each one. With H = R R^T
 * (R upper, so U = R^-1) the same integers come from the errors d = w - scale * q made so far:
 * q_k = round((w_k + sum_{i<k} d_i R_ik / R_kk) / scale). That needs one factorization, no inverse, and one dot product per
 * weight. Cost: depth^3 / 6 + outputs * depth^2 / 2 multiplications.
 */
export function gptq({ rows, outputs, depth, gram, mean, scales, bits }: GptqLayer): Int8Array | null {
  const means = mean ?? new Float64Array(depth);
  const diagonal = means.map((value, i) => gram[i * depth + i]! - value * value);
  const order = risingOrder(diagonal);
  const size = roundUpToTile(depth);
  const factor = orderedFactor(gram, means, diagonal, order, size);
  if (factor === null) return null;
  const blocks = scales.length / outputs;
  const blockOf = Int32Array.from(order, (input) => Math.floor((input * blocks) / depth));
  const integers = new Int8Array(outputs * depth);
  const errors = new Float64Array(ROWS_AT_ONCE * size);
  const products = new Float64Array(TILE * TILE);
  const lowest = lowestInteger(bits);
  const largest = largestInteger(bits);
  for (let first = 0; first < outputs; first += ROWS_AT_ONCE) {
    const end = Math.min(outputs, first + ROWS_AT_ONCE);
    // From the last input, which matters most, to the first.
    for (let block = size - TILE; block >= 0; block -= TILE) {
      const after = block + TILE;
      for (let start = first; start < end; start += TILE) {
        const errorsAt = (start - first) * size;
        products.fill(0);
        dotTile(errors, errorsAt + after, size, factor, block * size + after, size, size - after, products);
        const stop = Math.min(end, start + TILE);
        for (let row = start; row < stop; row++) {
          const at = (row - first) * size;
          for (let k = Math.min(after, depth) - 1; k >= block; k--) {
            let feedback = products[(row - start) * TILE + k - block]!;
            for (let i = k + 1; i < after; i++) feedback += errors[at + i]! * factor[k * size + i]!;
            const input = row * depth + order[k]!;
            const weight = rows[input]!;
            const scale = scales[row * blocks + blockOf[k]!]!;
            const exact = (weight + feedback / factor[k * size + k]!) / scale;
            const kept = exact > largest ? largest : exact < lowest ? lowest : exact;
            const q = Math.trunc(kept + (kept < 0 ? -0.5 : 0.5));
            integers[input] = q;
            errors[at + k] = weight - scale * q;
          }
        }
      }
    }
  }
  return integers;
}

/** Inputs by rising diagonal, the earlier of equals last. */
function risingOrder(diagonal: Float64Array): Int32Array {
  return Int32Array.from(diagonal, (_, i) => i).sort((a, b) => diagonal[a]! - diagonal[b]! || b - a);
}

/**
 * The transposed Cholesky factor of the damped second moments around the means in that order, in the upper triangle of
 * [size, size]: beyond the depth it is that of the unit matrix.
 */
function orderedFactor(
  gram: Float64Array,
  means: Float64Array,
  diagonal: Float64Array,
  order: Int32Array,
  size: number,
): Float64Array | null {
  const depth = means.length;
  const factor = new Float64Array(size * size);
  const meanOfDiagonal = diagonal.reduce((sum, value) => sum + value, 0) / depth;
  return withDamping(meanOfDiagonal, (added) => {
    factor.fill(0);
    for (let i = 0; i < depth; i++) {
      const from = order[i]! * depth;
      const own = means[order[i]!]!;
      for (let j = 0; j <= i; j++) {
        const other = order[j]!;
        factor[i * size + j] = gram[from + other]! - own * means[other]!;
      }
      factor[i * size + i] = factor[i * size + i]! + added;
    }
    for (let i = depth; i < size; i++) factor[i * size + i] = 1;
    if (!choleskyInPlace(factor, size)) return null;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < i; j++) factor[j * size + i] = factor[i * size + j]!;
    }
    return factor;
  });
}
