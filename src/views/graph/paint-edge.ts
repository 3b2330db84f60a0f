import type { Layout } from '../../core/graph/layout/types';
import type { Surface } from './surface';

const ARROW_LENGTH = 6;
const ARROW_HALF_WIDTH = 3;

/**
 * Adds edge e to the path: straight where two points stand in line, else an S-bend that leaves and arrives along
 * the direction. Parts outside `top`..`bottom` and edges smaller than `least` both ways are left out, and so are, of
 * edges without bends, corners nearer than `least` to the one before.
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
  let penX = 0;
  let penY = 0;
  for (let i = first; i < last; i++) {
    const x0 = points[2 * i]!;
    const y0 = points[2 * i + 1]!;
    const x1 = points[2 * i + 2]!;
    const y1 = points[2 * i + 3]!;
    if ((y0 < top && y1 < top) || (y0 > bottom && y1 > bottom)) {
      penDown = false;
      continue;
    }
    if (!penDown) {
      context.moveTo(x0, y0);
      penX = x0;
      penY = y0;
    }
    penDown = true;
    if (!isBent) {
      if (i + 1 < last && Math.abs(x1 - penX) < least && Math.abs(y1 - penY) < least) continue;
      context.lineTo(x1, y1);
      penX = x1;
      penY = y1;
    } else if (direction === 'down') {
      if (x0 === x1) context.lineTo(x1, y1);
      else context.bezierCurveTo(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2, x1, y1);
    } else if (y0 === y1) context.lineTo(x1, y1);
    else context.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
  }
}

/** Adds the head of edge e's arrow to the path; `width` is that of the edge. */
export function traceArrow(
  context: Surface,
  { points, pointStart, direction, isReversed }: Layout,
  e: number,
  width = 0,
): void {
  const last = pointStart[e + 1]! - 1;
  if (last <= pointStart[e]!) return;
  const x = points[2 * last]!;
  const y = points[2 * last + 1]!;
  const half = Math.max(ARROW_HALF_WIDTH, width / 2 + 2);
  const length = Math.max(ARROW_LENGTH, width + 2);
  const back = isReversed[e] ? length : -length;
  context.moveTo(x, y);
  if (direction === 'down') {
    context.lineTo(x - half, y + back);
    context.lineTo(x + half, y + back);
  } else {
    context.lineTo(x + back, y - half);
    context.lineTo(x + back, y + half);
  }
}
