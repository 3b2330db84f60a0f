/** What was done to make a variant, tensor by tensor, as rows of one table. */
import { passes } from '../../core/optimize/passes';
import type { PassReport, ReportEntry } from '../../core/optimize/types';

export interface ReportRow extends ReportEntry {
  /** `2 · Prune by magnitude`. */
  readonly step: string;
}

export type ReportFilter = 'all' | 'done' | 'skipped';

export const stepTitle = (report: PassReport, index: number) =>
  `${index + 1} · ${passes[report.pass]?.title ?? report.pass}`;

/** All entries of all steps in order. */
export function reportRows(reports: readonly PassReport[], filter: ReportFilter): readonly ReportRow[] {
  return reports.flatMap((report, index) => {
    const step = stepTitle(report, index);
    return report.entries
      .filter(({ action }) => filter === 'all' || (action === 'skipped') === (filter === 'skipped'))
      .map((entry) => ({ ...entry, step }));
  });
}
