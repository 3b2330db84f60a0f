import { plural } from '../format';
import type { Comparison } from '../measure/types';
import { comparisonColumns } from './table';

/** The comparison as a Markdown table with a line on how it was measured. */
export function comparisonToMarkdown(comparison: Comparison): string {
  const columns = comparisonColumns(comparison);
  const rows = [
    columns.map(({ title }) => title),
    columns.map(({ isNumber }) => (isNumber ? '---:' : ':---')),
    ...comparison.models.map((model) => columns.map((column) => escapeCell(column.text(model)))),
  ];
  const table = rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
  const data = `${comparison.dataName}, ${plural(comparison.samples, 'sample')}, scaling ${comparison.scaleRule}`;
  const remarks = [`Data: ${data}.`, comparison.method, ...(comparison.notes ?? [])];
  return `${table}\n\n${remarks.map((remark) => escapeCell(remark)).join('\n')}\n`;
}

function escapeCell(text: string): string {
  return text.replace(/([\\|`*_<>[\]])/g, '\\$1').replace(/\s+/g, ' ');
}
