/** A debug report as node data of Model Explorer, which colours the operators of a graph by a figure. */
import type { DebugReport } from './types';
import { debugColumns, debugRows } from './table';

/**
 * Node data for one graph (`NodeDataProviderGraphData` of google-ai-edge/model-explorer,
 * src/ui/src/components/visualizer/common/types.ts): one figure for each operator. A file holds one metric.
 */
export interface NodeData {
  /** What Model Explorer calls it. */
  readonly name: string;
  /** By the name of an output tensor of the operator. */
  readonly results: Readonly<Record<string, { readonly value: number }>>;
  /** Colours from the least (stop 0) to the greatest value (stop 1). */
  readonly gradient: readonly { readonly stop: number; readonly bgColor: string }[];
}

export interface NodeDataFile {
  /** Key of the metric, one of `debugColumns`. */
  readonly metric: string;
  readonly data: NodeData;
}

const BAD = '#ef5350';
const MIDDLE = '#fff59d';
const GOOD = '#66bb6a';

/** Figures that are worth a colour, and whether a greater one is better. */
const METRICS = [
  { key: 'localSqnrDb', isGreaterBetter: true },
  { key: 'accumulatedSqnrDb', isGreaterBetter: true },
  { key: 'share', isGreaterBetter: false },
  { key: 'rmsePerScale', isGreaterBetter: false },
  { key: 'rangeUsed', isGreaterBetter: true },
  { key: 'saturated', isGreaterBetter: false },
] as const;

/**
 * The report as node data for the graph of the original model, one file for each metric that any operator has.
 * Operators without a figure, or with an infinite one (no error at all), have no colour; nor have those whose output
 * has no name or one that an earlier operator has too.
 */
export function debugNodeData(report: DebugReport, modelName: string): NodeDataFile[] {
  const rows = debugRows(report, 'depth');
  return METRICS.flatMap(({ key, isGreaterBetter }) => {
    const column = debugColumns.find((one) => one.key === key)!;
    const results = new Map<string, { readonly value: number }>();
    for (const row of rows) {
      const value = column.value(row);
      if (typeof value !== 'number' || !Number.isFinite(value)) continue;
      if (row.name !== '' && !results.has(row.name)) results.set(row.name, { value });
    }
    if (results.size === 0) return [];
    const colours = isGreaterBetter ? [BAD, MIDDLE, GOOD] : [GOOD, MIDDLE, BAD];
    const unit = column.unit === null ? '' : ` (${column.unit})`;
    return [
      {
        metric: key,
        data: {
          name: `${modelName}: ${column.title}${unit}`,
          results: Object.fromEntries(results),
          gradient: colours.map((bgColor, i) => ({ stop: i / (colours.length - 1), bgColor })),
        },
      },
    ];
  });
}
