/**
 * Weights as symmetric 8-bit integers, the way the official converter rounds: real = scale * q, q in [-127, 127].
 * All arithmetic is float32, so that the integers and scales come out equal to the bit.
 */

/** Narrower ranges are widened to this, so that no scale is zero or subnormal (runtimes refuse those). */
const NARROWEST_RANGE = Math.fround(5e-7);
const LARGEST = 127;

export interface Int8Weights {
  readonly values: Int8Array;
  /** One scale, or one per channel. */
  readonly scales: Float32Array;
}

/** Sizes around an axis: `outer` blocks of `channels` runs of `inner` values. Without axis: one channel. */
interface Strides {
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
}

function stridesAlong(shape: readonly number[], axis: number | null, length: number): Strides {
  if (axis === null) return { outer: 1, channels: 1, inner: length };
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  return {
    outer: product(shape.slice(0, axis)),
    channels: shape[axis]!,
    inner: product(shape.slice(axis + 1)),
  };
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
 * Rounds weights to int8 with the ranges of `weightRanges` for the same axis: scale = range / 127, and
 * q = w * (127 / range) rounded half away from zero.
 */
export function quantizeInt8(
  values: Float32Array,
  shape: readonly number[],
  axis: number | null,
  ranges: Float32Array,
): Int8Weights {
  const { outer, channels, inner } = stridesAlong(shape, axis, values.length);
  const scales = new Float32Array(channels);
  const inverses = new Float32Array(channels);
  ranges.forEach((measured, channel) => {
    const range = Math.max(measured, NARROWEST_RANGE);
    scales[channel] = range / LARGEST;
    inverses[channel] = LARGEST / range;
  });
  const quantized = new Int8Array(values.length);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (let channel = 0; channel < channels; channel++) {
      const inverse = inverses[channel]!;
      for (const end = at + inner; at < end; at++) {
        const scaled = Math.fround(values[at]! * inverse);
        // No clamp: |w| <= range, so the product passes 127 by float32 rounding at most.
        quantized[at] = (scaled + (scaled < 0 ? -0.5 : 0.5)) | 0;
      }
    }
  }
  return { values: quantized, scales };
}

/** The real values: scale * q. */
export function dequantizeInt8(
  weights: Int8Weights,
  shape: readonly number[],
  axis: number | null,
): Float32Array {
  const { outer, channels, inner } = stridesAlong(shape, axis, weights.values.length);
  const values = new Float32Array(weights.values.length);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (let channel = 0; channel < channels; channel++) {
      const scale = weights.scales[channel]!;
      for (const end = at + inner; at < end; at++) values[at] = scale * weights.values[at]!;
    }
  }
  return values;
}
