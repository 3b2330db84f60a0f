/** Ranges that cut off a few large weights so that all others are rounded more finely. */
import { rowsOf } from './rows';
import { fullRanges, largestInteger, lowestInteger, NARROWEST_RANGE, type WeightBits } from './scales';

/** `mse`: a search for the least squared error. `octav`: a fixed point that approximates it. */
export type ClipRule = 'mse' | 'octav';

/** Beyond OCTAV's range, the search goes down in these steps to about a hundredth of the full range, then around the best in finer ones. */
const COARSE_STEP = 0.92;
const COARSE_STEPS = 55;
const FINE_STEPS = 8;
const OCTAV_PASSES = 20;

/**
 * Ranges of the channels along `axis` (null: one channel of all values) under the rule. A channel keeps its full range
 * (`fullRanges`) where the rule's is not better, so the squared error of the weights never grows. Values must be finite.
 */
export function clippedRanges(
  values: Float32Array,
  shape: readonly number[],
  axis: number | null,
  bits: WeightBits,
  rule: ClipRule,
): Float32Array {
  const ranges = fullRanges(values, shape, axis, bits);
  const rows = axis === null ? values : rowsOf(values, shape, axis);
  const length = rows.length / Math.max(1, ranges.length);
  for (let channel = 0; channel < ranges.length; channel++) {
    const full = ranges[channel]!;
    if (full <= NARROWEST_RANGE) continue;
    const row = rows.subarray(channel * length, (channel + 1) * length);
    ranges[channel] = rule === 'mse' ? searchedRange(row, full, bits) : octavRange(row, full, bits);
  }
  return ranges;
}

/**
 * Sum of (w - scale * q)^2 over the values when rounded with that range as `quantizeToRanges` does; stops early, with a
 * part of the sum, once it is above `limit`.
 */
export function roundingError(
  values: Float32Array,
  range: number,
  bits: WeightBits,
  limit = Infinity,
): number {
  const lowest = lowestInteger(bits);
  const largest = largestInteger(bits);
  const bounded = Math.max(range, NARROWEST_RANGE);
  const scale = Math.fround(bounded / largest);
  const inverse = Math.fround(largest / bounded);
  const { length } = values;
  let sum = 0;
  for (let at = 0; at < length && sum <= limit;) {
    for (const end = Math.min(length, at + 64); at < end; at++) {
      const value = values[at]!;
      const scaled = Math.fround(value * inverse);
      const kept = scaled > largest ? largest : scaled < lowest ? lowest : scaled;
      const error = value - scale * ((kept + (kept < 0 ? -0.5 : 0.5)) | 0);
      sum += error * error;
    }
  }
  return sum;
}

function searchedRange(values: Float32Array, full: number, bits: WeightBits): number {
  let best = octavRange(values, full, bits);
  let least = roundingError(values, best, bits);
  for (let step = 1, range = full; step <= COARSE_STEPS; step++) {
    range = Math.fround(range * COARSE_STEP);
    const error = roundingError(values, range, bits, least);
    if (error < least) {
      least = error;
      best = range;
    }
  }
  const middle = best;
  for (let step = 1 - FINE_STEPS; step < FINE_STEPS; step++) {
    const range = Math.fround(middle * COARSE_STEP ** (step / FINE_STEPS));
    if (range > full) continue;
    const error = roundingError(values, range, bits, least);
    if (error < least) {
      least = error;
      best = range;
    }
  }
  return best;
}

/**
 * OCTAV (Sakr et al., arXiv 2206.06501): c <- E[|w| 1(|w| > c)] / (4^-bits / 3 * P(|w| <= c) + P(|w| > c)), from c = E|w|. It
 * minimizes c^2 4^-bits / 3 for what is kept plus (|w| - c)^2 for what is cut off.
 */
function octavRange(values: Float32Array, full: number, bits: WeightBits): number {
  const noise = 4 ** -bits / 3;
  let clip = 0;
  for (let pass = 0; pass < OCTAV_PASSES; pass++) {
    let sum = 0;
    let cut = 0;
    for (const value of values) {
      const size = value < 0 ? -value : value;
      if (size > clip) {
        sum += size;
        cut++;
      }
    }
    const next = Math.fround(sum / (noise * (values.length - cut) + cut));
    if (cut === 0 || Math.abs(next - clip) <= 1e-4 * clip) break;
    clip = next;
  }
  if (clip >= full) return full;
  return roundingError(values, clip, bits) < roundingError(values, full, bits) ? clip : full;
}
