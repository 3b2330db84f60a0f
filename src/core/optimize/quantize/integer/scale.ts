/** Scale and zero point of activations from their range. */
import { roundHalfAwayFromZero } from '../../../model/numeric';
import type { ValueRange } from '../../calibrate/types';
import type { ActivationType } from './settings';

/** How real values become integers: real = scale * (q - zeroPoint). */
export interface TensorScale {
  readonly dtype: ActivationType;
  /** A float32 above zero. */
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Narrower ranges are widened to this (the official converter's bound), so that no scale is zero or subnormal. */
const NARROWEST_RANGE = 1e-6;
const LEVELS = 255;
const LARGEST_8 = 127;
const LARGEST_16 = 32767;

/**
 * INT8: asymmetric, scale = (max - min) / 255, zero point = round(-128 - min / scale), clamped to [-128, 127]; the range is first
 * widened to hold 0;
 * with `isSymmetric` scale = max(|min|, |max|) / 127 and zero point 0. INT16: symmetric, scale = max(|min|, |max|) / 32767. Scales are float32. (TensorFlow Lite's 8-bit
 * quantization specification, and `GetAsymmetricQuantizationParams` of its quantizer.)
 */
export function scaleFor(range: ValueRange, dtype: ActivationType, isSymmetric = false): TensorScale {
  let min = Math.min(0, Math.fround(range.min));
  let max = Math.max(0, Math.fround(range.max));
  if (max - min < NARROWEST_RANGE) {
    if (max > -min) max = NARROWEST_RANGE;
    else if (min < 0) min = -NARROWEST_RANGE;
    else max = NARROWEST_RANGE;
  }
  if (dtype === 'INT16') {
    return { dtype, scale: Math.fround(Math.max(-min, max) / LARGEST_16), zeroPoint: 0 };
  }
  if (isSymmetric) return { dtype, scale: Math.fround(Math.max(-min, max) / LARGEST_8), zeroPoint: 0 };
  const scale = Math.fround((max - min) / LEVELS);
  const zeroPoint = roundHalfAwayFromZero(-128 - min / scale);
  return { dtype, scale, zeroPoint: Math.min(127, Math.max(-128, zeroPoint)) };
}

/** Whether two scales make the same integers of the same values. */
export function isSameScale(a: TensorScale, b: TensorScale): boolean {
  return a.dtype === b.dtype && a.scale === b.scale && a.zeroPoint === b.zeroPoint;
}

/** Lowest and highest integer of an activation type. */
export function integerBounds(dtype: ActivationType): readonly [number, number] {
  return dtype === 'INT8' ? [-128, 127] : [-32768, 32767];
}

/** Real values to integers, rounded half away from zero and clamped. NaN becomes the zero point. */
export function quantizeValues(values: ArrayLike<number>, to: TensorScale): Int8Array | Int16Array {
  const [low, high] = integerBounds(to.dtype);
  const result = to.dtype === 'INT8' ? new Int8Array(values.length) : new Int16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const q = Number.isNaN(value) ? to.zeroPoint : roundHalfAwayFromZero(value / to.scale) + to.zeroPoint;
    result[i] = q < low ? low : q > high ? high : q;
  }
  return result;
}
