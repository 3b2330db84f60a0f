/** The range that keeps most of the information of a distribution (TensorRT's entropy calibration, for ranges with two ends). */
import type { ValueHistogram, ValueRange } from './types';

const LEVELS = 256;
/** Each end shrinks in this many steps, down to an eighth of the full range. */
const STEPS = 48;
const SMALLEST_SHARE = 1 / 8;

/**
 * The range with the least Kullback-Leibler divergence between the distribution clipped to it and the same in 256
 * levels, first over its upper end, then over its lower one. (S. Migacz, "8-bit inference with TensorRT", GTC 2017; there
 * for symmetric ranges.)
 */
export function klRange(measured: ValueHistogram, full: ValueRange): ValueRange {
  const histogram = withoutZeros(measured);
  const upper = closest(histogram, (share) => ({ min: full.min, max: full.max * share }));
  return closest(histogram, (share) => ({ min: full.min * share, max: upper.max }));
}

function closest(histogram: ValueHistogram, rangeAt: (share: number) => ValueRange): ValueRange {
  let best = rangeAt(1);
  let lowest = Infinity;
  for (let step = 0; step <= STEPS; step++) {
    const range = rangeAt(1 - ((1 - SMALLEST_SHARE) * step) / STEPS);
    const divergence = divergenceOf(histogram, range);
    if (divergence < lowest) {
      lowest = divergence;
      best = range;
    }
  }
  return best;
}

/**
 * Zeros are exact in every range, and after RELU they are half of all values: counted, they would only speak for finer
 * levels around them. Their bin is given what its neighbours hold.
 */
function withoutZeros({ counts, first, width }: ValueHistogram): ValueHistogram {
  const zero = -first;
  if (zero < 0 || zero >= counts.length) return { counts, first, width };
  const smoothed = counts.slice();
  smoothed[zero] = Math.min(counts[zero]!, Math.max(counts[zero - 1] ?? 0, counts[zero + 1] ?? 0));
  return { counts: smoothed, first, width };
}

function divergenceOf({ counts, first, width }: ValueHistogram, { min, max }: ValueRange): number {
  const from = Math.max(0, Math.floor(min / width) - first);
  const to = Math.min(counts.length, Math.ceil(max / width) - first);
  const bins = to - from;
  if (bins < 2) return Infinity;
  const clipped = counts.slice(from, to);
  for (let bin = 0; bin < from; bin++) clipped[0] = clipped[0]! + counts[bin]!;
  for (let bin = to; bin < counts.length; bin++) clipped[bins - 1] = clipped[bins - 1]! + counts[bin]!;
  const perLevel = bins / LEVELS;
  let divergence = 0;
  let total = 0;
  for (let i = 0; i < bins; i++) total += clipped[i]!;
  if (total === 0) return Infinity;
  let kept = 0;
  for (let bin = from; bin < to; bin++) kept += counts[bin]!;
  for (let level = 0; level < LEVELS; level++) {
    const start = Math.floor(level * perLevel);
    const end = Math.max(start + 1, Math.floor((level + 1) * perLevel));
    if (start >= bins || (perLevel < 1 && level > 0 && start === Math.floor((level - 1) * perLevel)))
      continue;
    // The coarse distribution knows nothing of what was cut off.
    let mass = 0;
    let used = 0;
    for (let i = start; i < end && i < bins; i++) {
      mass += counts[from + i]!;
      if (clipped[i]! > 0) used++;
    }
    if (used === 0) continue;
    const q = Math.max(mass / used / Math.max(1, kept), 1e-12);
    for (let i = start; i < end && i < bins; i++) {
      const p = clipped[i]! / total;
      if (p > 0) divergence += p * Math.log(p / q);
    }
  }
  return divergence;
}
