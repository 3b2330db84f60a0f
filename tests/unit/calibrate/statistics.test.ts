/** Statistics that do not depend on order, and the ranges that are chosen from them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviseSamples } from '../../../src/core/optimize/calibrate/advice';
import { HistogramCounter } from '../../../src/core/optimize/calibrate/histogram';
import { expectedSquaredError } from '../../../src/core/optimize/calibrate/least-error';
import { chooseRange } from '../../../src/core/optimize/calibrate/ranges';
import { StatisticsCollector } from '../../../src/core/optimize/calibrate/statistics';
import type { RangeRule, RangeStatistics } from '../../../src/core/optimize/calibrate/types';

const floats = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), {
  minLength: 1,
  maxLength: 60,
});
const samplesOf = fc.array(floats, { minLength: 1, maxLength: 12 });

function collect(samples: readonly (readonly number[])[]): RangeStatistics {
  const collector = new StatisticsCollector();
  for (const sample of samples) collector.add(Float32Array.from(sample));
  return collector.result();
}

const rules: readonly RangeRule[] = (['min-max', 'average', 'percentile', 'mse', 'kl'] as const).map(
  (method) => ({
    method,
    percentile: 99,
  }),
);

/** Mean squared error of rounding to 8-bit integers over a range, value by value. */
function squaredError(values: readonly number[], { min, max }: { min: number; max: number }): number {
  const step = (max - min) / 255;
  const errors = values.map((value) => {
    const q = Math.min(255, Math.max(0, Math.round((value - min) / step)));
    return (min + q * step - value) ** 2;
  });
  return errors.reduce((sum, error) => sum + error, 0) / values.length;
}

describe('statistics', () => {
  it('do not depend on the order of the samples', () => {
    fc.assert(
      fc.property(samplesOf, fc.integer(), (samples, seed) => {
        const shuffled = [...samples]
          .sort((a, b) => ((a.length * 7 + seed) % 13) - ((b.length * 7 + seed) % 13))
          .reverse();
        const [a, b] = [collect(samples), collect(shuffled)];
        expect([b.min, b.max, b.count, b.nonFinite]).toEqual([a.min, a.max, a.count, a.nonFinite]);
        expect(b.histogram).toEqual(a.histogram);
        expect(b.meanMin).toBeCloseTo(a.meanMin, 8);
        expect(b.meanMax).toBeCloseTo(a.meanMax, 8);
        for (const rule of rules.filter(({ method }) => method !== 'average')) {
          expect(chooseRange(b, rule, 8)).toEqual(chooseRange(a, rule, 8));
        }
      }),
    );
  });

  it('give ranges within least and greatest value that hold zero', () => {
    fc.assert(
      fc.property(
        samplesOf,
        fc.constantFrom(...rules),
        fc.constantFrom(8 as const, 16 as const),
        (samples, rule, bits) => {
          const statistics = collect(samples);
          const { min, max } = chooseRange(statistics, rule, bits);
          expect(min).toBeLessThanOrEqual(0);
          expect(max).toBeGreaterThanOrEqual(0);
          expect(min).toBeGreaterThanOrEqual(Math.min(0, statistics.min));
          expect(max).toBeLessThanOrEqual(Math.max(0, statistics.max));
        },
      ),
    );
  });

  it('give a least-error range that is never worse than all values', () => {
    fc.assert(
      fc.property(samplesOf, (samples) => {
        const statistics = collect(samples);
        const full = chooseRange(statistics, { method: 'min-max', percentile: 100 }, 8);
        const best = chooseRange(statistics, { method: 'mse', percentile: 100 }, 8);
        const cost = (range: typeof full) => expectedSquaredError(statistics.histogram, range, 8);
        expect(cost(best)).toBeLessThanOrEqual(cost(full));
      }),
    );
  });

  it('give a least-error range that is closer in fact where tails are long', () => {
    // Laplace: most values near zero, a few far out.
    const values = Array.from({ length: 4_000 }, (_, i) => {
      const u = ((i * 0.618_034 + 1e-4) % 0.9999) - 0.49995;
      return -Math.sign(u) * Math.log(1 - 2 * Math.abs(u)) || 0;
    });
    const statistics = collect([values]);
    const error = (method: RangeRule['method']) =>
      squaredError(values, chooseRange(statistics, { method, percentile: 99.9 }, 8));
    expect(error('mse')).toBeLessThan(error('min-max'));
  });

  it('cut off rare large values by percentile and least error', () => {
    const body = Array.from({ length: 20_000 }, (_, i) => Math.sin(i) * (1 + (i % 7) / 10));
    const statistics = collect([[...body, 12]]);
    expect(statistics.max).toBe(12);
    for (const rule of rules) {
      const { max } = chooseRange(statistics, rule, 8);
      if (rule.method === 'min-max' || rule.method === 'average') expect(max).toBe(12);
      else if (rule.method !== 'kl') expect(max, rule.method).toBeLessThan(7);
    }
  });

  it('leave out what is not finite, and count it', () => {
    const statistics = collect([
      [1, NaN, -Infinity, 2],
      [-3.4e38, -1],
    ]);
    expect(statistics).toMatchObject({ min: -1, max: 2, count: 3, nonFinite: 3, samples: 2 });
  });

  it('take constant, zero and empty tensors', () => {
    for (const values of [[0, 0, 0], [5], [-2, -2], []]) {
      const statistics = collect([values]);
      for (const rule of rules) {
        const { min, max } = chooseRange(statistics, rule, 8);
        expect([min, max].every(Number.isFinite)).toBe(true);
        expect(min <= 0 && max >= 0).toBe(true);
      }
    }
  });

  it('take millions of values in constant memory', () => {
    const collector = new StatisticsCollector();
    const values = Float32Array.from({ length: 1_000_000 }, (_, i) => Math.sin(i) * 2 ** (i % 40));
    for (let round = 0; round < 3; round++) collector.add(values);
    const { histogram, count } = collector.result();
    expect(count).toBe(3_000_000);
    expect(histogram.counts.length).toBeLessThanOrEqual(4_096);
  });
});

describe('HistogramCounter', () => {
  it('counts what a coarser grid would have counted from the start', () => {
    fc.assert(
      fc.property(floats, (values) => {
        const counter = new HistogramCounter();
        for (const value of values) counter.add([value], 0, 1, value, value);
        const { counts, first, width } = counter.result();
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
        expect(Number.isInteger(Math.log2(width))).toBe(true);
        const expected = new Map<number, number>();
        for (const value of values) {
          const bin = Math.floor(value / width) - first;
          expected.set(bin, (expected.get(bin) ?? 0) + 1);
        }
        for (const [bin, count] of expected) expect(counts[bin]).toBe(count);
      }),
    );
  });
});

describe('adviseSamples', () => {
  const model = (samples: readonly (readonly number[])[]) => new Map([[0, new Map([[1, collect(samples)]])]]);

  it('finds settled ranges enough', () => {
    const advice = adviseSamples(model(Array.from({ length: 16 }, () => [-1, 1])));
    expect(advice).toMatchObject({ isEnough: true, suggested: null });
    expect(advice.sentence).toContain('16 samples settled the ranges');
  });

  it('asks for more while ranges grow', () => {
    const advice = adviseSamples(model(Array.from({ length: 16 }, (_, i) => [0, i + 1])));
    expect(advice).toMatchObject({ isEnough: false, suggested: 64 });
    expect(advice.sentence).toContain('about 64 would settle them');
  });
});
