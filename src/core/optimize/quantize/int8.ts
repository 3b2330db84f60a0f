/**
 * Weights as symmetric 8-bit integers, the way the official converter rounds: real = scale * q, q in [-127, 127].
 * All arithmetic is float32, so that the integers and scales come out equal to the bit.
 */
import { dequantizeWith, type IntegerWeights, quantizeToRanges } from './weights/scales';

export { weightRanges } from './weights/scales';

/** One scale, or one per channel. */
export type Int8Weights = IntegerWeights;

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
  return quantizeToRanges(values, shape, axis, ranges, 8);
}

/** The real values: scale * q. */
export function dequantizeInt8(
  weights: Int8Weights,
  shape: readonly number[],
  axis: number | null,
): Float32Array {
  return dequantizeWith(weights.values, shape, axis, weights.scales);
}
