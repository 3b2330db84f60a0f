/** Where small pictures lie in a grid. All lengths are pixels. */
export interface GridPlan {
  readonly columns: number;
  readonly cell: number;
  readonly cellHeight: number;
  readonly gap: number;
  readonly width: number;
  readonly height: number;
  /** The picture at a point, or null between and beside them. */
  at(x: number, y: number): number | null;
}

/** Cells are as large as `room` allows for about eight rows, from 12 to 48 pixels wide. */
export function gridPlan(count: number, width: number, height: number, room: number): GridPlan {
  const gap = 3;
  const wanted = Math.sqrt((room * room) / Math.max(1, count)) - gap;
  const cell = Math.round(Math.min(48, Math.max(12, wanted)));
  const cellHeight = Math.max(4, Math.round((cell * height) / Math.max(1, width)));
  const columns = Math.max(1, Math.min(count, Math.floor((room - 2) / (cell + gap))));
  const rows = Math.ceil(count / columns);
  return {
    columns,
    cell,
    cellHeight,
    gap,
    width: Math.max(1, columns * (cell + gap) + 1),
    height: Math.max(1, rows * (cellHeight + gap) + 1),
    at(x, y) {
      const column = Math.floor((x - 1) / (cell + gap));
      const row = Math.floor((y - 1) / (cellHeight + gap));
      const picture = row * columns + column;
      const isInside = column >= 0 && row >= 0 && column < columns && picture < count;
      return isInside &&
        x - 1 - column * (cell + gap) <= cell &&
        y - 1 - row * (cellHeight + gap) <= cellHeight
        ? picture
        : null;
    },
  };
}
