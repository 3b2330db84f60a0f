/** Which cells of two confusion matrices are worth showing. */

export interface ConfusionCell {
  /** Positions among the shown classes. */
  readonly row: number;
  readonly column: number;
  readonly before: number;
  readonly after: number;
}

export interface ConfusionChange {
  /** Class indexes shown, ascending. */
  readonly classes: readonly number[];
  /** Cells of the shown classes that are not zero in both. */
  readonly cells: readonly ConfusionCell[];
  /** Classes with any change at all. */
  readonly changedClasses: number;
}

/**
 * Picks at most `limit` classes, those whose row and column changed most (ties: the lower index), and their cells.
 * `before` and `after` are row-major counts, row = label, column = answer; time is linear in the matrix.
 */
export function confusionChange(
  classes: number,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  limit: number,
): ConfusionChange {
  const change = new Float64Array(classes);
  // A thousand classes are a million cells, nearly all of them equal: those cost one comparison.
  const cellCount = classes * classes;
  for (let place = 0; place < cellCount; place++) {
    if (before[place] === after[place]) continue;
    const difference = Math.abs((after[place] ?? 0) - (before[place] ?? 0));
    change[Math.floor(place / classes)]! += difference;
    change[place % classes]! += difference;
  }
  const order = Array.from(change.keys()).sort((a, b) => change[b]! - change[a]! || a - b);
  const shown = order.slice(0, limit).sort((a, b) => a - b);
  const cells: ConfusionCell[] = [];
  shown.forEach((label, row) => {
    shown.forEach((answer, column) => {
      const place = label * classes + answer;
      const cell = { row, column, before: before[place] ?? 0, after: after[place] ?? 0 };
      if (cell.before !== 0 || cell.after !== 0) cells.push(cell);
    });
  });
  return { classes: shown, cells, changedClasses: change.filter((value) => value > 0).length };
}
