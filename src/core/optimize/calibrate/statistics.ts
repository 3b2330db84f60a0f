/** The values of one activation, summed up sample by sample in constant memory. */
import { HistogramCounter } from './histogram';
import type { RangeStatistics } from './types';

/** Larger magnitudes stand for infinity (masks and pads are written as -3.4e38). */
const LARGEST_VALUE = 3e38;
/** The histogram takes about this many values of each sample, evenly spread; least and greatest value see all. */
const HISTOGRAM_VALUES = 4_096;

/** A sum that loses next to nothing to rounding (Neumaier), so that the order of the terms does not matter. */
class ExactSum {
  private sum = 0;
  private lost = 0;
  add(value: number): void {
    const next = this.sum + value;
    this.lost += Math.abs(this.sum) >= Math.abs(value) ? this.sum - next + value : value - next + this.sum;
    this.sum = next;
  }
  get total(): number {
    return this.sum + this.lost;
  }
}

export class StatisticsCollector {
  private min = Infinity;
  private max = -Infinity;
  private readonly minSum = new ExactSum();
  private readonly maxSum = new ExactSum();
  private count = 0;
  private nonFinite = 0;
  private samples = 0;
  private readonly histogram = new HistogramCounter();
  private readonly growth: (readonly [number, number])[] = [];

  /** Adds the values that the tensor has for one sample. */
  add(values: Float32Array): void {
    let [min, max] = extremes(values);
    let counted: ArrayLike<number> = values;
    // A NaN compares as neither smaller nor larger, but makes every sum it is in one.
    if (min < -LARGEST_VALUE || max > LARGEST_VALUE || hasNaN(values)) {
      const finite = values.filter((value) => Math.abs(value) <= LARGEST_VALUE);
      this.nonFinite += values.length - finite.length;
      counted = finite;
      [min, max] = extremes(finite);
    }
    this.samples++;
    if (counted.length === 0) return;
    this.count += counted.length;
    this.minSum.add(min);
    this.maxSum.add(max);
    if (min < this.min) this.min = min;
    if (max > this.max) this.max = max;
    const stride = strideFor(counted.length);
    this.histogram.add(counted, stride >> 1, stride, min, max);
    if ((this.samples & (this.samples - 1)) === 0) this.growth.push([this.min, this.max]);
  }

  /** What was seen so far. */
  result(): RangeStatistics {
    const samples = Math.max(1, this.samples);
    const isEmpty = this.count === 0;
    return {
      // Adding zero makes -0 a plain zero.
      min: isEmpty ? 0 : this.min + 0,
      max: isEmpty ? 0 : this.max + 0,
      meanMin: this.minSum.total / samples,
      meanMax: this.maxSum.total / samples,
      count: this.count,
      nonFinite: this.nonFinite,
      samples: this.samples,
      histogram: this.histogram.result(),
      growth: isEmpty ? [] : [...this.growth, [this.min, this.max]],
    };
  }
}

/** Least and greatest value; infinite the wrong way round when there is none. Two at a time, as this sees every value. */
function extremes(values: Float32Array): readonly [number, number] {
  let [min, max, min2, max2] = [Infinity, -Infinity, Infinity, -Infinity];
  const even = values.length & ~1;
  for (let i = 0; i < even; i += 2) {
    const a = values[i]!;
    const b = values[i + 1]!;
    if (a < min) min = a;
    if (a > max) max = a;
    if (b < min2) min2 = b;
    if (b > max2) max2 = b;
  }
  for (let i = even; i < values.length; i++) {
    if (values[i]! < min) min = values[i]!;
    if (values[i]! > max) max = values[i]!;
  }
  return [Math.min(min, min2), Math.max(max, max2)];
}

function hasNaN(values: Float32Array): boolean {
  let sum = 0;
  let other = 0;
  const even = values.length & ~1;
  for (let i = 0; i < even; i += 2) {
    sum += values[i]! * 0;
    other += values[i + 1]! * 0;
  }
  if (even < values.length) sum += values[even]! * 0;
  return sum + other !== 0;
}

/** A step that shares no factor with usual channel counts, so that every channel is counted. */
function strideFor(length: number): number {
  if (length <= HISTOGRAM_VALUES) return 1;
  let stride = Math.ceil(length / HISTOGRAM_VALUES);
  while (stride % 2 === 0 || stride % 3 === 0 || stride % 5 === 0) stride++;
  return stride;
}
