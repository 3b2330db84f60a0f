import type { ScaleLinear } from 'd3';
import type { Tone } from './chart';

/** Counts in equal bins between two values. */
export interface HistogramSeries {
  readonly label: string;
  readonly tone: Tone;
  readonly min: number;
  readonly max: number;
  readonly counts: ArrayLike<number>;
}

export interface HistogramBar {
  readonly x: number;
  readonly width: number;
  readonly count: number;
  /** Share of the series' values per unit of the axis, so that series with other bins can be compared. */
  readonly share: number;
}

/** Bars of series `index` of `seriesCount`; the series stand side by side inside their bins. */
export function binBars(
  series: HistogramSeries,
  x: ScaleLinear<number, number>,
  index: number,
  seriesCount: number,
): HistogramBar[] {
  const counts = Array.from(series.counts);
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  if (series.min === series.max) {
    return [{ x: x(series.min) - 3 + index * 6, width: 6, count: total, share: 1 }];
  }
  const step = (series.max - series.min) / counts.length;
  const pixels = x(series.min + step) - x(series.min);
  const gap = pixels > 3 ? 1 : 0;
  const width = (pixels - gap) / seriesCount;
  return counts.map((count, i) => ({
    x: x(series.min + i * step) + index * width,
    width: Math.max(0.5, width),
    count,
    share: count / total / step,
  }));
}
