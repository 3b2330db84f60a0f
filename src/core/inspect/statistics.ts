/** What the values of a constant look like. */
import { realValues } from '../model/dequantize';
import type { Model } from '../model/types';
import { requireNumbers } from './values';
import type { TensorStatistics } from './types';

const BINS = 64;
/** Values farther from the mean than this many standard deviations count as outliers. */
const OUTLIER_DEVIATIONS = 4;

/**
 * Statistics over the real (dequantized) values of a constant. NaN and infinities are counted in `nonFinite` and left
 * out of everything else; without any finite value the figures are 0. The standard deviation is that of the values
 * themselves (divided by n). The histogram has 64 equal bins from the smallest to the largest value, the last one
 * closed; when all values are equal they are in the first.
 * @throws ModelError `unsupported` when the tensor has no numbers in the file
 */
export function tensorStatistics(model: Model, subgraph: number, index: number): TensorStatistics {
  requireNumbers(model, subgraph, index);
  return statisticsOf(realValues(model, subgraph, index));
}

/** The same over any numbers. */
export function statisticsOf(values: ArrayLike<number>): TensorStatistics {
  const { length } = values;
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let zeros = 0;
  let finite = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    finite++;
    sum += value;
    if (value === 0) zeros++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const counts = new Uint32Array(BINS);
  const base = { count: length, zeros, nonFinite: length - finite };
  if (finite === 0) {
    return {
      ...base,
      min: 0,
      max: 0,
      mean: 0,
      standardDeviation: 0,
      outlierShare: 0,
      histogram: { min: 0, max: 0, counts },
    };
  }
  const mean = sum / finite;
  const width = max - min;
  let squares = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    squares += (value - mean) ** 2;
    const bin = width > 0 ? Math.min(BINS - 1, Math.floor(((value - min) / width) * BINS)) : 0;
    counts[bin]! += 1;
  }
  const standardDeviation = Math.sqrt(squares / finite);
  const limit = OUTLIER_DEVIATIONS * standardDeviation;
  let outliers = 0;
  for (let i = 0; i < length; i++)
    if (Math.abs(values[i]! - mean) > limit && Number.isFinite(values[i]!)) outliers++;
  return {
    ...base,
    min,
    max,
    mean,
    standardDeviation,
    outlierShare: outliers / finite,
    histogram: { min, max, counts },
  };
}
