/** A debug report as JSON with keys that stay; docs/cli.md describes them. */
import { medianSqnrDb } from './rank';
import { debugRows } from './table';
import type { DebugReport, ErrorFigures } from './types';

/**
 * The report as a plain JSON value, operators in the order of the original. JSON has no infinity: `sqnrDb` is null where
 * values are equal (then `identical` is true) or where there is nothing but error.
 */
export function debugToJson(report: DebugReport): object {
  const rows = debugRows(report, 'depth').sort((a, b) => a.operator - b.operator);
  return {
    samples: report.samples,
    outputs: report.outputs.map(({ name, sqnrDb }) => ({ name, ...sqnrToJson(sqnrDb) })),
    medianSqnrDb: finite(medianSqnrDb(report)),
    operators: rows.map(({ local, accumulated, ...row }) => ({
      ...row,
      local: local === null ? null : figuresToJson(local),
      accumulated: figuresToJson(accumulated),
    })),
  };
}

/** An SQNR in dB as `sqnrDb` and `identical`. */
export function sqnrToJson(sqnrDb: number): {
  readonly sqnrDb: number | null;
  readonly identical: boolean;
} {
  return { sqnrDb: finite(sqnrDb), identical: sqnrDb === Infinity };
}

function figuresToJson({ sqnrDb, rmse, rmsePerScale, meanError, maxAbsError }: ErrorFigures): object {
  return {
    ...sqnrToJson(sqnrDb),
    rmse: finite(rmse),
    rmsePerScale: finite(rmsePerScale),
    meanError: finite(meanError),
    maxAbsError: finite(maxAbsError),
  };
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
