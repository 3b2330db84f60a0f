import type { Layered } from './layered';

/**
 * First order within the ranks: that of a depth-first walk along the links from the top, bends first visited where
 * their edge leaves. Keeps connected pieces together, which is most of the way for graphs made of blocks.
 */
export function orderByWalk(layered: Layered): void {
  const { count, below, above, lower, rank, rankStart, order, place } = layered;
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
  const cursorBelow = below.start.slice(0, count);
  const walk = (): void => {
    while (stack.length > 0) {
      const v = stack.at(-1)!;
      const k = cursorBelow[v]!;
      if (k === below.start[v + 1]!) {
        stack.pop();
        continue;
      }
      cursorBelow[v] = k + 1;
      const w = lower[below.edges[k]!]!;
      if (!seen[w]) put(w);
    }
  };
  // Every vertex of an acyclic graph lies below a root.
  for (let v = 0; v < count; v++) {
    if (above.start[v] !== above.start[v + 1]) continue;
    put(v);
    walk();
  }
}
