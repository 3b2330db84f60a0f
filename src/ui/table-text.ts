/** A table as text for other programs. Cells are taken as they are given. */

export interface TextTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Comma-separated values (RFC 4180, lines end with LF). */
export function toCsv({ header, rows }: TextTable): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [header, ...rows].map((row) => row.map(cell).join(',') + '\n').join('');
}

/** A Markdown table. `alignRight[i]` aligns column i to the right. */
export function toMarkdown({ header, rows }: TextTable, alignRight: readonly boolean[] = []): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll(/\r?\n/g, ' ')).join(' | ')} |\n`;
  const rule = header.map((_, i) => (alignRight[i] ? '---:' : '---'));
  return line(header) + line(rule) + rows.map(line).join('');
}
