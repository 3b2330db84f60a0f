/** The points of a search as rows of a table, and the sensitivities of layers as a matrix. */
import { formatBytes, formatDb, formatMs, formatPercent } from '../../core/format';
import type { Scheme, SearchPoint, SearchResult, Sensitivity } from '../../core/optimize/search/types';

type Figure = (point: SearchPoint) => number | null;

function figures(key: string, label: string, value: Figure, format: (value: number) => string) {
  return {
    key,
    label,
    align: 'right' as const,
    value,
    text: (point: SearchPoint) => {
      const figure = value(point);
      return figure === null ? '–' : format(figure);
    },
  };
}

const all = [
  { key: 'name', label: 'Model', value: (point: SearchPoint) => point.name },
  figures('size', 'File', (point) => point.sizeBytes, formatBytes),
  figures('latency', 'Median', (point) => point.latencyMs, formatMs),
  figures('top1', 'Top-1', (point) => point.top1, formatPercent),
  figures('agreement', 'Agreement', (point) => point.agreement, formatPercent),
  figures('sqnr', 'SQNR', (point) => point.sqnrDb, formatDb),
];

/** Columns that have any figure. */
export function pointColumns({ points }: SearchResult) {
  return all.filter(({ value }) => points.some((point) => value(point) !== null));
}

/** What a point is worth: top-1 where there are labels, else SQNR in dB. */
export function worthOf(result: SearchResult, point: Pick<SearchPoint, 'top1' | 'sqnrDb'>): number {
  return isByTop1(result) ? (point.top1 ?? 0) : Math.min(100, point.sqnrDb);
}

export function isByTop1({ original }: SearchResult): boolean {
  return original.top1 !== null;
}

/** One layer: SQNR in dB of the outputs by scheme, with only this layer changed. */
export interface LayerRow {
  readonly operator: number;
  readonly kind: string;
  readonly name: string;
  readonly sqnrDb: Readonly<Partial<Record<Scheme, number>>>;
}

export function layerRows(sensitivities: readonly Sensitivity[]): LayerRow[] {
  const rows = new Map<number, LayerRow>();
  for (const { operator, kind, name, scheme, sqnrDb } of sensitivities) {
    const row = rows.get(operator) ?? { operator, kind, name, sqnrDb: {} };
    rows.set(operator, { ...row, sqnrDb: { ...row.sqnrDb, [scheme]: sqnrDb } });
  }
  return [...rows.values()].sort((a, b) => a.operator - b.operator);
}

export function layerColumns(sensitivities: readonly Sensitivity[]) {
  const used = [...new Set(sensitivities.map(({ scheme }) => scheme))];
  return [
    { key: 'layer', label: 'Layer', value: (row: LayerRow) => `${row.kind} ${row.operator}` },
    {
      key: 'name',
      label: 'Name',
      value: (row: LayerRow) => row.name,
      text: ({ name }: LayerRow) => (name.length <= 36 ? name : `…${name.slice(-35)}`),
    },
    ...used.map((scheme) => ({
      key: scheme,
      label: scheme,
      align: 'right' as const,
      value: (row: LayerRow) => row.sqnrDb[scheme] ?? null,
      text: (row: LayerRow) => {
        const value = row.sqnrDb[scheme];
        return value === undefined ? '–' : formatDb(value);
      },
    })),
  ];
}
