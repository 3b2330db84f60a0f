/** When a difference between two models is more than chance. */
import type { ModelMeasurement, RatioInterval } from './types';

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

/** Differences that chance alone gives in more than this share of cases are noise. */
const SIGNIFICANCE = 0.05;

/**
 * Both models answer the same samples, so only those count on which they disagree: with `g` samples gained, `l` lost
 * and `n` in all, the difference is d = (g - l) / n and its standard error sqrt(g + l - (g - l)^2 / n) / n. It is
 * noise unless the exact McNemar test (a fair coin thrown g + l times, both sides) gives less than 5 %: that holds for
 * few samples too, where two standard errors promise too much (five lost and none gained are still noise).
 * Without the single predictions the samples count as independent: the standard error is
 * sqrt((p(1 - p) + q(1 - q)) / n), and up to two of them are noise.
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
    const difference = variant.top1 - original.top1;
    const standardError = Math.sqrt(spread / samples);
    const isNoise = Math.abs(difference) <= 2 * standardError;
    return { difference, standardError, gained: null, lost: null, verdict: judge(difference, isNoise) };
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
  return {
    difference: net / samples,
    standardError: Math.sqrt(gained + lost - net ** 2 / samples) / samples,
    gained,
    lost,
    verdict: judge(net, coinChance(gained, lost) >= SIGNIFICANCE),
  };
}

function judge(difference: number, isNoise: boolean): Verdict {
  if (difference === 0) return 'same';
  if (isNoise) return 'noise';
  return difference > 0 ? 'better' : 'worse';
}

/** Chance that a fair coin thrown `heads + tails` times falls at least as unevenly as that, to either side. */
function coinChance(heads: number, tails: number): number {
  const throws = heads + tails;
  // By logarithms, for 2^-throws is too small a number beyond a thousand throws.
  let logTerm = -throws * Math.LN2;
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= Math.min(heads, tails); i++) {
    logTerm += Math.log((throws - i + 1) / i);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, 2 * sum);
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
