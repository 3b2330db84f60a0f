/**
 * Weights as symmetric integers of 8 or 4 bits: real = scale * q, zero point 0, with one scale for all values, one per
 * channel along an axis, or one per block. 8 bits use [-127, 127], as the kernels demand. 4 bits use all of [-8, 7]. The
 * arithmetic is float32, so that 8-bit integers and scales equal the official converter's to the bit.
 *
 * Blocks lie along the last axis and divide it, so blockwise weights are channels of another shape: pass
 * `blockShape(values.length, blockSize)` and axis 0.
 */
import { bfloat16ToFloat32, float32ToBfloat16 } from '../../../model/numeric';

export type WeightBits = 8 | 4;

/** Integers and their scales (one, or one per channel or block, in order). */
export interface IntegerWeights {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/** Narrower ranges are widened to this, so that no scale is zero or subnormal (runtimes refuse those). */
export const NARROWEST_RANGE = Math.fround(5e-7);

/** The smallest normal float16 and the largest finite bfloat16 that float16 holds too: bounds of blockwise scales. */
const SMALLEST_BLOCK_SCALE = 2 ** -14;
const LARGEST_BLOCK_SCALE = 65_280;

/** The integer that the range stands for: scale = range / 127, or range / 7. */
export function largestInteger(bits: WeightBits): 127 | 7 {
  return bits === 8 ? 127 : 7;
}

/** The lowest integer: -127 for 8 bits, -8 for 4. */
export function lowestInteger(bits: WeightBits): -127 | -8 {
  return bits === 8 ? -127 : -8;
}

/** Sizes around an axis: `outer` blocks of `channels` runs of `inner` values. Without axis: one channel. */
export interface Strides {
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
}

/** Sizes around `axis` (null: all values are one channel) of `length` values of that row-major shape. */
export function stridesAlong(shape: readonly number[], axis: number | null, length: number): Strides {
  if (axis === null) return { outer: 1, channels: 1, inner: length };
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  return {
    outer: product(shape.slice(0, axis)),
    channels: shape[axis]!,
    inner: product(shape.slice(axis + 1)),
  };
}

/** The shape whose axis 0 counts blocks of `blockSize` values. */
export function blockShape(length: number, blockSize: number): readonly [number, number] {
  return [length / blockSize, blockSize];
}

/**
 * Largest magnitude of each channel along `axis` (null: of all values). Not finite where a value is not.
 * `values` has the row-major `shape`.
 */
export function weightRanges(
  values: Float32Array,
  shape: readonly number[],
  axis: number | null,
): Float32Array {
  const { outer, channels, inner } = stridesAlong(shape, axis, values.length);
  // Magnitudes of floats order as their bits without the sign do, with infinity and NaN above all others.
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const largest = new Uint32Array(channels);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (let channel = 0; channel < channels; channel++) {
      let max = largest[channel]!;
      for (const end = at + inner; at < end; at++) {
        const magnitude = bits[at]! & 0x7fffffff;
        if (magnitude > max) max = magnitude;
      }
      largest[channel] = max;
    }
  }
  return new Float32Array(largest.buffer);
}

/**
 * The smallest range of each channel that cuts nothing off. For 8 bits the largest magnitude. For 4 bits, whose lowest
 * integer is -8 and highest 7, the negative side needs 7/8 of its magnitude only, which gives finer steps to channels
 * that reach further down than up. All values must be finite.
 */
export function fullRanges(
  values: Float32Array,
  shape: readonly number[],
  axis: number | null,
  bits: WeightBits,
): Float32Array {
  if (bits === 8) return weightRanges(values, shape, axis);
  const { outer, channels, inner } = stridesAlong(shape, axis, values.length);
  const ranges = new Float32Array(channels);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (let channel = 0; channel < channels; channel++) {
      let range = ranges[channel]!;
      for (const end = at + inner; at < end; at++) {
        const value = values[at]!;
        const needed = value < 0 ? value * -0.875 : value;
        if (needed > range) range = needed;
      }
      ranges[channel] = range;
    }
  }
  return ranges;
}

/** Scales of ranges: range / 127 or range / 7 as float32, never below that of the narrowest range. */
export function scalesOf(ranges: Float32Array, bits: WeightBits): Float32Array {
  const largest = largestInteger(bits);
  return ranges.map((range) => Math.max(range, NARROWEST_RANGE) / largest);
}

/**
 * Scales as a blockwise tensor stores them: rounded to what bfloat16 and float16 both hold (the file has float16, and
 * XNNPACK packs bfloat16), normal and above zero.
 */
export function blockScales(scales: Float32Array): Float32Array {
  const bounded = scales.map((scale) => Math.min(Math.max(scale, SMALLEST_BLOCK_SCALE), LARGEST_BLOCK_SCALE));
  return bfloat16ToFloat32(float32ToBfloat16(bounded));
}

/**
 * Rounds weights with ranges: scale = range / largest, q = w * (largest / range) rounded half away from zero and clamped.
 * This is the official converter's arithmetic to the bit when the ranges are those of `weightRanges` and bits are 8.
 */
export function quantizeToRanges(
  values: Float32Array,
  shape: readonly number[],
  axis: number | null,
  ranges: Float32Array,
  bits: WeightBits,
): IntegerWeights {
  const largest = largestInteger(bits);
  const inverses = ranges.map((range) => largest / Math.max(range, NARROWEST_RANGE));
  return {
    values: roundAll(values, stridesAlong(shape, axis, values.length), inverses, bits),
    scales: scalesOf(ranges, bits),
  };
}

/** Rounds weights with given scales (one, or one per channel along `axis`): q = w / scale, half away from zero, clamped. */
export function quantizeWith(
  values: Float32Array,
  shape: readonly number[],
  axis: number | null,
  scales: Float32Array,
  bits: WeightBits,
): Int8Array {
  const inverses = scales.map((scale) => 1 / scale);
  return roundAll(values, stridesAlong(shape, axis, values.length), inverses, bits);
}

function roundAll(
  values: Float32Array,
  { outer, channels, inner }: Strides,
  inverses: Float32Array,
  bits: WeightBits,
): Int8Array {
  const lowest = lowestInteger(bits);
  const largest = largestInteger(bits);
  const integers = new Int8Array(values.length);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (let channel = 0; channel < channels; channel++) {
      const inverse = inverses[channel]!;
      for (const end = at + inner; at < end; at++) {
        const scaled = Math.fround(values[at]! * inverse);
        const kept = scaled > largest ? largest : scaled < lowest ? lowest : scaled;
        integers[at] = kept + (kept < 0 ? -0.5 : 0.5);
      }
    }
  }
  return integers;
}

/** The real values: scale * q, with one scale or one per channel along `axis`. */
export function dequantizeWith(
  integers: Int8Array,
  shape: readonly number[],
  axis: number | null,
  scales: Float32Array,
): Float32Array {
  const { outer, channels, inner } = stridesAlong(shape, axis, integers.length);
  const values = new Float32Array(integers.length);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (let channel = 0; channel < channels; channel++) {
      const scale = scales[channel]!;
      for (const end = at + inner; at < end; at++) values[at] = scale * integers[at]!;
    }
  }
  return values;
}
