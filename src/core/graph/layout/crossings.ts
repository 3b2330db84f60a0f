import type { Layered } from './layered';

/** Counts link crossings between neighbouring ranks, one rank pair at a time, in O(links · log ports). */
export class CrossingCounter {
  readonly #layered: Layered;
  readonly #tree: Int32Array;
  readonly #cursor: Int32Array;
  /** Ports of a rank that links end at, counted from the left: those of each link, the links in the order of `below`. */
  readonly #places: Int32Array;
  /** For each link, where in `below` the links begin that leave by the same port. */
  readonly #portStart: Int32Array;
  /** For each such beginning, where the links of the next port begin. */
  readonly #portEnd: Int32Array;

  constructor(layered: Layered) {
    this.#layered = layered;
    const { upper, below, upperPorts } = layered;
    this.#tree = new Int32Array(mostPorts(layered) + 2);
    this.#cursor = new Int32Array(upper.length);
    this.#places = new Int32Array(upper.length);
    this.#portStart = new Int32Array(upper.length);
    this.#portEnd = new Int32Array(upper.length);
    let start = 0;
    below.edges.forEach((link, k) => {
      const before = below.edges[start]!;
      const isSame = upper[link] === upper[before] && upperPorts.number[link] === upperPorts.number[before];
      if (!isSame) start = k;
      this.#portStart[link] = start;
      this.#portEnd[start] = k + 1;
    });
  }

  /** Crossings over all ranks. */
  total(): number {
    let sum = 0;
    for (let r = 0; r + 1 < this.#layered.rankCount; r++) sum += this.between(r);
    return sum;
  }

  /** Crossings between rank r and rank r + 1. */
  between(r: number): number {
    const { rankStart, order, below, above, lowerPorts } = this.#layered;
    const cursor = this.#cursor;
    const places = this.#places;
    const portStart = this.#portStart;
    const portEnd = this.#portEnd;
    const first = rankStart[r]!;
    const middle = rankStart[r + 1]!;
    const end = rankStart[r + 2]!;
    let size = 0;
    for (let i = first; i < middle; i++) {
      const v = order[i]!;
      for (let k = below.start[v]!; k < below.start[v + 1]!; k = portEnd[k]!) cursor[k] = k;
    }
    for (let i = middle; i < end; i++) {
      const w = order[i]!;
      for (let k = above.start[w]!; k < above.start[w + 1]!; k++) {
        const link = above.edges[k]!;
        places[cursor[portStart[link]!]!++] = size + lowerPorts.number[link]!;
      }
      size += lowerPorts.count[w]!;
    }
    const tree = this.#tree;
    tree.fill(0, 0, size + 1);
    let inserted = 0;
    let crossings = 0;
    for (let i = first; i < middle; i++) {
      const v = order[i]!;
      for (let port = below.start[v]!; port < below.start[v + 1]!; port = portEnd[port]!) {
        // Links of one port do not cross each other: count all of them before adding them.
        for (let k = port; k < portEnd[port]!; k++) {
          let notAfter = 0;
          for (let t = places[k]! + 1; t > 0; t -= t & -t) notAfter += tree[t]!;
          crossings += inserted - notAfter;
        }
        for (let k = port; k < portEnd[port]!; k++) {
          for (let t = places[k]! + 1; t <= size; t += t & -t) tree[t]!++;
          inserted++;
        }
      }
    }
    return crossings;
  }
}

/** Upper ports in the rank that has most of them. */
function mostPorts({ rankCount, rankStart, order, lowerPorts }: Layered): number {
  let most = 0;
  for (let r = 0; r < rankCount; r++) {
    let ports = 0;
    for (let i = rankStart[r]!; i < rankStart[r + 1]!; i++) ports += lowerPorts.count[order[i]!]!;
    most = Math.max(most, ports);
  }
  return most;
}

/** Vertices in the fullest rank. */
export function widestRank({ rankCount, rankStart }: Layered): number {
  let widest = 0;
  for (let r = 0; r < rankCount; r++) widest = Math.max(widest, rankStart[r + 1]! - rankStart[r]!);
  return widest;
}
