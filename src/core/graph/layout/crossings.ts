import type { Layered } from './layered';

/** Counts link crossings between neighbouring ranks, one rank pair at a time, in O(links · log vertices). */
export class CrossingCounter {
  readonly #layered: Layered;
  readonly #tree: Int32Array;
  readonly #cursor: Int32Array;
  /** Places of the lower neighbours of each vertex, ascending. */
  readonly #places: Int32Array;

  constructor(layered: Layered) {
    this.#layered = layered;
    this.#tree = new Int32Array(widestRank(layered) + 2);
    this.#cursor = new Int32Array(layered.count);
    this.#places = new Int32Array(layered.upper.length);
  }

  /** Crossings over all ranks. */
  total(): number {
    let sum = 0;
    for (let r = 0; r + 1 < this.#layered.rankCount; r++) sum += this.between(r);
    return sum;
  }

  /** Crossings between rank r and rank r + 1. */
  between(r: number): number {
    const { rankStart, order, place, below, above, upper } = this.#layered;
    const cursor = this.#cursor;
    const places = this.#places;
    const first = rankStart[r]!;
    const middle = rankStart[r + 1]!;
    const end = rankStart[r + 2]!;
    for (let i = first; i < middle; i++) cursor[order[i]!] = below.start[order[i]!]!;
    for (let i = middle; i < end; i++) {
      const w = order[i]!;
      for (let k = above.start[w]!; k < above.start[w + 1]!; k++) {
        places[cursor[upper[above.edges[k]!]!]!++] = place[w]!;
      }
    }
    const tree = this.#tree;
    const size = end - middle;
    tree.fill(0, 0, size + 1);
    let inserted = 0;
    let crossings = 0;
    for (let i = first; i < middle; i++) {
      const v = order[i]!;
      // Links of one vertex do not cross each other: count all of them before adding them.
      for (let k = below.start[v]!; k < below.start[v + 1]!; k++) {
        let notAfter = 0;
        for (let t = places[k]! + 1; t > 0; t -= t & -t) notAfter += tree[t]!;
        crossings += inserted - notAfter;
      }
      for (let k = below.start[v]!; k < below.start[v + 1]!; k++) {
        for (let t = places[k]! + 1; t <= size; t += t & -t) tree[t]!++;
        inserted++;
      }
    }
    return crossings;
  }
}

/** Vertices in the fullest rank. */
export function widestRank({ rankCount, rankStart }: Layered): number {
  let widest = 0;
  for (let r = 0; r < rankCount; r++) widest = Math.max(widest, rankStart[r + 1]! - rankStart[r]!);
  return widest;
}
