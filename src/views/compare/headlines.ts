/** The three numbers of a comparison (accuracy, latency, size) in words, for tiles, bars and chips. */
import {
  formatBytes,
  formatChange,
  formatDb,
  formatMs,
  formatPercent,
  formatPoints,
  formatRatio,
} from '../../core/format';
import { plural } from '../../core/format';
import type { Comparison, ModelMeasurement } from '../../core/measure/types';
import { accuracyChange, latencyVerdict, sizeVerdict, type Verdict } from '../../core/measure/verdict';

export interface Headline {
  readonly title: string;
  /** Before and after; null where there is no figure. Lengths of bars, any unit. */
  readonly before: number | null;
  readonly after: number | null;
  readonly beforeText: string;
  readonly afterText: string;
  /** Ends of the interval around `after`, or null. */
  readonly interval: readonly [number, number] | null;
  /** `−0.3 pt`, `2.31× faster`, `−73 %`; null when there is nothing to compare. */
  readonly change: string | null;
  readonly verdict: Verdict;
  /** The interval and other remarks in words. */
  readonly detail: string;
  /** How the figures were obtained. */
  readonly method: string;
}

/** The tile of size, latency and accuracy of one variant against the original, in the order that they are shown. */
export function headlines(comparison: Comparison, variant: ModelMeasurement): Headline[] {
  const original = comparison.models[0]!;
  return [
    accuracyHeadline(comparison, original, variant),
    latencyHeadline(original, variant),
    sizeHeadline(original, variant),
  ];
}

const dash = '–';

function accuracyHeadline(
  comparison: Comparison,
  original: ModelMeasurement,
  variant: ModelMeasurement,
): Headline {
  const measured = `measured here, ${plural(comparison.samples, comparison.isRandom ? 'random sample' : 'sample')}`;
  const change = accuracyChange(original, variant, comparison.labels, comparison.samples);
  if (original.top1 !== null || variant.top1 !== null) {
    const basis =
      change === null
        ? ''
        : change.gained === null
          ? `, ±${(200 * change.standardError).toFixed(1)} pt at two standard errors`
          : `; ${change.gained} gained, ${change.lost ?? 0} lost, judged by McNemar’s test at 5 %`;
    return {
      title: 'Accuracy',
      before: original.top1,
      after: variant.top1,
      beforeText: original.top1 === null ? dash : formatPercent(original.top1),
      afterText: variant.top1 === null ? dash : formatPercent(variant.top1),
      interval:
        change && variant.top1 !== null
          ? [
              Math.max(0, variant.top1 - 2 * change.standardError),
              Math.min(1, variant.top1 + 2 * change.standardError),
            ]
          : null,
      change: change && (change.verdict === 'same' ? 'the same' : formatPoints(change.difference)),
      verdict: change?.verdict ?? 'same',
      detail: `top-1${basis}`,
      method: measured,
    };
  }
  const fidelity = variant.sqnrDb === null ? null : `${formatDb(variant.sqnrDb)} SQNR`;
  const agrees = variant.agreement;
  return {
    title: agrees === null ? 'Fidelity' : 'Agreement',
    before: agrees === null ? null : 1,
    after: agrees,
    beforeText: agrees === null ? dash : formatPercent(1),
    afterText: agrees === null ? (fidelity ?? dash) : formatPercent(agrees),
    interval: null,
    change: null,
    verdict: 'same',
    detail: [
      agrees === null ? 'outputs against the original' : 'same answer as the original',
      agrees === null ? null : fidelity,
      variant.cosine === null ? null : `cosine ${variant.cosine.toFixed(4)}`,
    ]
      .filter((line) => line !== null)
      .join(', '),
    method: comparison.isRandom ? `${measured}: says nothing about accuracy` : measured,
  };
}

function latencyHeadline(original: ModelMeasurement, variant: ModelMeasurement): Headline {
  const before = original.latencyMs;
  const after = variant.latencyMs;
  const { speedup } = variant;
  const verdict = speedup ? latencyVerdict(speedup) : 'same';
  const ratio = speedup
    ? speedup.ratio >= 1
      ? `${formatRatio(speedup.ratio)} faster`
      : `${formatRatio(1 / speedup.ratio)} slower`
    : null;
  return {
    title: 'Latency',
    before: before?.median ?? null,
    after: after?.median ?? null,
    beforeText: before ? formatMs(before.median) : dash,
    afterText: after ? formatMs(after.median) : dash,
    interval: after ? [after.p10, after.p90] : null,
    change: ratio,
    verdict,
    detail: speedup
      ? `median; ratio ${formatRatio(speedup.low)} to ${formatRatio(speedup.high)} (${formatPercent(speedup.confidence, 0)} interval)`
      : 'median of one run',
    method: after ? `measured here, ${variant.engine} ${variant.backend}` : 'not measured',
  };
}

function sizeHeadline(original: ModelMeasurement, variant: ModelMeasurement): Headline {
  return {
    title: 'Size',
    before: original.sizeBytes,
    after: variant.sizeBytes,
    beforeText: formatBytes(original.sizeBytes),
    afterText: formatBytes(variant.sizeBytes),
    interval: null,
    change: formatChange(original.sizeBytes, variant.sizeBytes),
    verdict: sizeVerdict(original.sizeBytes, variant.sizeBytes),
    detail: `file; gzip ${formatBytes(original.gzipBytes)} to ${formatBytes(variant.gzipBytes)}`,
    method: 'computed from the file',
  };
}

/** The change with its verdict, so that colour is never alone: `−0.3 pt, within noise`. */
export function changeText(headline: Headline): string | null {
  return headline.change && headline.verdict === 'noise'
    ? `${headline.change}, within noise`
    : headline.change;
}

/** Tone of the chip that shows the change. */
export function changeTone(headline: Headline): 'good' | 'bad' | 'neutral' {
  return headline.verdict === 'better' ? 'good' : headline.verdict === 'worse' ? 'bad' : 'neutral';
}
