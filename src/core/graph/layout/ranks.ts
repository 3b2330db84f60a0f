import { listEdges, type Adjacency } from './adjacency';

const TIGHTENING_PASSES = 4;

/**
 * Rank of each vertex of an acyclic graph, from 0, every edge going to a higher rank. Longest path first; then
 * vertices sink towards their readers where that shortens more edges than it lengthens (inputs sit right above
 * their first reader), and so do whole trees that feed a single vertex.
 */
export function assignRanks(count: number, upper: Int32Array, lower: Int32Array): Int32Array {
  const below = listEdges(count, upper);
  const above = listEdges(count, lower);
  const order = sortTopologically(count, lower, below, above);
  const rank = new Int32Array(count);
  for (const v of order) {
    for (let k = below.start[v]!; k < below.start[v + 1]!; k++) {
      const w = lower[below.edges[k]!]!;
      if (rank[w]! <= rank[v]!) rank[w] = rank[v]! + 1;
    }
  }
  sinkTrees(order, rank, upper, lower, below, above);
  for (let pass = 0; pass < TIGHTENING_PASSES; pass++) {
    if (!sinkVertices(order, rank, lower, below, above)) break;
  }
  return closeGaps(rank);
}

/** Vertices so that every edge goes forward; Kahn's algorithm with a queue, ties in index order. */
function sortTopologically(count: number, lower: Int32Array, below: Adjacency, above: Adjacency): Int32Array {
  const waiting = new Int32Array(count);
  const order = new Int32Array(count);
  let filled = 0;
  for (let v = 0; v < count; v++) {
    waiting[v] = above.start[v + 1]! - above.start[v]!;
    if (waiting[v] === 0) order[filled++] = v;
  }
  for (let read = 0; read < filled; read++) {
    const v = order[read]!;
    for (let k = below.start[v]!; k < below.start[v + 1]!; k++) {
      const w = lower[below.edges[k]!]!;
      if (--waiting[w]! === 0) order[filled++] = w;
    }
  }
  return order.subarray(0, filled);
}

function lowestReader(v: number, rank: Int32Array, lower: Int32Array, below: Adjacency): number {
  let lowest = Infinity;
  for (let k = below.start[v]!; k < below.start[v + 1]!; k++) {
    lowest = Math.min(lowest, rank[lower[below.edges[k]!]!]!);
  }
  return lowest;
}

/** Moves trees all of whose results end in one vertex down to it. */
function sinkTrees(
  order: Int32Array,
  rank: Int32Array,
  upper: Int32Array,
  lower: Int32Array,
  below: Adjacency,
  above: Adjacency,
): void {
  const isTree = new Uint8Array(rank.length);
  for (const v of order) {
    let reader = -1;
    let single = true;
    for (let k = below.start[v]!; k < below.start[v + 1]!; k++) {
      const w = lower[below.edges[k]!]!;
      if (reader !== -1 && w !== reader) single = false;
      reader = w;
    }
    let tree = single && reader !== -1;
    for (let k = above.start[v]!; tree && k < above.start[v + 1]!; k++) {
      tree = isTree[upper[above.edges[k]!]!] === 1;
    }
    if (tree) isTree[v] = 1;
  }
  for (let i = order.length - 1; i >= 0; i--) {
    const v = order[i]!;
    if (isTree[v]) rank[v] = lowestReader(v, rank, lower, below) - 1;
  }
}

/** Moves vertices with more edges below than above down to their first reader. True when something moved. */
function sinkVertices(
  order: Int32Array,
  rank: Int32Array,
  lower: Int32Array,
  below: Adjacency,
  above: Adjacency,
): boolean {
  let moved = false;
  for (let i = order.length - 1; i >= 0; i--) {
    const v = order[i]!;
    const readers = below.start[v + 1]! - below.start[v]!;
    if (readers === 0 || readers <= above.start[v + 1]! - above.start[v]!) continue;
    const target = lowestReader(v, rank, lower, below) - 1;
    if (target > rank[v]!) {
      rank[v] = target;
      moved = true;
    }
  }
  return moved;
}

/** Numbers the used ranks from 0 without gaps. */
function closeGaps(rank: Int32Array): Int32Array {
  let last = -1;
  for (const r of rank) last = Math.max(last, r);
  const used = new Int32Array(last + 1);
  for (const r of rank) used[r] = 1;
  let next = 0;
  for (let r = 0; r <= last; r++) used[r] = used[r] ? next++ : -1;
  for (let v = 0; v < rank.length; v++) rank[v] = used[rank[v]!]!;
  return rank;
}
