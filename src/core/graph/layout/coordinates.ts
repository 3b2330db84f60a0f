/**
 * Places across the ranks after Brandes and Köpf, "Fast and simple horizontal coordinate assignment" (2001):
 * four alignments (to upper or lower neighbours, leftmost or rightmost), each compacted, then the mean of the two
 * middle ones, which keeps every separation and keeps long edges straight. `align.ts` says what is ours. Neither these
 * nor relaxed places know ports; `straighten.ts` does, and takes out the small steps that are left.
 */
import { alignVertices, makeAligner } from './align';
import { compactBlocks } from './compact';
import type { Layered } from './layered';
import { leastWidth, relaxCoordinates } from './relax';
import { straightenLinks } from './straighten';

/** Room that each vertex needs to the left and right of its centre, and the least gap to the next vertex. */
export interface Extents {
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly nodeGap: number;
  readonly bendGap: number;
}

/** Aligned coordinates may be this much wider than the widest rank before relaxed ones are taken instead. */
const TOLERATED_WIDENING = 1.35;

/** Coordinates of all vertices across the ranks; the smallest left end is at 0. */
export function assignCoordinates(layered: Layered, extents: Extents): Float64Array {
  const aligned = alignedCoordinates(layered, extents);
  const width = shiftToZero(aligned, extents);
  const isTangled = width > TOLERATED_WIDENING * leastWidth(layered, extents);
  const x = isTangled ? relaxCoordinates(layered, extents) : aligned;
  straightenLinks(layered, extents, x, isTangled ? shiftToZero(x, extents) : width);
  shiftToZero(x, extents);
  return x;
}

function alignedCoordinates(layered: Layered, extents: Extents): Float64Array {
  const aligner = makeAligner(layered);
  const candidates: Float64Array[] = [];
  for (const isDown of [true, false]) {
    for (const isLeft of [true, false]) {
      const root = alignVertices(aligner, isDown, isLeft);
      candidates.push(compactBlocks(layered, extents, root, isLeft));
    }
  }
  alignToNarrowest(candidates, extents);
  const x = new Float64Array(layered.count);
  const [a, b, c, d] = candidates as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (let v = 0; v < x.length; v++) x[v] = middleMean(a[v]!, b[v]!, c[v]!, d[v]!);
  return x;
}

/** Moves the smallest left end to 0 and returns the width. */
function shiftToZero(x: Float64Array, { left, right }: Extents): number {
  let low = Infinity;
  let high = -Infinity;
  for (let v = 0; v < x.length; v++) {
    low = Math.min(low, x[v]! - left[v]!);
    high = Math.max(high, x[v]! + right[v]!);
  }
  if (x.length === 0) return 0;
  for (let v = 0; v < x.length; v++) x[v]! -= low;
  return high - low;
}

/** Mean of the two middle ones of four numbers. */
function middleMean(a: number, b: number, c: number, d: number): number {
  return (a + b + c + d - Math.min(a, b, c, d) - Math.max(a, b, c, d)) / 2;
}

/** Shifts the four candidates so that left ones share the left end and right ones the right end of the narrowest. */
function alignToNarrowest(candidates: readonly Float64Array[], extents: Extents): void {
  const bounds = candidates.map((x) => {
    let low = Infinity;
    let high = -Infinity;
    for (let v = 0; v < x.length; v++) {
      low = Math.min(low, x[v]! - extents.left[v]!);
      high = Math.max(high, x[v]! + extents.right[v]!);
    }
    return { low, high };
  });
  const narrowest = bounds.reduce((a, b) => (b.high - b.low < a.high - a.low ? b : a));
  candidates.forEach((x, i) => {
    const isLeft = i % 2 === 0;
    const shift = isLeft ? narrowest.low - bounds[i]!.low : narrowest.high - bounds[i]!.high;
    if (shift !== 0 && Number.isFinite(shift)) for (let v = 0; v < x.length; v++) x[v]! += shift;
  });
}
