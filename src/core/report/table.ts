/** A comparison as rows and columns, the common ground of the Markdown, CSV and text reports. */
import {
  formatBytes,
  formatChange,
  formatCount,
  formatDb,
  formatMs,
  formatPercent,
  formatPoints,
  formatRatio,
} from '../format';
import type { Comparison, ModelMeasurement } from '../measure/types';
import { accuracyChange, latencyVerdict } from '../measure/verdict';
import type { AccuracyChange } from '../measure/verdict';

export interface ReportColumn {
  /** Heading for people. */
  readonly title: string;
  /** Heading for machines: the figure's key in the JSON report. */
  readonly key: string;
  readonly isNumber: boolean;
  /** For people. */
  text(model: ModelMeasurement): string;
  /** For machines, null where there is no figure. */
  value(model: ModelMeasurement): string | number | null;
}

/** Columns that have a figure for at least one model. */
export function comparisonColumns(comparison: Comparison): readonly ReportColumn[] {
  const { models } = comparison;
  return columns(comparison).filter(
    (column, i) => i === 0 || models.some((model) => column.value(model) !== null),
  );
}

function columns({ models: [original], labels, samples }: Comparison): readonly ReportColumn[] {
  return [
    { title: 'Model', key: 'name', isNumber: false, text: ({ name }) => name, value: ({ name }) => name },
    figure(
      'Size',
      'sizeBytes',
      ({ sizeBytes }) => sizeBytes,
      (sizeBytes, model) =>
        formatBytes(sizeBytes) +
        (original && original !== model ? ` (${formatChange(original.sizeBytes, sizeBytes)})` : ''),
    ),
    figure('Gzip', 'gzipBytes', ({ gzipBytes }) => gzipBytes, formatBytes),
    figure('Parameters', 'parameters', ({ parameters }) => parameters, formatCount),
    figure('Non-zero', 'nonZeroParameters', ({ nonZeroParameters }) => nonZeroParameters, formatCount),
    figure('MACs', 'macs', ({ macs }) => macs, formatCount),
    figure(
      'Latency',
      'latencyMs',
      ({ latencyMs }) => latencyMs?.median ?? null,
      (median, { latencyMs }) =>
        `${formatMs(median)} (${formatMs(latencyMs!.p10)} to ${formatMs(latencyMs!.p90)})`,
    ),
    figure(
      'Speed-up',
      'speedup',
      ({ speedup }) => speedup?.ratio ?? null,
      (ratio, { speedup }) =>
        `${formatRatio(ratio)} (${formatRatio(speedup!.low)} to ${formatRatio(speedup!.high)}${
          latencyVerdict(speedup!) === 'noise' ? ', within noise' : ''
        })`,
    ),
    figure(
      'Top-1',
      'top1',
      ({ top1 }) => top1,
      (share, model) =>
        formatPercent(share) +
        (original && original !== model
          ? changeInWords(accuracyChange(original, model, labels, samples))
          : ''),
    ),
    figure(
      'Top-5',
      'top5',
      ({ top5 }) => top5,
      (share) => formatPercent(share),
    ),
    figure('Correct', 'correct', ({ correct }) => correct, String),
    figure(
      'Agreement',
      'agreement',
      ({ agreement }) => agreement,
      (share) => formatPercent(share),
    ),
    figure('SQNR', 'sqnrDb', ({ sqnrDb }) => sqnrDb, formatDb),
    figure(
      'Cosine',
      'cosine',
      ({ cosine }) => cosine,
      (cosine) => cosine.toFixed(6),
    ),
    {
      title: 'Failure',
      key: 'failure',
      isNumber: false,
      text: ({ failure }) => failure?.message ?? '',
      value: ({ failure }) => failure?.message ?? null,
    },
  ];
}

function changeInWords(change: AccuracyChange | null): string {
  if (change === null) return '';
  if (change.verdict === 'same') return ' (±0 pt)';
  return ` (${formatPoints(change.difference)}${change.verdict === 'noise' ? ', within noise' : ''})`;
}

function figure(
  title: string,
  key: string,
  value: (model: ModelMeasurement) => number | null,
  text: (value: number, model: ModelMeasurement) => string,
): ReportColumn {
  return {
    title,
    key,
    isNumber: true,
    value,
    text: (model) => {
      const found = value(model);
      return found === null ? '' : text(found, model);
    },
  };
}
