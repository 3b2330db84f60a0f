/** Ranges of many channels as few columns. */
export interface RangeColumn {
  /** Channels `from` to `to`, both included. */
  readonly from: number;
  readonly to: number;
  readonly min: number;
  readonly max: number;
  /** Marked channels among them. */
  readonly marked: readonly number[];
}

/** At most `columns` columns of equally many channels (the last may have fewer), each as wide as its channels reach. */
export function rangeColumns(
  min: ArrayLike<number>,
  max: ArrayLike<number>,
  marked: readonly number[],
  columns: number,
): RangeColumn[] {
  const count = min.length;
  const step = Math.max(1, Math.ceil(count / Math.max(1, columns)));
  const marks = new Map<number, number[]>();
  for (const channel of [...marked].sort((a, b) => a - b)) {
    const column = Math.floor(channel / step);
    marks.set(column, [...(marks.get(column) ?? []), channel]);
  }
  return Array.from({ length: Math.ceil(count / step) }, (_, column) => {
    const from = column * step;
    const to = Math.min(count, from + step) - 1;
    let low = Infinity;
    let high = -Infinity;
    for (let i = from; i <= to; i++) {
      low = Math.min(low, min[i]!);
      high = Math.max(high, max[i]!);
    }
    return { from, to, min: low, max: high, marked: marks.get(column) ?? [] };
  });
}
