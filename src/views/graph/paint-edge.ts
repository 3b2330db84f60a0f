import type { Layout } from '../../core/graph/layout/types';
import type { Surface } from './surface';

const ARROW_LENGTH = 6;
const ARROW_HALF_WIDTH = 3;

/**
 * Adds edge e to the path: straight where two points stand in line, else an S-bend that leaves and arrives along
 * the direction. Parts outside `top`..`bottom` and edges smaller than `least` both ways are left out.
 */
export function traceEdge(
  context: Surface,
  { points, pointStart, direction }: Layout,
  e: number,
  isBent: boolean,
  least: number,
  top: number,
  bottom: number,
): void {
  const first = pointStart[e]!;
  const last = pointStart[e + 1]! - 1;
  if (last <= first) return;
  const spanX = Math.abs(points[2 * last]! - points[2 * first]!);
  const spanY = Math.abs(points[2 * last + 1]! - points[2 * first + 1]!);
  if (spanX < least && spanY < least) return;
  let penDown = false;
  for (let i = first; i < last; i++) {
    const x0 = points[2 * i]!;
    const y0 = points[2 * i + 1]!;
    const x1 = points[2 * i + 2]!;
    const y1 = points[2 * i + 3]!;
    if ((y0 < top && y1 < top) || (y0 > bottom && y1 > bottom)) {
      penDown = false;
      continue;
    }
    if (!penDown) context.moveTo(x0, y0);
    penDown = true;
    if (!isBent) context.lineTo(x1, y1);
    else if (direction === 'down') {
      if (x0 === x1) context.lineTo(x1, y1);
      else context.bezierCurveTo(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2, x1, y1);
    } else if (y0 === y1) context.lineTo(x1, y1);
    else context.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
  }
}

/** Fills the head of edge e's arrow with the current colour. */
export function fillArrow(
  context: Surface,
  { points, pointStart, direction, isReversed }: Layout,
  e: number,
): void {
  const last = pointStart[e + 1]! - 1;
  if (last <= pointStart[e]!) return;
  const x = points[2 * last]!;
  const y = points[2 * last + 1]!;
  const back = isReversed[e] ? ARROW_LENGTH : -ARROW_LENGTH;
  context.beginPath();
  context.moveTo(x, y);
  if (direction === 'down') {
    context.lineTo(x - ARROW_HALF_WIDTH, y + back);
    context.lineTo(x + ARROW_HALF_WIDTH, y + back);
  } else {
    context.lineTo(x + back, y - ARROW_HALF_WIDTH);
    context.lineTo(x + back, y + ARROW_HALF_WIDTH);
  }
  context.fill();
}
