/** When a difference between two models is more than chance. */
import type { ModelMeasurement, RatioInterval } from '../../core/measure/types';

export type Verdict = 'better' | 'worse' | 'noise' | 'same';

/** Change of top-1 from the original to a variant, as a fraction of samples. */
export interface AccuracyChange {
  readonly difference: number;
  /** Standard error of `difference`. */
  readonly standardError: number;
  /** Samples that only the variant gets right, and that only the original gets right; null without predictions. */
  readonly gained: number | null;
  readonly lost: number | null;
  readonly verdict: Verdict;
}

/**
 * Both models answer the same samples, so the difference is judged on the pairs that disagree (as in McNemar's
 * test): with `g` samples gained, `l` lost and `n` in all, the difference is d = (g - l) / n and its standard error
 * sqrt(g + l - (g - l)^2 / n) / n. It is noise while |d| <= 2 standard errors.
 * Without the single predictions the samples count as independent: sqrt((p(1 - p) + q(1 - q)) / n).
 * Null where either accuracy is not known.
 */
export function accuracyChange(
  original: ModelMeasurement,
  variant: ModelMeasurement,
  labels: Int32Array | null,
  samples: number,
): AccuracyChange | null {
  if (original.top1 === null || variant.top1 === null || samples === 0) return null;
  const { predictions: before } = original;
  const { predictions: after } = variant;
  if (!labels || !before || !after) {
    const spread = original.top1 * (1 - original.top1) + variant.top1 * (1 - variant.top1);
    return judged(variant.top1 - original.top1, Math.sqrt(spread / samples), null, null);
  }
  let gained = 0;
  let lost = 0;
  labels.forEach((label, i) => {
    const was = before[i] === label;
    const is = after[i] === label;
    if (is && !was) gained++;
    if (was && !is) lost++;
  });
  const net = gained - lost;
  const error = Math.sqrt(gained + lost - net ** 2 / samples) / samples;
  return judged(net / samples, error, gained, lost);
}

function judged(
  difference: number,
  standardError: number,
  gained: number | null,
  lost: number | null,
): AccuracyChange {
  const verdict: Verdict =
    difference === 0
      ? 'same'
      : Math.abs(difference) <= 2 * standardError
        ? 'noise'
        : difference > 0
          ? 'better'
          : 'worse';
  return { difference, standardError, gained, lost, verdict };
}

/** A latency ratio is noise while its interval holds 1. */
export function latencyVerdict(speedup: RatioInterval): Verdict {
  if (speedup.low <= 1 && speedup.high >= 1) return 'noise';
  return speedup.ratio > 1 ? 'better' : 'worse';
}

/** Sizes are exact: any difference counts. */
export function sizeVerdict(before: number, after: number): Verdict {
  return after === before ? 'same' : after < before ? 'better' : 'worse';
}
