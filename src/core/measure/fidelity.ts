/** How far the outputs of two models are apart, summed up one sample at a time. */

export interface FidelitySums {
  /** Adds one pair of values: the original's and the variant's, both real. */
  add(original: number, variant: number): void;
  /** Signal-to-quantization-noise ratio, 10 log10(sum a² / sum (a - b)²): Infinity when equal, -Infinity without signal. */
  sqnrDb(): number;
  /** Cosine of the angle between the two as vectors; 1 when both are zero, 0 when one is. */
  cosine(): number;
  maxAbsError(): number;
  /** These sums and others together. */
  plus(other: FidelitySums): FidelitySums;
  readonly sums: Sums;
}

interface Sums {
  /** Pairs of values. */
  readonly count: number;
  readonly signal: number;
  readonly other: number;
  readonly error: number;
  readonly product: number;
  readonly maxAbsError: number;
}

const nothing: Sums = { count: 0, signal: 0, other: 0, error: 0, product: 0, maxAbsError: 0 };

/**
 * Empty sums. Where both values are the same NaN or infinity they are left out; where only one is, the error is
 * infinite.
 */
export function sumFidelity(start: Sums = nothing): FidelitySums {
  let { count, signal, other, error, product, maxAbsError } = start;
  return {
    add(original, variant) {
      count += 1;
      if (!Number.isFinite(original) || !Number.isFinite(variant)) {
        if (Object.is(original, variant)) return;
        error = Infinity;
        maxAbsError = Infinity;
        return;
      }
      const difference = original - variant;
      signal += original * original;
      other += variant * variant;
      error += difference * difference;
      product += original * variant;
      maxAbsError = Math.max(maxAbsError, Math.abs(difference));
    },
    sqnrDb() {
      if (error === 0) return Infinity;
      return 10 * Math.log10(signal / error);
    },
    cosine() {
      if (error === Infinity) return 0;
      if (error === 0) return 1;
      if (signal === 0 || other === 0) return 0;
      return Math.min(1, product / Math.sqrt(signal * other));
    },
    maxAbsError: () => maxAbsError,
    plus({ sums }) {
      return sumFidelity({
        count: count + sums.count,
        signal: signal + sums.signal,
        other: other + sums.other,
        error: error + sums.error,
        product: product + sums.product,
        maxAbsError: Math.max(maxAbsError, sums.maxAbsError),
      });
    },
    get sums() {
      return { count, signal, other, error, product, maxAbsError };
    },
  };
}
