import type { Layered } from './layered';

/** From the top down or from the bottom up, neighbours as they stand or from the last to the first. */
export interface Walk {
  readonly isDown: boolean;
  readonly isMirrored: boolean;
}

/**
 * First order within the ranks: that of a depth-first walk along the links from one end, bends first visited where
 * their edge leaves. Keeps connected pieces together, which is most of the way for graphs made of blocks.
 */
export function orderByWalk(layered: Layered, { isDown, isMirrored }: Walk): void {
  const { count, rank, rankStart, order, place } = layered;
  const [ahead, behind] = isDown ? [layered.below, layered.above] : [layered.above, layered.below];
  const ends = isDown ? layered.lower : layered.upper;
  const seen = new Uint8Array(count);
  const filled = rankStart.slice();
  const stack: number[] = [];
  const put = (v: number): void => {
    seen[v] = 1;
    const r = rank[v]!;
    place[v] = filled[r]! - rankStart[r]!;
    order[filled[r]!++] = v;
    stack.push(v);
  };
  /** Links of each vertex that were followed. */
  const followed = new Int32Array(count);
  const walk = (): void => {
    while (stack.length > 0) {
      const v = stack.at(-1)!;
      const [first, end] = [ahead.start[v]!, ahead.start[v + 1]!];
      const k = followed[v]!++;
      if (first + k >= end) {
        stack.pop();
        continue;
      }
      const w = ends[ahead.edges[isMirrored ? end - 1 - k : first + k]!]!;
      if (!seen[w]) put(w);
    }
  };
  // Every vertex of an acyclic graph lies ahead of one with nothing behind it.
  for (let i = 0; i < count; i++) {
    const v = isMirrored ? count - 1 - i : i;
    if (seen[v] || behind.start[v] !== behind.start[v + 1]) continue;
    put(v);
    walk();
  }
}
