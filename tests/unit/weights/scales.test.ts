import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float16ToFloat32, float32ToFloat16 } from '../../../src/core/model/numeric';
import { fromRows, rowsOf } from '../../../src/core/optimize/quantize/weights/rows';
import {
  blockScales,
  blockShape,
  dequantizeWith,
  fullRanges,
  quantizeToRanges,
  quantizeWith,
  scalesOf,
  weightRanges,
} from '../../../src/core/optimize/quantize/weights/scales';
import { gaussians } from './samples';

const bits = fc.constantFrom(8 as const, 4 as const);

/** Shapes of one to four axes with an axis or none, and as many values. */
const tensors = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
  const length = shape.reduce((a, b) => a * b, 1);
  return fc.record({
    shape: fc.constant(shape),
    axis: fc.option(fc.nat(shape.length - 1)),
    values: fc.float32Array({
      noNaN: true,
      min: Math.fround(-1e30),
      max: Math.fround(1e30),
      minLength: length,
      maxLength: length,
    }),
  });
});

describe('symmetric weights of 8 and 4 bits', () => {
  it('lie within half a scale of the originals, zero stays zero, 4 bits use -8 to 7', () => {
    fc.assert(
      fc.property(tensors, bits, ({ shape, axis, values }, bits) => {
        const { values: integers, scales } = quantizeToRanges(
          ...([values, shape, axis, fullRanges(values, shape, axis, bits), bits] as const),
        );
        const real = dequantizeWith(integers, shape, axis, scales);
        const inner = axis === null ? values.length : shape.slice(axis + 1).reduce((a, b) => a * b, 1);
        values.forEach((value, i) => {
          const scale = scales[Math.floor(i / inner) % scales.length]!;
          expect(Math.abs(real[i]! - value)).toBeLessThanOrEqual(scale * 0.5 + Math.abs(value) * 2 ** -20);
          if (value === 0) expect(integers[i]).toBe(0);
          expect(integers[i]).toBeGreaterThanOrEqual(bits === 8 ? -127 : -8);
          expect(integers[i]).toBeLessThanOrEqual(bits === 8 ? 127 : 7);
        });
      }),
    );
  });

  it('clamp what lies outside the scale, however far', () => {
    const values = Float32Array.of(-3e38, -9, 9, 3e38, 0.5, -0.5, 1.49);
    expect([...quantizeWith(values, [7], null, Float32Array.of(1), 4)]).toEqual([-8, -8, 7, 7, 1, -1, 1]);
    expect([...quantizeWith(values, [7], null, Float32Array.of(1), 8)]).toEqual([
      ...[-127, -9, 9, 127, 1, -1, 1],
    ]);
  });

  it('give the known integers and values of the official tests', () => {
    const values = Float32Array.of(-16, 1.3, 2.4, 16);
    const { values: integers, scales } = quantizeToRanges(
      ...([values, [4], null, weightRanges(values, [4], null), 8] as const),
    );
    expect(scales[0]).toBeCloseTo(0.12598425, 8);
    expect([...integers]).toEqual([-127, 10, 19, 127]);
    const lopsided = Float32Array.of(-3, 1.3, 2.4, 16);
    const rounded = quantizeWith(lopsided, [4], null, scales, 8);
    expect([...rounded]).toEqual([-24, 10, 19, 127]);
    const real = dequantizeWith(rounded, [4], null, scales);
    [-3.023622, 1.2598425, 2.3937008, 16].forEach((value, i) => expect(real[i]).toBeCloseTo(value, 5));
  });

  it('give 4-bit channels that reach further down than up finer steps', () => {
    const values = Float32Array.of(-8, 3, -4, 7);
    expect([...scalesOf(fullRanges(values, [2, 2], 0, 4), 4)]).toEqual([1, 1]);
    expect([...quantizeToRanges(values, [2, 2], 0, Float32Array.of(7, 7), 4).values]).toEqual([-8, 3, -4, 7]);
  });

  it('never have a scale of zero', () => {
    expect(scalesOf(new Float32Array(1), 8)[0]).toBe(Math.fround(Math.fround(5e-7) / 127));
    expect(scalesOf(new Float32Array(1), 4)[0]).toBe(Math.fround(Math.fround(5e-7) / 7));
  });

  it('in blocks have scales that float16 and bfloat16 hold, normal and above zero', () => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, min: 0, max: Math.fround(1e6), minLength: 1 }), (raw) => {
        const scales = blockScales(raw);
        expect(float16ToFloat32(float32ToFloat16(scales))).toEqual(scales);
        scales.forEach((scale, i) => {
          expect(new Uint32Array(Float32Array.of(scale).buffer)[0]! & 0xffff).toBe(0);
          expect(scale).toBeGreaterThanOrEqual(2 ** -14);
          const inReach = raw[i]! >= 2 ** -14 && raw[i]! <= 65_000;
          if (inReach) expect(Math.abs(scale / raw[i]! - 1)).toBeLessThanOrEqual(2 ** -8);
        });
      }),
    );
    const values = gaussians(4 * 64, 3);
    const shape = blockShape(values.length, 32);
    const scales = blockScales(scalesOf(fullRanges(values, shape, 0, 4), 4));
    const real = dequantizeWith(quantizeWith(values, shape, 0, scales, 4), shape, 0, scales);
    expect(scales.length).toBe(8);
    values.forEach((value, i) => {
      // A scale rounded down cuts at most 2^-8 of the range off.
      const scale = scales[Math.floor(i / 32)]!;
      expect(Math.abs(real[i]! - value)).toBeLessThanOrEqual(scale * (0.5 + 8 * 2 ** -8));
    });
  });
});

describe('rows', () => {
  it('come back as they were, and hold each channel', () => {
    fc.assert(
      fc.property(tensors, ({ shape, axis, values }) => {
        const channels = shape[axis ?? 0]!;
        const rows = rowsOf(values, shape, axis ?? 0);
        const depth = values.length / channels;
        const largest = weightRanges(values, shape, axis ?? 0);
        expect(weightRanges(rows, [channels, depth], 0)).toEqual(largest);
        const integers = Int8Array.from(values, (_, i) => i);
        const byRow = Int8Array.from(rowsOf(Float32Array.from(integers), shape, axis ?? 0));
        expect(fromRows(byRow, shape, axis ?? 0)).toEqual(integers);
      }),
    );
  });
});
