import { listEdges, type Adjacency } from './adjacency';

const TIGHTENING_PASSES = 4;

/**
 * Rank of each vertex of an acyclic graph, from 0, every edge going to a higher rank. Longest path first; then what
 * hangs loosely (inputs and variables read late) sinks to its first reader, and so do vertices where that shortens
 * more edges than it lengthens.
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
  sinkSources(order, rank, upper, lower, below, above);
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

/**
 * Moves what hangs above loosely down to its readers: vertices with room below them, all of whose writers have it too.
 * Nothing above them is torn away from them, so no edge gets longer than it makes others shorter.
 */
function sinkSources(
  order: Int32Array,
  rank: Int32Array,
  upper: Int32Array,
  lower: Int32Array,
  below: Adjacency,
  above: Adjacency,
): void {
  const latest = Int32Array.from(rank);
  for (let i = order.length - 1; i >= 0; i--) {
    const v = order[i]!;
    const reader = lowestReader(v, latest, lower, below);
    if (reader !== Infinity) latest[v] = reader - 1;
  }
  const isLoose = new Uint8Array(rank.length);
  for (const v of order) {
    let loose = latest[v]! > rank[v]!;
    for (let k = above.start[v]!; loose && k < above.start[v + 1]!; k++) {
      loose = isLoose[upper[above.edges[k]!]!] === 1;
    }
    if (loose) isLoose[v] = 1;
  }
  for (let i = order.length - 1; i >= 0; i--) {
    const v = order[i]!;
    if (isLoose[v]) rank[v] = lowestReader(v, rank, lower, below) - 1;
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
