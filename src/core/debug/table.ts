/** A debug report as rows and columns, the common ground of the page and the command line. */
import { formatDb, formatNumber, formatPercent } from '../format';
import { shareWords } from '../lint/words';
import { compareDb, noiseShares } from './rank';
import type { DebugReport, OperatorDebug } from './types';

export interface DebugRow extends OperatorDebug {
  /** Share in the error that all operators add, 0 to 1 (`noiseShares`). */
  readonly share: number;
}

export interface DebugColumn {
  /** Heading for machines: the figure's key in the JSON report. */
  readonly key: string;
  /** Heading for people. */
  readonly title: string;
  readonly isNumber: boolean;
  /** Unit of `value`, or null. */
  readonly unit: string | null;
  /** For people; empty where there is no figure. */
  text(row: DebugRow): string;
  /** For machines, null where there is no figure. */
  value(row: DebugRow): string | number | null;
}

/** In the order in which they are shown. */
export const debugColumns: readonly DebugColumn[] = [
  figure('operator', 'Operator', null, ({ operator }) => operator, String),
  words('kind', 'Kind', ({ kind }) => kind),
  words('name', 'Name', ({ name }) => name),
  words('dtype', 'Type', ({ dtype }) => dtype),
  figure('localSqnrDb', 'Local SQNR', 'dB', ({ local }) => local?.sqnrDb ?? null, formatDb),
  figure('accumulatedSqnrDb', 'Accumulated SQNR', 'dB', ({ accumulated }) => accumulated.sqnrDb, formatDb),
  figure('share', 'Share of error', null, ({ share }) => share, shareWords),
  figure(
    'rmsePerScale',
    'RMSE/scale',
    null,
    ({ local }) => local?.rmsePerScale ?? null,
    (value) => formatNumber(value, 3),
  ),
  figure('rangeUsed', 'Range used', null, ({ rangeUsed }) => rangeUsed, formatPercent),
  figure('saturated', 'Saturated', null, ({ saturated }) => saturated, shareWords),
];

/** What rows are sorted by. */
export const debugOrders = ['depth', 'local', 'accumulated', 'share'] as const;
export type DebugOrder = (typeof debugOrders)[number];

/**
 * The operators of a report as rows: by `depth` from the inputs on, by `local` or `accumulated` SQNR the lowest first, by
 * `share` the greatest first. Those without the figure come last, equals in the order of the original.
 */
export function debugRows(report: DebugReport, order: DebugOrder): DebugRow[] {
  const shares = noiseShares(report);
  const rows = report.operators.map((operator) => ({ ...operator, share: shares.get(operator.operator)! }));
  return rows.sort(comparisons[order]);
}

const comparisons: Readonly<Record<DebugOrder, (a: DebugRow, b: DebugRow) => number>> = {
  depth: (a, b) => a.depth - b.depth,
  local: (a, b) => compareDb(a.local?.sqnrDb ?? Infinity, b.local?.sqnrDb ?? Infinity),
  accumulated: (a, b) => compareDb(a.accumulated.sqnrDb, b.accumulated.sqnrDb),
  share: (a, b) => b.share - a.share,
};

function words(key: string, title: string, value: (row: DebugRow) => string): DebugColumn {
  return { key, title, isNumber: false, unit: null, text: value, value };
}

function figure(
  key: string,
  title: string,
  unit: string | null,
  value: (row: DebugRow) => number | null,
  text: (value: number) => string,
): DebugColumn {
  return {
    key,
    title,
    isNumber: true,
    unit,
    value,
    text: (row) => {
      const found = value(row);
      return found === null ? '' : text(found);
    },
  };
}
