/** The values of one activation, summed up sample by sample in constant memory. */
import { assert } from '../../errors';
import { HistogramCounter } from './histogram';
import type { RangeStatistics } from './types';

/** Larger magnitudes stand for infinity (masks and pads are written as -3.4e38). */
const LARGEST_VALUE = 3e38;
/** The histogram takes about this many values of each sample, evenly spread; least and greatest value see all. */
const HISTOGRAM_VALUES = 4_096;

/** Exponents that a float32 can have, and what the least of them stands for. */
const EXPONENTS = 255;
const LEAST_POWER = -149;
/** Mantissas are whole numbers below 2^24: sums of so many are exact, as 2^24 * 2^29 = 2^53. */
const MOST_TERMS = 2 ** 29;

/**
 * The sum of float32 values, the same to the bit in whatever order they come: terms of one exponent are whole numbers of
 * one unit, whose sums are exact.
 */
class OrderlessSum {
  private readonly sums = new Float64Array(EXPONENTS);
  private readonly value = new Float32Array(1);
  private readonly bits = new Uint32Array(this.value.buffer);
  private terms = 0;

  /** Adds a finite float32. */
  add(value: number): void {
    assert(++this.terms <= MOST_TERMS, 'more samples than can be summed up');
    this.value[0] = value;
    const bits = this.bits[0]!;
    const exponent = (bits >>> 23) & 0xff;
    // Subnormal numbers have the unit of the next exponent and no leading one.
    const mantissa = (bits & 0x7fffff) + (exponent > 0 ? 0x800000 : 0);
    this.sums[exponent]! += bits >>> 31 === 1 ? -mantissa : mantissa;
  }

  get total(): number {
    return this.sums.reduce(
      (total, sum, exponent) => total + sum * 2 ** (LEAST_POWER + Math.max(0, exponent - 1)),
      0,
    );
  }
}

export class StatisticsCollector {
  private min = Infinity;
  private max = -Infinity;
  private leastMax = Infinity;
  private readonly minSum = new OrderlessSum();
  private readonly maxSum = new OrderlessSum();
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
    if (max < this.leastMax) this.leastMax = max;
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
      leastMax: isEmpty ? 0 : this.leastMax + 0,
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
