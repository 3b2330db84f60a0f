/** The plan of a recipe, operator by operator, as rows of a table. */
import { passes } from '../../core/optimize/passes';
import type { OperatorMatch, PassReport, ReportEntry } from '../../core/optimize/types';
import { reportRows, type ReportFilter, type ReportRow } from './report-rows';

export interface PlanRow extends ReportRow {
  readonly pass: string;
  /** Speaks of the row's operator in an override; null where the recipe makes it on the way. */
  readonly match: OperatorMatch | null;
  /** Tells rows apart across plans. */
  readonly key: string;
}

/** All entries of all steps in order. */
export function planRows(reports: readonly PassReport[], filter: ReportFilter): readonly PlanRow[] {
  return reports.flatMap((report, index) =>
    reportRows([report], filter).map((row) => ({
      ...row,
      step: `${index + 1} · ${passes[report.pass]?.title ?? report.pass}`,
      pass: report.pass,
      match: matchOf(row),
      key: `${index} ${row.subgraph} ${row.originalOperator} ${row.tensor}`,
    })),
  );
}

function matchOf({ subgraph, originalOperator = null, kind }: ReportEntry): OperatorMatch | null {
  if (originalOperator === null) return null;
  return { subgraph, operator: originalOperator, ...(kind === null || kind === '' ? {} : { kind }) };
}
