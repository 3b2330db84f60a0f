import type { Comparison } from '../measure/types';
import { comparisonColumns } from './table';

/** The comparison as CSV (RFC 4180): headed by the keys of the JSON report, one row a model, bare figures (latency is the median in ms), `inf` for an SQNR without error. */
export function comparisonToCsv(comparison: Comparison): string {
  const columns = comparisonColumns(comparison);
  const rows = [
    columns.map(({ key }) => key),
    ...comparison.models.map((model) => columns.map((column) => formatValue(column.value(model)))),
  ];
  return rows.map((row) => `${row.map(quote).join(',')}\r\n`).join('');
}

function formatValue(value: string | number | null): string {
  if (value === null) return '';
  if (value === Infinity) return 'inf';
  return value === -Infinity ? '-inf' : String(value);
}

/** Cells that a spreadsheet would take for a formula get a leading quote mark. */
function quote(cell: string): string {
  const safe = /^[=+@\t]/.test(cell) || /^-(?!\d|inf)/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
