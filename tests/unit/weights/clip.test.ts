import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clippedRanges, roundingError } from '../../../src/core/optimize/quantize/weights/clip';
import { recoveredScales } from '../../../src/core/optimize/quantize/weights/recover';
import {
  dequantizeWith,
  fullRanges,
  quantizeToRanges,
  quantizeWith,
} from '../../../src/core/optimize/quantize/weights/scales';
import { seededRandom } from '../../../src/core/random';
import { gaussians } from './samples';

/** Values with tails as long as a Laplace distribution's. */
function laplacian(count: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => {
    const u = random() - 0.5;
    return -Math.sign(u) * Math.log(1 - 2 * Math.abs(u));
  });
}

function channelErrors(
  values: Float32Array,
  channels: number,
  ranges: Float32Array,
  bits: 8 | 4,
): Float64Array {
  const shape = [channels, values.length / channels];
  const { values: integers, scales } = quantizeToRanges(values, shape, 0, ranges, bits);
  const real = dequantizeWith(integers, shape, 0, scales);
  const errors = new Float64Array(channels);
  values.forEach((value, i) => (errors[Math.floor(i / shape[1]!)]! += (value - real[i]!) ** 2));
  return errors;
}

describe('clipped ranges', () => {
  it('are never worse than full ones in any channel', () => {
    const weights = fc.float32Array({ noNaN: true, min: -1000, max: 1000, minLength: 12, maxLength: 12 });
    const rules = fc.constantFrom('mse' as const, 'octav' as const);
    fc.assert(
      fc.property(weights, rules, fc.constantFrom(8 as const, 4 as const), (values, rule, bits) => {
        const full = channelErrors(values, 3, fullRanges(values, [3, 4], 0, bits), bits);
        const clipped = channelErrors(values, 3, clippedRanges(values, [3, 4], 0, bits, rule), bits);
        clipped.forEach((error, i) => expect(error).toBeLessThanOrEqual(full[i]! * (1 + 1e-6) + 1e-12));
      }),
    );
  });

  it('are the same along any axis', () => {
    const values = gaussians(24, 5);
    const byColumn = Float32Array.from(values, (_, i) => values[(i % 4) * 6 + Math.floor(i / 4)]!);
    expect(clippedRanges(byColumn, [6, 4], 1, 4, 'mse')).toEqual(clippedRanges(values, [4, 6], 0, 4, 'mse'));
  });

  it.each(['Gauss', 'Laplace'])('by OCTAV lie within 5 %% of the search in squared error: %s', (name) => {
    const values = (name === 'Gauss' ? gaussians : laplacian)(20_000, 2);
    for (const bits of [8, 4] as const) {
      const error = (rule: 'mse' | 'octav') =>
        roundingError(values, clippedRanges(values, [values.length], null, bits, rule)[0]!, bits);
      expect(error('octav')).toBeLessThan(1.05 * error('mse'));
      expect(error('mse')).toBeLessThanOrEqual(error('octav'));
    }
  });

  it('cut the error of long tails to a third at 4 bits', () => {
    const values = laplacian(20_000, 2);
    const full = fullRanges(values, [values.length], null, 4)[0]!;
    const clipped = clippedRanges(values, [values.length], null, 4, 'mse')[0]!;
    expect(roundingError(values, clipped, 4)).toBeLessThan(0.33 * roundingError(values, full, 4));
  });

  it('leave channels of zeros alone', () => {
    expect([...clippedRanges(new Float32Array(8), [2, 4], 0, 8, 'mse')]).toEqual([0, 0]);
    expect([...clippedRanges(new Float32Array(8), [2, 4], 0, 8, 'octav')]).toEqual([0, 0]);
  });
});

describe('recovered scales', () => {
  const grids = fc.record({
    bits: fc.constantFrom(8 as const, 4 as const),
    scales: fc.float32Array({ noNaN: true, min: Math.fround(1e-4), max: 10, minLength: 3, maxLength: 3 }),
    seed: fc.nat(1e6),
  });

  it('give back weights on a grid without loss, even where few of its steps are in use', () => {
    fc.assert(
      fc.property(grids, ({ bits, scales, seed }) => {
        const random = seededRandom(seed);
        const [lowest, levels] = bits === 8 ? [-127, 255] : [-8, 16];
        const integers = Int8Array.from({ length: 24 }, () => lowest + Math.floor(random() * levels));
        const values = dequantizeWith(integers, [3, 8], 0, scales);
        const found = recoveredScales(values, [3, 8], 0, bits);
        expect(found).not.toBeNull();
        const real = dequantizeWith(quantizeWith(values, [3, 8], 0, found!, bits), [3, 8], 0, found!);
        real.forEach((value, i) =>
          expect(Math.abs(value - values[i]!)).toBeLessThan(1.1e-3 * found![i >> 3]!),
        );
      }),
    );
  });

  it('do not exist for trained weights', () => {
    expect(recoveredScales(gaussians(64, 9), [2, 32], 0, 8)).toBeNull();
    expect(recoveredScales(gaussians(64, 9), [2, 32], 0, 4)).toBeNull();
  });

  it('are the narrowest for channels of zeros', () => {
    expect(recoveredScales(new Float32Array(4), [4], null, 8)![0]).toBe(Math.fround(Math.fround(5e-7) / 127));
  });
});
