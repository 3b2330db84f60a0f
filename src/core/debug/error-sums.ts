/** How far values are apart, summed up one sample at a time. */
import type { RealValues } from '../model/dequantize';
import type { ErrorFigures } from './types';

/** Sums for `ErrorFigures`; they do not grow with the number of values. */
export class ErrorSums {
  #count = 0;
  #signal = 0;
  #error = 0;
  #difference = 0;
  #maxAbsError = 0;
  /** Squared error in units of the scale, and the values that have one. */
  #scaledError = 0;
  #scaledCount = 0;

  /**
   * Adds values of an output with this scale (null: none). Where both are the same NaN or infinity they are left out;
   * where only one is, the error is infinite. The lists must be of one length.
   */
  add(original: RealValues, variant: RealValues, scale: number | null): void {
    let signal = 0;
    let error = 0;
    let difference = 0;
    let largest = this.#maxAbsError;
    let skipped = 0;
    for (let i = 0; i < original.length; i++) {
      const a = original[i]!;
      const e = variant[i]! - a;
      if (!(Math.abs(e) < Infinity)) {
        if (Object.is(a, variant[i]!)) skipped += 1;
        else error = largest = Infinity;
        continue;
      }
      signal += a * a;
      error += e * e;
      difference += e;
      const size = Math.abs(e);
      if (size > largest) largest = size;
    }
    this.#count += original.length - skipped;
    this.#signal += signal;
    this.#error += error;
    this.#difference += difference;
    this.#maxAbsError = largest;
    if (scale === null) return;
    this.#scaledError += error / (scale * scale);
    this.#scaledCount += original.length - skipped;
  }

  /** Null when no values were added. */
  figures(): ErrorFigures | null {
    if (this.#count === 0) return null;
    const isScaled = this.#scaledCount > 0;
    return {
      sqnrDb: this.#error === 0 ? Infinity : 10 * Math.log10(this.#signal / this.#error),
      rmse: Math.sqrt(this.#error / this.#count),
      rmsePerScale: isScaled ? Math.sqrt(this.#scaledError / this.#scaledCount) : null,
      meanError: this.#difference / this.#count,
      maxAbsError: this.#maxAbsError,
    };
  }
}
