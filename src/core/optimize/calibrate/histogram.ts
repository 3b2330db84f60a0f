/** Counting values in bins whose width adapts to the range, in constant memory and in any order. */
import type { ValueHistogram } from './types';

/** Bins kept; between half of them and all are in use once the values have spread. */
const BINS = 4096;
/** The finest width: below it, values count as equal. */
const FINEST_EXPONENT = -60;

/**
 * Bins lie on a grid through zero whose width is a power of two. When a value falls outside, neighbouring bins are
 * merged in pairs until it fits: exactly what a coarser grid would have counted from the start, so the result depends
 * on the values alone and not on their order.
 */
export class HistogramCounter {
  private exponent = FINEST_EXPONENT;
  private width = 2 ** FINEST_EXPONENT;
  private first = 0;
  private counts = new Float64Array(0);

  /** Counts every `stride`-th value from `start` on. All of them must be finite and within [`min`, `max`]. */
  add(values: ArrayLike<number>, start: number, stride: number, min: number, max: number): void {
    this.reach(min, max);
    const { counts, first } = this;
    const inverse = 1 / this.width;
    for (let i = start; i < values.length; i += stride) {
      const bin = Math.floor(values[i]! * inverse) - first;
      counts[bin] = counts[bin]! + 1;
    }
  }

  /** What was counted, without empty bins at the ends. */
  result(): ValueHistogram {
    let from = 0;
    let to = this.counts.length;
    while (from < to && this.counts[from] === 0) from++;
    while (to > from && this.counts[to - 1] === 0) to--;
    return { width: this.width, first: this.first + from, counts: this.counts.slice(from, to) };
  }

  /** Makes room for values from `min` to `max`. */
  private reach(min: number, max: number): void {
    const isEmpty = this.counts.length === 0;
    let low = isEmpty ? Infinity : this.first;
    let high = isEmpty ? -Infinity : this.first + this.counts.length - 1;
    const covered = (width: number) => [Math.floor(min / width), Math.floor(max / width)] as const;
    let [a, b] = covered(this.width);
    let steps = 0;
    while (Math.max(high, b) - Math.min(low, a) + 1 > BINS) {
      steps++;
      low = Math.floor(low / 2);
      high = Math.floor(high / 2);
      [a, b] = covered(this.width * 2 ** steps);
    }
    const newFirst = Math.min(low, a);
    const length = Math.max(high, b) - newFirst + 1;
    if (steps === 0 && newFirst === this.first && length === this.counts.length) return;
    const merged = new Float64Array(length);
    const factor = 2 ** steps;
    for (let i = 0; i < this.counts.length; i++) {
      const bin = Math.floor((this.first + i) / factor) - newFirst;
      merged[bin] = merged[bin]! + this.counts[i]!;
    }
    this.exponent += steps;
    this.width = 2 ** this.exponent;
    this.first = newFirst;
    this.counts = merged;
  }
}
