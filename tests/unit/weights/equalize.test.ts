import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  equalizationFactors,
  farthestFactor,
  LARGEST_FACTOR,
  scaleChannels,
} from '../../../src/core/optimize/quantize/weights/equalize';
import { weightRanges } from '../../../src/core/optimize/quantize/weights/scales';
import { gaussians } from './samples';

describe('equalization', () => {
  it('gives both layers the same ranges and leaves the product of the layers alone', () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const first = gaussians(4 * 6, seed).map((value, i) => value * 3 ** (Math.floor(i / 6) - 2));
        const second = gaussians(5 * 4, seed + 1);
        const factors = equalizationFactors(weightRanges(first, [4, 6], 0), weightRanges(second, [5, 4], 1));
        const divided = scaleChannels(first, [4, 6], 0, factors, 'divide');
        const multiplied = scaleChannels(second, [5, 4], 1, factors, 'multiply');
        const ranges = [weightRanges(divided, [4, 6], 0), weightRanges(multiplied, [5, 4], 1)];
        ranges[0]!.forEach((range, i) => expect(range / ranges[1]![i]!).toBeCloseTo(1, 5));
        for (let out = 0; out < 5; out++) {
          for (let input = 0; input < 6; input++) {
            const [before, after] = [
              [first, second],
              [divided, multiplied],
            ].map(([a, b]) =>
              [0, 1, 2, 3].reduce((all, c) => all + a![c * 6 + input]! * b![out * 4 + c]!, 0),
            );
            expect(after).toBeCloseTo(before!, 4);
          }
        }
      }),
    );
  });

  it('leaves dead channels alone and bounds the factors', () => {
    const factors = equalizationFactors(
      Float32Array.of(1, 0, 1, 1e-9, 1, 1e6, Number.NaN, Infinity),
      Float32Array.of(1, 1, 0, 1, 1, 1e-4, 1, 1),
    );
    expect([...factors]).toEqual([1, 1, 1, 1, 1, LARGEST_FACTOR, 1, 1]);
    expect(farthestFactor(Float32Array.of(1, 0.25, 2))).toBe(4);
    expect([...equalizationFactors(Float32Array.of(1, 4), Float32Array.of(4, 1))]).toEqual([0.5, 2]);
  });

  it('scales the channels of a flattened map through a view', () => {
    // [2 units, 3 places, 2 channels].
    const values = Float32Array.from({ length: 12 }, () => 1);
    expect([...scaleChannels(values, [2, 3, 2], 2, Float32Array.of(2, 3), 'multiply')]).toEqual([
      ...[2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3],
    ]);
  });
});
