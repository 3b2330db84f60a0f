import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
  float8E4m3ToFloat32,
  float8E5m2ToFloat32,
  packInt2,
  packInt4,
  roundHalfAwayFromZero,
  unpackInt2,
  unpackInt4,
  unpackUint4,
} from '../../../src/core/model/numeric';

const half = (value: number, clamp = false) => float32ToFloat16(Float32Array.of(value), clamp)[0]!;

describe('roundHalfAwayFromZero', () => {
  it('rounds halves away from zero and never gives -0', () => {
    const values = [0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.49999999999999994, -0.2, -0, 126.5, -126.5];
    expect(values.map(roundHalfAwayFromZero)).toEqual([1, -1, 2, -2, 3, -3, 0, 0, 0, 127, -127]);
  });

  it('is odd and within half a unit', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), (x) => {
        const rounded = roundHalfAwayFromZero(x);
        expect(roundHalfAwayFromZero(-x)).toBe(0 - rounded);
        expect(Math.abs(rounded - x)).toBeLessThanOrEqual(0.5);
      }),
    );
  });
});

describe('float16', () => {
  it('has the bits of the standard', () => {
    expect([1, -2, 65504, 2 ** -14, 2 ** -24, 0, -0, Infinity, 1 / 3].map((value) => half(value))).toEqual([
      0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0, 0x8000, 0x7c00, 0x3555,
    ]);
  });

  it('rounds halves to even', () => {
    expect(half(1 + 2 ** -11)).toBe(0x3c00);
    expect(half(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(half(2 ** -25)).toBe(0);
    expect(half(1.5 * 2 ** -24)).toBe(0x0002);
    expect(half(Math.fround(2 ** -25 * 1.0001))).toBe(0x0001);
    expect(half(65519.996)).toBe(0x7bff);
    expect(half(65520)).toBe(0x7c00);
  });

  it('clamps when asked, and keeps NaN', () => {
    expect(half(1e6, true)).toBe(0x7bff);
    expect(half(-Infinity, true)).toBe(0xfbff);
    expect(float16ToFloat32(float32ToFloat16(Float32Array.of(NaN), true))[0]).toBeNaN();
  });

  it('gives back all 65,536 values', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const values = float16ToFloat32(bits);
    const again = float32ToFloat16(values);
    for (let i = 0; i < bits.length; i++) {
      if (Number.isNaN(values[i])) expect(again[i]! & 0x7fff).toBe(0x7e00);
      else if (again[i] !== i) expect(again[i]).toBe(i);
    }
  });

  it('finds the nearest value', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(1e-9), max: 65000, noNaN: true }), (x) => {
        const bits = half(x);
        const neighbours = float16ToFloat32(Uint16Array.of(bits, bits + 1, Math.max(0, bits - 1)));
        const errors = Array.from(neighbours, (value) => Math.abs(value - x));
        expect(errors[0]).toBeLessThanOrEqual(Math.min(errors[1]!, errors[2]!));
      }),
    );
  });
});

describe('bfloat16 and float8', () => {
  it('bfloat16 gives back its values and rounds to nearest even', () => {
    const bits = Uint16Array.of(0x3f80, 0xc040, 0x7f80, 0x0001, 0x8000);
    expect(float32ToBfloat16(bfloat16ToFloat32(bits))).toEqual(bits);
    expect(bfloat16ToFloat32(Uint16Array.of(0x3f80))[0]).toBe(1);
    expect(float32ToBfloat16(Float32Array.of(1 + 2 ** -8))[0]).toBe(0x3f80);
    expect(float32ToBfloat16(Float32Array.of(1 + 3 * 2 ** -8))[0]).toBe(0x3f82);
    expect(bfloat16ToFloat32(float32ToBfloat16(Float32Array.of(NaN)))[0]).toBeNaN();
  });

  it('float8 has the limits of its formats', () => {
    const e4m3 = float8E4m3ToFloat32(Uint8Array.of(0x7e, 0x7f, 0x38, 0x01, 0xff, 0x80));
    expect([...e4m3]).toEqual([448, NaN, 1, 2 ** -9, NaN, -0]);
    const e5m2 = float8E5m2ToFloat32(Uint8Array.of(0x7b, 0x7c, 0x3c, 0x01, 0xfc, 0x7e));
    expect([...e5m2]).toEqual([57344, Infinity, 1, 2 ** -16, -Infinity, NaN]);
  });
});

describe('values of less than a byte', () => {
  it('start in the low bits', () => {
    expect([...packInt4([1, -2, 7])]).toEqual([0xe1, 0x07]);
    expect([...packInt2([1, -2, 0, -1, 1])]).toEqual([0b11001001, 0b01]);
  });

  it('come back from packing', () => {
    const int = (bits: number) =>
      fc.array(fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }), { maxLength: 33 });
    fc.assert(
      fc.property(int(4), (values) => {
        expect([...unpackInt4(packInt4(values), values.length)]).toEqual(values);
      }),
    );
    fc.assert(
      fc.property(int(2), (values) => {
        expect([...unpackInt2(packInt2(values), values.length)]).toEqual(values);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(15), { maxLength: 33 }), (values) => {
        expect([...unpackUint4(packInt4(values), values.length)]).toEqual(values);
      }),
    );
  });
});
