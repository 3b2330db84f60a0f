/** From the statistics of an activation to the range that its integers cover. */
import { klRange } from './kl';
import { leastErrorRange } from './least-error';
import type { RangeRule, RangeStatistics, ValueHistogram, ValueRange } from './types';

/**
 * The range under a rule: within [min, max] of all values, and holding 0. For 16 bits, whose scales are symmetric,
 * -min and max are equal where a rule cuts values off. Percentiles: half of the values cut off at each end
 * (the histogram's bins bound the precision).
 */
export function chooseRange(statistics: RangeStatistics, rule: RangeRule, bits: 8 | 16): ValueRange {
  const { min, max, meanMin, meanMax, histogram } = statistics;
  const full = { min: Math.min(0, min), max: Math.max(0, max) };
  if (statistics.count === 0) return full;
  switch (rule.method) {
    case 'min-max':
      return full;
    case 'average':
      return within(full, { min: meanMin, max: meanMax });
    case 'percentile':
      return within(full, percentileRange(histogram, rule.percentile));
    case 'mse':
      return within(full, leastErrorRange(histogram, full, bits));
    case 'kl':
      // The measure is made for 8 bits; with 16 nothing is gained by cutting.
      return bits === 8 ? within(full, klRange(histogram, full)) : full;
  }
}

function within(full: ValueRange, { min, max }: ValueRange): ValueRange {
  return { min: Math.max(full.min, Math.min(0, min)), max: Math.min(full.max, Math.max(0, max)) };
}

/** The bins that hold `percentile` percent of the values around the middle. */
function percentileRange({ counts, first, width }: ValueHistogram, percentile: number): ValueRange {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const outside = (total * (1 - percentile / 100)) / 2;
  let low = 0;
  for (let below = counts[0] ?? 0; low < counts.length - 1 && below <= outside; below += counts[++low]!);
  let high = counts.length - 1;
  for (let above = counts[high] ?? 0; high > 0 && above <= outside; above += counts[--high]!);
  return { min: (first + low) * width, max: (first + high + 1) * width };
}
