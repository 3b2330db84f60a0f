/**
 * Which vertices of neighbouring ranks stand straight under each other. As in Brandes and Köpf, every vertex looks
 * for a partner among the middle ones of its neighbours. Three things are ours, all against the drift to one side
 * that the original shows on long networks: a vertex prefers neighbours of its own kind (node or bend), then those
 * from which the straight path goes on longest, and two that choose each other come before the rest.
 */
import type { Adjacency } from './adjacency';
import type { Layered } from './layered';

/** The middle links of a vertex on one side, of those it prefers; -1 for none. */
interface Choice {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

export interface Aligner {
  readonly layered: Layered;
  readonly isCrossed: Uint8Array;
  readonly above: Choice;
  readonly below: Choice;
}

/** What all four alignments have in common. */
export function makeAligner(layered: Layered): Aligner {
  sortLinks(layered);
  const { above, below, upper, lower } = layered;
  return {
    layered,
    isCrossed: markConflicts(layered),
    above: choosePartners(layered, above, upper, measureRuns(layered, true)),
    below: choosePartners(layered, below, lower, measureRuns(layered, false)),
  };
}

/** Puts the links of every vertex in the order of their other ends. */
function sortLinks({ count, rankCount, rankStart, order, above, below, upper, lower }: Layered): void {
  const fill = (side: Adjacency, ends: Int32Array, other: Adjacency): void => {
    const cursor = side.start.slice(0, count);
    for (let i = 0; i < rankStart[rankCount]!; i++) {
      const w = order[i]!;
      for (let k = other.start[w]!; k < other.start[w + 1]!; k++) {
        const link = other.edges[k]!;
        side.edges[cursor[ends[link]!]!++] = link;
      }
    }
  };
  fill(below, upper, above);
  fill(above, lower, below);
}

/** Links that cross a piece of a long edge (bend to bend): those pieces stay straight, the others give way. */
function markConflicts(layered: Layered): Uint8Array {
  const { rankCount, rankStart, order, place, above, upper } = layered;
  const isCrossed = new Uint8Array(upper.length);
  for (let r = 1; r < rankCount; r++) {
    const end = rankStart[r + 1]!;
    let scanned = rankStart[r]!;
    let low = 0;
    for (let i = rankStart[r]!; i < end; i++) {
      const inner = innerLink(layered, order[i]!);
      if (inner === -1 && i !== end - 1) continue;
      const high = inner === -1 ? rankStart[r]! - rankStart[r - 1]! - 1 : place[upper[inner]!]!;
      for (; scanned <= i; scanned++) {
        const v = order[scanned]!;
        for (let k = above.start[v]!; k < above.start[v + 1]!; k++) {
          const p = place[upper[above.edges[k]!]!]!;
          if (p < low || p > high) isCrossed[above.edges[k]!] = 1;
        }
      }
      low = Math.max(low, high);
    }
  }
  return isCrossed;
}

/** The link from a bend up to another bend, or -1. */
function innerLink({ nodeCount, above, upper }: Layered, v: number): number {
  if (v < nodeCount) return -1;
  const link = above.edges[above.start[v]!]!;
  return upper[link]! >= nodeCount ? link : -1;
}

/** Length of the longest path of neighbours of one kind that leads up (or down) from each vertex. */
function measureRuns(layered: Layered, isUp: boolean): Int32Array {
  const { count, order, above, below, upper, lower, nodeCount } = layered;
  const side = isUp ? above : below;
  const ends = isUp ? upper : lower;
  const run = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const v = order[isUp ? i : count - 1 - i]!;
    for (let k = side.start[v]!; k < side.start[v + 1]!; k++) {
      const u = ends[side.edges[k]!]!;
      if (u < nodeCount === v < nodeCount) run[v] = Math.max(run[v]!, run[u]! + 1);
    }
  }
  return run;
}

function choosePartners(
  { count, nodeCount }: Layered,
  side: Adjacency,
  ends: Int32Array,
  run: Int32Array,
): Choice {
  const low = new Int32Array(count).fill(-1);
  const high = new Int32Array(count).fill(-1);
  const merit = (v: number, u: number) => (u < nodeCount === v < nodeCount ? 1 + run[u]! : 0);
  for (let v = 0; v < count; v++) {
    let best = -1;
    let ties = 0;
    for (let k = side.start[v]!; k < side.start[v + 1]!; k++) {
      const value = merit(v, ends[side.edges[k]!]!);
      if (value > best) {
        best = value;
        ties = 0;
      }
      if (value === best) ties++;
    }
    let seen = 0;
    for (let k = side.start[v]!; k < side.start[v + 1]!; k++) {
      const link = side.edges[k]!;
      if (merit(v, ends[link]!) !== best) continue;
      if (seen === (ties - 1) >> 1) low[v] = link;
      if (seen === ties >> 1) high[v] = link;
      seen++;
    }
  }
  return { low, high };
}

/**
 * The first vertex of the block that each vertex is aligned with; blocks do not cross. `isDown` aligns with upper
 * neighbours, `isLeft` takes the left one of two middle neighbours.
 */
export function alignVertices(aligner: Aligner, isDown: boolean, isLeft: boolean): Int32Array {
  const { layered, isCrossed, above, below } = aligner;
  const { count, rankCount, rankStart, order, place, upper, lower } = layered;
  const ends = isDown ? upper : lower;
  const near = isDown ? above : below;
  const far = isDown ? below : above;
  const wanted = isLeft ? near.low : near.high;
  const second = isLeft ? near.high : near.low;
  const wantedBack = isLeft ? far.low : far.high;
  const root = new Int32Array(count);
  for (let v = 0; v < count; v++) root[v] = v;
  const isTaken = new Uint8Array(count);
  const partner = new Int32Array(count).fill(-1);

  for (let step = 1; step < rankCount; step++) {
    const r = isDown ? step : rankCount - 1 - step;
    const first = rankStart[r]!;
    const end = rankStart[r + 1]!;
    let limit = -1;
    for (let i = first; i < end; i++) {
      const v = order[i]!;
      const link = wanted[v]!;
      if (link === -1 || isCrossed[link]) continue;
      const u = ends[link]!;
      if (wantedBack[u] !== link || place[u]! <= limit) continue;
      limit = place[u]!;
      partner[v] = u;
      isTaken[u] = 1;
    }
    // The rest takes what is free between the pairs already made, from the side that the variant prefers.
    const bound = isLeft ? -1 : Infinity;
    matchRest(order, first, end, isLeft, bound);
    for (let i = first; i < end; i++) {
      const v = order[i]!;
      if (partner[v] !== -1) root[v] = root[partner[v]!]!;
    }
  }
  return root;

  function matchRest(ranked: Int32Array, first: number, end: number, forward: boolean, bound: number): void {
    let limit = bound;
    let ahead = first;
    for (let n = 0; n < end - first; n++) {
      const v = ranked[forward ? first + n : end - 1 - n]!;
      if (partner[v] !== -1) {
        limit = place[partner[v]!]!;
        continue;
      }
      if (wanted[v] === -1) continue;
      ahead = Math.max(ahead, first + n);
      while (ahead < end && partner[ranked[forward ? ahead : end - 1 - (ahead - first)]!] === -1) ahead++;
      const next = ahead < end ? ranked[forward ? ahead : end - 1 - (ahead - first)]! : -1;
      const stop = next === -1 ? (forward ? Infinity : -1) : place[partner[next]!]!;
      for (const link of [wanted[v]!, second[v]!]) {
        const u = ends[link]!;
        const p = place[u]!;
        const fits = forward ? p > limit && p < stop : p < limit && p > stop;
        if (isCrossed[link] || isTaken[u] || !fits) continue;
        partner[v] = u;
        isTaken[u] = 1;
        limit = p;
        break;
      }
    }
  }
}
