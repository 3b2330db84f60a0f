/** The range whose integers are closest to the values: rounding noise inside against what is cut off outside. */
import type { ValueHistogram, ValueRange } from './types';

/** Ends are tried at these shares of the full range. */
const SHARES = Array.from({ length: 60 }, (_, i) => 1 - i / 64);

/**
 * The range with the least expected squared error over a histogram. Values inside cost step² / 12 (uniform rounding
 * noise), values outside the square of their distance to the end. Both ends are searched in turn; 16-bit ranges are symmetric.
 * Never worse, by this measure, than the full range.
 */
export function leastErrorRange(histogram: ValueHistogram, full: ValueRange, bits: 8 | 16): ValueRange {
  const tails = tailSums(histogram);
  const cost = (range: ValueRange) => expectedError(tails, range, bits);
  if (bits === 16) {
    const most = Math.max(-full.min, full.max);
    const best = least(
      SHARES.map((share) => ({ min: -most * share, max: most * share })),
      cost,
    );
    return best;
  }
  let best = full;
  for (let round = 0; round < 2; round++) {
    const { min, max } = best;
    best = least([best, ...SHARES.map((share) => ({ min, max: full.max * share }))], cost);
    best = least([best, ...SHARES.map((share) => ({ min: full.min * share, max: best.max }))], cost);
    if (best.min === min && best.max === max) break;
  }
  return best;
}

/** The measure of `leastErrorRange`: expected squared error, summed over the values that a histogram counts. */
export function expectedSquaredError(histogram: ValueHistogram, range: ValueRange, bits: 8 | 16): number {
  return expectedError(tailSums(histogram), range, bits);
}

function least(ranges: readonly ValueRange[], cost: (range: ValueRange) => number): ValueRange {
  let best = ranges[0]!;
  let lowest = cost(best);
  for (const range of ranges.slice(1)) {
    const found = cost(range);
    if (found < lowest) {
      best = range;
      lowest = found;
    }
  }
  return best;
}

/** Counts and first two moments of the values from each bin on, so that any tail costs one look-up. */
interface Tails {
  readonly histogram: ValueHistogram;
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

function tailSums(histogram: ValueHistogram): Tails {
  const { counts, first, width } = histogram;
  const count = new Float64Array(counts.length + 1);
  const sum = new Float64Array(counts.length + 1);
  const squares = new Float64Array(counts.length + 1);
  for (let bin = counts.length - 1; bin >= 0; bin--) {
    const value = (first + bin + 0.5) * width;
    count[bin] = count[bin + 1]! + counts[bin]!;
    sum[bin] = sum[bin + 1]! + counts[bin]! * value;
    squares[bin] = squares[bin + 1]! + counts[bin]! * value * value;
  }
  return { histogram, count, sum, squares };
}

function expectedError(tails: Tails, { min, max }: ValueRange, bits: 8 | 16): number {
  const { histogram, count, sum, squares } = tails;
  const { counts, first, width } = histogram;
  const step = (max - min) / (bits === 8 ? 255 : 65_534);
  const binOf = (value: number) => Math.min(counts.length, Math.max(0, Math.ceil(value / width - first)));
  const high = binOf(max);
  const low = binOf(min);
  const inside = count[low]! - count[high]!;
  const above = squares[high]! - 2 * max * sum[high]! + max * max * count[high]!;
  const below =
    squares[0]! - squares[low]! - 2 * min * (sum[0]! - sum[low]!) + min * min * (count[0]! - count[low]!);
  return (inside * step * step) / 12 + above + below;
}
