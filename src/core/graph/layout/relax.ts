import type { Adjacency } from './adjacency';
import type { Extents } from './coordinates';
import type { Layered } from './layered';

const SWEEPS = 12;
/** How much harder a link pulls when it joins a node and a bend, or two bends. */
const PULL_BEND = 2;
const PULL_BENDS = 8;
/** No rank reaches further than this times the room of the widest one. */
const MOST_WIDENING = 1.1;

/**
 * Coordinates across the ranks by relaxation: every vertex wants the weighted mean of its neighbours' places, rank
 * by rank, down and up in turn; the least-squares answer that keeps order and distances is found by pooling
 * neighbours that would overlap, and by keeping them within a tenth more than the widest rank needs. Not as straight
 * as aligned blocks.
 */
export function relaxCoordinates(layered: Layered, extents: Extents): Float64Array {
  const { count, rankCount, above, below, upper, lower } = layered;
  const x = packRanks(layered, extents);
  const pools = new Pools(layered, extents, x);
  const wish = new Float64Array(count);
  const weight = new Float64Array(count);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    const both = sweep >= SWEEPS - 2;
    for (let step = 0; step < rankCount; step++) {
      const r = isDown ? step : rankCount - 1 - step;
      for (let i = layered.rankStart[r]!; i < layered.rankStart[r + 1]!; i++) {
        const v = layered.order[i]!;
        let sum = 0;
        let pull = 0;
        const gather = (side: Adjacency, ends: Int32Array): void => {
          for (let k = side.start[v]!; k < side.start[v + 1]!; k++) {
            const u = ends[side.edges[k]!]!;
            const p = pullOf(layered, u, v);
            sum += p * x[u]!;
            pull += p;
          }
        };
        if (isDown || both) gather(above, upper);
        if (!isDown || both) gather(below, lower);
        wish[v] = pull === 0 ? x[v]! : sum / pull;
        weight[v] = Math.max(pull, 0.01);
      }
      pools.settle(r, wish, weight);
    }
  }
  return x;
}

/** How hard the link between two vertices pulls at them. */
export function pullOf({ nodeCount }: Layered, u: number, v: number): number {
  if (u >= nodeCount && v >= nodeCount) return PULL_BENDS;
  return u >= nodeCount || v >= nodeCount ? PULL_BEND : 1;
}

/** Every rank as narrow as it can be, with its middle at 0. */
function packRanks(layered: Layered, extents: Extents): Float64Array {
  const { count, rankCount, rankStart, order } = layered;
  const x = new Float64Array(count);
  for (let r = 0; r < rankCount; r++) {
    let cursor = 0;
    const first = rankStart[r]!;
    const end = rankStart[r + 1]!;
    for (let i = first; i < end; i++) {
      if (i > first) cursor += distance(layered, extents, order[i - 1]!, order[i]!);
      x[order[i]!] = cursor;
    }
    for (let i = first; i < end; i++) x[order[i]!]! -= cursor / 2;
  }
  return x;
}

/** Least distance between the centres of two neighbours in a rank. */
export function distance({ nodeCount }: Layered, extents: Extents, v: number, w: number): number {
  const gap = v < nodeCount && w < nodeCount ? extents.nodeGap : extents.bendGap;
  return extents.right[v]! + gap + extents.left[w]!;
}

/** Least room that the widest rank needs. */
export function leastWidth(layered: Layered, extents: Extents): number {
  const { rankCount, rankStart, order } = layered;
  let widest = 0;
  for (let r = 0; r < rankCount; r++) {
    const first = rankStart[r]!;
    const end = rankStart[r + 1]!;
    let width = extents.left[order[first]!]! + extents.right[order[end - 1]!]!;
    for (let i = first + 1; i < end; i++) width += distance(layered, extents, order[i - 1]!, order[i]!);
    widest = Math.max(widest, width);
  }
  return widest;
}

/** Pool-adjacent-violators over one rank. */
class Pools {
  readonly #layered: Layered;
  readonly #extents: Extents;
  readonly #x: Float64Array;
  readonly #mean: Float64Array;
  readonly #weight: Float64Array;
  readonly #begin: Int32Array;
  readonly #offset: Float64Array;
  /** Left end of the leftmost vertex at least, right end of the rightmost at most: from minus this to this. */
  readonly #reach: number;

  constructor(layered: Layered, extents: Extents, x: Float64Array) {
    this.#layered = layered;
    this.#extents = extents;
    this.#x = x;
    this.#mean = new Float64Array(layered.count);
    this.#weight = new Float64Array(layered.count);
    this.#begin = new Int32Array(layered.count);
    this.#offset = new Float64Array(layered.count);
    this.#reach = (MOST_WIDENING * leastWidth(layered, extents)) / 2;
  }

  /** Moves the vertices of rank r as near to their wishes as order and distances allow. */
  settle(r: number, wish: Float64Array, weight: Float64Array): void {
    const { rankStart, order } = this.#layered;
    const first = rankStart[r]!;
    const size = rankStart[r + 1]! - first;
    let pools = 0;
    for (let i = 0; i < size; i++) {
      const v = order[first + i]!;
      this.#offset[i] =
        i === 0 ? 0 : this.#offset[i - 1]! + distance(this.#layered, this.#extents, order[first + i - 1]!, v);
      let mean = wish[v]! - this.#offset[i]!;
      let total = weight[v]!;
      let begin = i;
      while (pools > 0 && this.#mean[pools - 1]! > mean) {
        pools--;
        const sum = this.#weight[pools]! + total;
        mean = (this.#mean[pools]! * this.#weight[pools]! + mean * total) / sum;
        total = sum;
        begin = this.#begin[pools]!;
      }
      this.#mean[pools] = mean;
      this.#weight[pools] = total;
      this.#begin[pools++] = begin;
    }
    if (size === 0) return;
    // The answer within bounds is the one without them, cut off at the bounds.
    const lowest = this.#extents.left[order[first]!]! - this.#reach;
    const highest = this.#reach - this.#extents.right[order[first + size - 1]!]! - this.#offset[size - 1]!;
    for (let p = 0; p < pools; p++) {
      const end = p + 1 < pools ? this.#begin[p + 1]! : size;
      const place = Math.max(lowest, Math.min(highest, this.#mean[p]!));
      for (let i = this.#begin[p]!; i < end; i++) this.#x[order[first + i]!] = place + this.#offset[i]!;
    }
  }
}
