import { listEdges } from './adjacency';
import type { Extents } from './coordinates';
import type { Layered } from './layered';

/**
 * One coordinate per block of aligned vertices so that neighbours in a rank keep their distance: as far to one
 * side as possible, then back towards the neighbours of the other side where there is room between them.
 * `root[v]` names the block of v. Blocks do not cross, so the "lies left of" relation has no cycle.
 */
export function compactBlocks(
  layered: Layered,
  extents: Extents,
  root: Int32Array,
  isLeft: boolean,
): Float64Array {
  const { count } = layered;
  const { before, after, gap } = listNeighbours(layered, extents, root);
  const follow = listEdges(count, before);
  const lead = listEdges(count, after);
  const sequence = sortBlocks(count, root, after, follow.start, follow.edges, lead.start);
  const at = new Float64Array(count);

  const pushRight = (v: number, floor: number): number => {
    for (let k = lead.start[v]!; k < lead.start[v + 1]!; k++) {
      const e = lead.edges[k]!;
      floor = Math.max(floor, at[before[e]!]! + gap[e]!);
    }
    return floor;
  };
  const pushLeft = (v: number, ceiling: number): number => {
    for (let k = follow.start[v]!; k < follow.start[v + 1]!; k++) {
      const e = follow.edges[k]!;
      ceiling = Math.min(ceiling, at[after[e]!]! - gap[e]!);
    }
    return ceiling;
  };

  if (isLeft) {
    for (const v of sequence) at[v] = pushRight(v, 0);
    for (let i = sequence.length - 1; i >= 0; i--) {
      const v = sequence[i]!;
      const ceiling = pushLeft(v, Infinity);
      if (ceiling !== Infinity) at[v] = Math.max(at[v]!, ceiling);
    }
  } else {
    for (let i = sequence.length - 1; i >= 0; i--) at[sequence[i]!] = pushLeft(sequence[i]!, 0);
    for (const v of sequence) {
      const floor = pushRight(v, -Infinity);
      if (floor !== -Infinity) at[v] = Math.min(at[v]!, floor);
    }
  }
  const x = new Float64Array(count);
  for (let v = 0; v < count; v++) x[v] = at[root[v]!]!;
  return x;
}

/** Pairs of blocks that touch in some rank, with the distance between their centres. */
function listNeighbours(layered: Layered, { left, right, nodeGap, bendGap }: Extents, root: Int32Array) {
  const { count, rankCount, rankStart, order, nodeCount } = layered;
  const before = new Int32Array(count);
  const after = new Int32Array(count);
  const gap = new Float64Array(count);
  let found = 0;
  for (let r = 0; r < rankCount; r++) {
    for (let i = rankStart[r]!; i + 1 < rankStart[r + 1]!; i++) {
      const v = order[i]!;
      const w = order[i + 1]!;
      before[found] = root[v]!;
      after[found] = root[w]!;
      const space = v < nodeCount && w < nodeCount ? nodeGap : bendGap;
      gap[found++] = right[v]! + space + left[w]!;
    }
  }
  return {
    before: before.subarray(0, found),
    after: after.subarray(0, found),
    gap: gap.subarray(0, found),
  };
}

/** Blocks so that those to the left come first. */
function sortBlocks(
  count: number,
  root: Int32Array,
  after: Int32Array,
  followStart: Int32Array,
  followEdges: Int32Array,
  leadStart: Int32Array,
): Int32Array {
  const waiting = new Int32Array(count);
  const sequence = new Int32Array(count);
  let filled = 0;
  for (let v = 0; v < count; v++) {
    waiting[v] = leadStart[v + 1]! - leadStart[v]!;
    if (root[v] === v && waiting[v] === 0) sequence[filled++] = v;
  }
  for (let read = 0; read < filled; read++) {
    const v = sequence[read]!;
    for (let k = followStart[v]!; k < followStart[v + 1]!; k++) {
      const w = after[followEdges[k]!]!;
      if (--waiting[w]! === 0) sequence[filled++] = w;
    }
  }
  return sequence.subarray(0, filled);
}
