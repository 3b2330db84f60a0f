/** What the plan of a recipe says about each step, for its card. */
import { formatBytes } from '../../core/format';
import type { PassReport, ReportEntry } from '../../core/optimize/types';
import type { TextTable } from '../../ui/table-text';

/** What was left alone for one reason. */
export interface Skipped {
  readonly reason: string;
  readonly entries: readonly ReportEntry[];
}

export interface StepFinding {
  /** What the step does, in a sentence. */
  readonly summary: string;
  /** Size of the file after this step, in words; null when the step does not change any constant. */
  readonly sizeText: string | null;
  /** What it left alone and why, the most frequent reason first. */
  readonly skipped: readonly Skipped[];
}

/** One finding for each report. Sizes add up from `sizeBytes`, the size of the file that the steps start from. */
export function stepFindings(reports: readonly PassReport[], sizeBytes: number): readonly StepFinding[] {
  let size = sizeBytes;
  return reports.map((report) => {
    let change = 0;
    const reasons = new Map<string, ReportEntry[]>();
    for (const entry of report.entries) {
      change += (entry.afterBytes ?? 0) - (entry.beforeBytes ?? 0);
      if (entry.action === 'skipped')
        reasons.set(entry.detail, [...(reasons.get(entry.detail) ?? []), entry]);
    }
    size += change;
    return {
      summary: report.summary,
      sizeText: change === 0 ? null : `about ${formatBytes(Math.max(0, size))}`,
      skipped: [...reasons]
        .map(([reason, entries]) => ({ reason, entries }))
        .sort((a, b) => b.entries.length - a.entries.length),
    };
  });
}

/** What was left alone as a table for other programs. */
export function skippedTable(skipped: readonly Skipped[]): TextTable {
  return {
    header: ['operator', 'kind', 'name', 'reason'],
    rows: skipped.flatMap(({ reason, entries }) =>
      entries.map(({ operator, kind, name }) => [String(operator ?? ''), kind ?? '', name, reason]),
    ),
  };
}
