/** Rows of cells (RFC 4180: quotes, doubled quotes, line breaks inside quotes); commas, or semicolons or tabs where the first line has no comma. */
export function parseCsv(text: string): string[][] {
  const source = text.replace(/^\uFEFF/, '');
  const firstLine = /^[^\r\n]*/.exec(source)![0];
  const separator = [',', ';', '\t'].find((mark) => firstLine.includes(mark)) ?? ',';
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < source.length; i++) {
    const mark = source[i]!;
    if (quoted) {
      if (mark !== '"') cell += mark;
      else if (source[i + 1] === '"') cell += source[++i]!;
      else quoted = false;
    } else if (mark === '"' && cell.trim() === '') {
      cell = '';
      quoted = true;
    } else if (mark === separator) {
      row.push(cell);
      cell = '';
    } else if (mark === '\n' || mark === '\r') {
      if (mark === '\r' && source[i + 1] === '\n') i++;
      rows.push([...row, cell]);
      row = [];
      cell = '';
    } else cell += mark;
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell]);
  return rows;
}
