/** What the plan of a recipe says about each step, for its card. */
import { formatBytes } from '../../core/format';
import type { PassReport } from '../../core/optimize/types';

export interface StepFinding {
  /** What the step does, in a sentence. */
  readonly summary: string;
  /** Size of the file after this step, in words; null when the step does not change any constant. */
  readonly sizeText: string | null;
  /** What it left alone and why, one line for each reason. */
  readonly skipped: readonly string[];
}

/** One finding for each report. Sizes add up from `sizeBytes`, the size of the file that the recipe starts from. */
export function stepFindings(reports: readonly PassReport[], sizeBytes: number): readonly StepFinding[] {
  let size = sizeBytes;
  return reports.map((report) => {
    let change = 0;
    const reasons = new Map<string, number>();
    for (const entry of report.entries) {
      change += (entry.afterBytes ?? 0) - (entry.beforeBytes ?? 0);
      if (entry.action === 'skipped') reasons.set(entry.detail, (reasons.get(entry.detail) ?? 0) + 1);
    }
    size += change;
    return {
      summary: report.summary,
      sizeText: change === 0 ? null : `about ${formatBytes(Math.max(0, size))}`,
      skipped: [...reasons].map(([detail, count]) => (count === 1 ? detail : `${count}: ${detail}`)),
    };
  });
}
