/** Real values as a variant's tensor keeps them, and how well its integers suit them. */
import type { RealValues } from '../model/dequantize';
import { scaleInfo } from '../model/tensors';
import type { Tensor, TensorType } from '../model/types';
import { integerBounds, quantizeValues, type TensorScale } from '../optimize/quantize/integer/scale';
import type { TensorValues } from '../tensor-data';

/** Unsigned integers are signed ones moved by this. */
const UNSIGNED_SHIFT = 128;

/** The one scale of an int8, uint8 or int16 tensor; uint8 as the int8 with the same values. Null for all others. */
export function activationScale(tensor: Tensor): TensorScale | null {
  const { type } = tensor;
  if (type !== 'INT8' && type !== 'UINT8' && type !== 'INT16') return null;
  const info = scaleInfo(tensor);
  const scale = info?.scale[0];
  if (info?.scale.length !== 1 || !(scale! > 0)) return null;
  const [zeroPoint] = info.zeroPoint;
  return type === 'UINT8'
    ? { dtype: 'INT8', scale: scale!, zeroPoint: zeroPoint! - UNSIGNED_SHIFT }
    : { dtype: type, scale: scale!, zeroPoint: zeroPoint! };
}

/** Real values as integers of a tensor with `activationScale`, rounded half away from zero and clamped. */
export function storedValues(values: RealValues, type: TensorType, scale: TensorScale): TensorValues {
  const integers = quantizeValues(values, scale);
  return type === 'UINT8' ? Uint8Array.from(integers, (value) => value + UNSIGNED_SHIFT) : integers;
}

/** What part of an integer range values occupy, summed up over samples. */
export class RangeUse {
  #least = Infinity;
  #greatest = -Infinity;
  #outside = 0;
  #count = 0;
  readonly #low: number;
  readonly #high: number;
  readonly #step: number;

  constructor({ dtype, scale, zeroPoint }: TensorScale) {
    const [low, high] = integerBounds(dtype);
    // A step beyond the last integer is not lost: the 1 of a SOFTMAX with its fixed scale of 1/256 is that far.
    this.#low = scale * (low - zeroPoint - 1);
    this.#high = scale * (high - zeroPoint + 1);
    this.#step = scale;
  }

  /** Adds real values; NaN takes no part. */
  add(values: RealValues): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      this.#count += 1;
      if (value < this.#least) this.#least = value;
      if (value > this.#greatest) this.#greatest = value;
      if (value < this.#low || value > this.#high) this.#outside += 1;
    }
  }

  get count(): number {
    return this.#count;
  }

  get outside(): number {
    return this.#outside;
  }

  /** Share of the range between the least and the greatest value, 0 to 1. */
  get used(): number {
    if (this.#count === 0) return 0;
    const span = Math.min(this.#greatest, this.#high) - Math.max(this.#least, this.#low);
    const whole = this.#high - this.#low - this.#step;
    return Math.min(1, Math.max(0, span + this.#step) / whole);
  }
}
