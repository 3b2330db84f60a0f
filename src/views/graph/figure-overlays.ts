/** Figures of operators as overlays: what is computed from the model, and what was imported. */
import { formatBytes, formatCount, formatNumber, formatPercent } from '../../core/format';
import type { SubgraphMetrics } from '../../core/graph/metrics';
import { figuresByOperator, type NodeDataSet } from '../../core/graph/node-data';
import { knownColors, type Overlay, type Scale } from './overlay';

/** Overlays that come from `SubgraphMetrics`. */
export const figureKeys = ['bytes', 'parameters', 'macs', 'macsPerByte', 'sparsity', 'dtype'] as const;
export type FigureKey = (typeof figureKeys)[number];

/** What they are called in the choice of overlays. */
export const figureLabels: Readonly<Record<FigureKey, string>> = {
  bytes: 'bytes',
  parameters: 'parameters',
  macs: 'MACs',
  macsPerByte: 'MACs per byte',
  sparsity: 'sparsity',
  dtype: 'weight type',
};

/** The greatest figure over the least from which the logarithm is shown: two decades. */
const LOG_FROM = 100;
/** A logarithmic scale spans this much at most; what is smaller looks like nothing. */
const LOG_SPAN = 1e5;

/** A sequential scale for figures of 0 and up, logarithmic where they span two decades or more. */
export function rampFor(values: Iterable<number>): Extract<Scale, { readonly kind: 'ramp' }> {
  let [least, most] = [Infinity, 0];
  for (const value of values) {
    if (!Number.isFinite(value) || value <= 0) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (most === 0) return { kind: 'ramp', none: 0, full: 1, isLog: false };
  if (most / least < LOG_FROM) return { kind: 'ramp', none: 0, full: most, isLog: false };
  return { kind: 'ramp', none: Math.max(least, most / LOG_SPAN), full: most, isLog: true };
}

/** One of the computed figures; operators without it (or without any bytes, values, MACs) have no colour. */
export function figureOverlay(key: FigureKey, metrics: SubgraphMetrics): Overlay {
  switch (key) {
    case 'bytes':
      return summed('Bytes of constants', metrics.bytes, formatBytes);
    case 'parameters':
      return summed('Parameters', metrics.parameters, formatCount);
    case 'macs':
      return summed('MACs', metrics.macs, formatCount);
    case 'macsPerByte': {
      const values = valuesOf(metrics.macsPerByte, (value) => value > 0);
      const format = (value: number) => formatNumber(value, 3);
      return { title: 'MACs per byte', values, scale: rampFor(values.values()), join: 'most', format };
    }
    case 'sparsity':
      return {
        title: 'Zeros among parameters',
        values: valuesOf(metrics.sparsity, () => true),
        scale: { kind: 'ramp', none: 0, full: 1, isLog: false },
        join: 'mean',
        format: (value) => formatPercent(value, value > 0 && value < 0.1 ? 1 : 0),
      };
    case 'dtype':
      return {
        title: 'Type of weights',
        values: valuesOf(metrics.dtypeOf, (value) => value >= 0),
        scale: { kind: 'categories', names: metrics.dtypes },
        join: 'alike',
        format: (value) => metrics.dtypes[value] ?? '',
      };
  }
}

/**
 * Imported figures on a graph whose operators have these outputs; colours of the file go before ours, its gradient
 * before its thresholds. As in Model Explorer a gradient spans all figures of the file.
 */
export function dataOverlay(set: NodeDataSet, outputNames: SubgraphMetrics['outputNames']): Overlay {
  const values = figuresByOperator(set, outputNames);
  const [least, most] = [...set.results.values()].reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  const [stops, thresholds] = [knownColors(set.gradient), knownColors(set.thresholds)];
  const scale: Scale =
    stops.length > 0
      ? { kind: 'gradient', least, most, stops }
      : thresholds.length > 0
        ? { kind: 'thresholds', thresholds }
        : least < 0
          ? { kind: 'ramp', none: least, full: most, isLog: false }
          : rampFor(values.values());
  return { title: set.name, values, scale, join: 'most', format: (value) => formatNumber(value, 4) };
}

function summed(title: string, figures: Float64Array, format: (value: number) => string): Overlay {
  const values = valuesOf(figures, (value) => value > 0);
  return { title, values, scale: rampFor(values.values()), join: 'sum', format };
}

function valuesOf(
  figures: Float64Array | Int32Array,
  counts: (value: number) => boolean,
): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  figures.forEach((value, operator) => {
    if (!Number.isNaN(value) && counts(value)) values.set(operator, value);
  });
  return values;
}

/** One row of the table of an overlay. */
export interface FigureRow {
  readonly operator: number;
  readonly kind: string;
  readonly name: string;
  readonly value: number;
  /** Share of the total, 0 to 1; null where figures do not add up. */
  readonly share: number | null;
}

/** Operators with a figure, the greatest first (the least first where less is worse). */
export function figureRows({ values, join }: Overlay, metrics: SubgraphMetrics): FigureRow[] {
  let total = 0;
  if (join === 'sum') for (const value of values.values()) total += value;
  const rows = [...values].map(([operator, value]) => ({
    operator,
    kind: metrics.kinds[operator] ?? '',
    name: metrics.outputNames[operator]?.[0] ?? '',
    value,
    share: join === 'sum' && total > 0 ? value / total : null,
  }));
  const sign = join === 'least' || join === 'first' || join === 'alike' ? 1 : -1;
  // Two infinite figures are equal, not a NaN apart.
  return rows.sort((a, b) => (a.value === b.value ? a.operator - b.operator : sign * (a.value - b.value)));
}
