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

/** Bars of one series. */
export function binBars(series: HistogramSeries, x: ScaleLinear<number, number>): HistogramBar[] {
  const counts = Array.from(series.counts);
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  if (series.min === series.max) {
    return [{ x: x(series.min) - 3, width: 6, count: total, share: 1 }];
  }
  const step = (series.max - series.min) / counts.length;
  const pixels = x(series.min + step) - x(series.min);
  return counts.map((count, i) => ({
    x: x(series.min + i * step),
    width: Math.max(0.5, pixels),
    count,
    share: count / total / step,
  }));
}

/** The outline of bars as an SVG path; `y` gives the height of a share, `floor` is where they stand. */
export function outline(bars: readonly HistogramBar[], y: (share: number) => number, floor: number): string {
  const [first] = bars;
  if (!first) return '';
  const steps = bars.map((bar) => `V${(floor - y(bar.share)).toFixed(1)}H${(bar.x + bar.width).toFixed(1)}`);
  return `M${first.x.toFixed(1)},${floor}${steps.join('')}V${floor}`;
}
