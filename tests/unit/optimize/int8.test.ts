import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dequantizeInt8, quantizeInt8, weightRanges } from '../../../src/core/optimize/quantize/int8';

/** Shapes of two to four axes with an axis, and as many values. */
const weights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axis: fc.option(fc.nat(shape.length - 1)),
    values: fc.float32Array({
      noNaN: true,
      // Close to the largest float, 127 scales overflow by rounding.
      min: Math.fround(-1e37),
      max: Math.fround(1e37),
      minLength: shape.reduce((a, b) => a * b, 1),
      maxLength: shape.reduce((a, b) => a * b, 1),
    }),
  }),
);

describe('int8 weights', () => {
  it('lie within half a scale of the originals, and zero stays zero', () => {
    fc.assert(
      fc.property(weights, ({ shape, axis, values }) => {
        const quantized = quantizeInt8(values, shape, axis, weightRanges(values, shape, axis));
        const real = dequantizeInt8(quantized, shape, axis);
        const inner = axis === null ? values.length : shape.slice(axis + 1).reduce((a, b) => a * b, 1);
        values.forEach((value, i) => {
          const scale = quantized.scales[Math.floor(i / inner) % quantized.scales.length]!;
          // float32 arithmetic on both ways adds a few units in the last place.
          expect(Math.abs(real[i]! - value)).toBeLessThanOrEqual(scale * 0.5 + Math.abs(value) * 2 ** -21);
          if (value === 0) expect(quantized.values[i]).toBe(0);
          expect(Math.abs(quantized.values[i]!)).toBeLessThanOrEqual(127);
        });
      }),
    );
  });

  it('round half away from zero, with float32 scales', () => {
    const values = Float32Array.of(127, 0.5, -0.5, 1.5, -1.5, 2.49, -127);
    const { values: integers, scales } = quantizeInt8(values, [7], null, weightRanges(values, [7], null));
    expect([...integers]).toEqual([127, 1, -1, 2, -2, 2, -127]);
    expect([...scales]).toEqual([1]);
  });

  it('give each channel its own scale along any axis', () => {
    const values = Float32Array.of(1, 10, 2, 20, -4, 5);
    expect([...weightRanges(values, [3, 2], 0)]).toEqual([10, 20, 5]);
    expect([...weightRanges(values, [3, 2], 1)]).toEqual([4, 20]);
    expect([...weightRanges(values, [1, 3, 2], 1)]).toEqual([10, 20, 5]);
  });

  it('never have a scale of zero', () => {
    const values = new Float32Array(4);
    const { scales } = quantizeInt8(values, [4], null, weightRanges(values, [4], null));
    expect(scales[0]).toBe(Math.fround(Math.fround(5e-7) / 127));
  });

  it('show infinity and NaN in their ranges', () => {
    expect([...weightRanges(Float32Array.of(1, -Infinity), [2], null)]).toEqual([Infinity]);
    expect([...weightRanges(Float32Array.of(Number.NaN, 1, 2, 3), [2, 2], 0)]).toEqual([Number.NaN, 3]);
  });
});
