/** Puts words beside points without covering one another. */

export interface LabelledPoint {
  readonly label: string;
  /** In pixels. */
  readonly x: number;
  readonly y: number;
  readonly isOnFront: boolean;
  readonly isChosen: boolean;
  readonly isOriginal: boolean;
}

export interface PlacedLabel {
  readonly text: string;
  /** Left end of the baseline, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly isChosen: boolean;
}

/** Width of a character of the charts' type, and height of a line, in pixels. */
const CHARACTER = 7.1;
const LINE = 13;
const GAP = 10;

/**
 * Places the labels of the chosen point, the original and the points on the front, in this order, each at the first of four
 * corners that is free and inside `width`; what finds no room is left to the tooltip and the table.
 */
export function placeLabels(points: readonly LabelledPoint[], width: number): PlacedLabel[] {
  const rank = ({ isChosen, isOriginal }: LabelledPoint) => (isChosen ? 0 : isOriginal ? 1 : 2);
  const wanted = points
    .filter(({ isChosen, isOriginal, isOnFront }) => isChosen || isOriginal || isOnFront)
    .toSorted((a, b) => rank(a) - rank(b) || a.x - b.x);
  const taken = points.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  const placed: PlacedLabel[] = [];
  for (const { label, x, y, isChosen } of wanted) {
    const length = label.length * CHARACTER;
    for (const [left, baseline] of [
      [x + GAP, y - 7],
      [x + GAP, y + 17],
      [x - GAP - length, y - 7],
      [x - GAP - length, y + 17],
    ] as const) {
      const box = { left, right: left + length, top: baseline - LINE + 3, bottom: baseline + 3 };
      const isFree = taken.every(
        (other) =>
          other.right < box.left ||
          other.left > box.right ||
          other.bottom < box.top ||
          other.top > box.bottom,
      );
      if (!isFree || box.left < 0 || box.right > width) continue;
      taken.push(box);
      placed.push({ text: label, x: left, y: baseline, isChosen });
      break;
    }
  }
  return placed;
}
