import type { Adjacency } from './adjacency';
import type { Layered } from './layered';

const MANY = 48;

/** Swaps neighbouring vertices of a rank wherever that lowers the crossings on both sides, for some rounds. */
export function transposeRanks(layered: Layered, rounds: number): void {
  const { rankCount, rankStart, order, place, above, below, upper, lower, upperPorts, lowerPorts } = layered;
  const places = new SortedPlaces(layered);
  const active = new Uint8Array(rankCount).fill(1);
  for (let round = 0; round < rounds; round++) {
    let swapped = false;
    for (let r = 0; r < rankCount; r++) {
      if (!active[r]) continue;
      active[r] = 0;
      const first = rankStart[r]!;
      for (let i = first; i + 1 < rankStart[r + 1]!; i++) {
        const v = order[i]!;
        const w = order[i + 1]!;
        const gain =
          places.crossingsSaved(v, w, above, upper, upperPorts.shift) +
          places.crossingsSaved(v, w, below, lower, lowerPorts.shift);
        if (gain <= 0) continue;
        order[i] = w;
        order[i + 1] = v;
        place[w] = i - first;
        place[v] = i + 1 - first;
        swapped = true;
        active[r] = 1;
        if (r > 0) active[r - 1] = 1;
        if (r + 1 < rankCount) active[r + 1] = 1;
      }
    }
    if (!swapped) return;
  }
}

/** Scratch for the places of the ports that two vertices are joined to, sorted by insertion while they are few. */
class SortedPlaces {
  readonly #place: Int32Array;
  #left = new Float64Array(64);
  #right = new Float64Array(64);

  constructor(layered: Layered) {
    this.#place = layered.place;
  }

  /** Crossings of v before w minus those of w before v, towards one side. */
  crossingsSaved(v: number, w: number, side: Adjacency, ends: Int32Array, shift: Float64Array): number {
    const countV = side.start[v + 1]! - side.start[v]!;
    const countW = side.start[w + 1]! - side.start[w]!;
    if (countV === 0 || countW === 0) return 0;
    if (countV === 1 && countW === 1) {
      const [a, b] = [side.edges[side.start[v]!]!, side.edges[side.start[w]!]!];
      return Math.sign(this.#place[ends[a]!]! + shift[a]! - this.#place[ends[b]!]! - shift[b]!);
    }
    if (countV > this.#left.length) this.#left = new Float64Array(2 * countV);
    if (countW > this.#right.length) this.#right = new Float64Array(2 * countW);
    this.#collect(v, side, ends, shift, this.#left);
    this.#collect(w, side, ends, shift, this.#right);
    let balance = 0;
    let smaller = 0;
    let notLarger = 0;
    for (let i = 0; i < countV; i++) {
      const p = this.#left[i]!;
      while (smaller < countW && this.#right[smaller]! < p) smaller++;
      while (notLarger < countW && this.#right[notLarger]! <= p) notLarger++;
      // Right neighbours left of p cross now; those right of p would cross after a swap.
      balance += smaller - (countW - notLarger);
    }
    return balance;
  }

  #collect(v: number, side: Adjacency, ends: Int32Array, shift: Float64Array, into: Float64Array): void {
    const from = side.start[v]!;
    const to = side.start[v + 1]!;
    if (to - from > MANY) {
      for (let k = from; k < to; k++) {
        into[k - from] = this.#place[ends[side.edges[k]!]!]! + shift[side.edges[k]!]!;
      }
      into.subarray(0, to - from).sort();
      return;
    }
    for (let k = from; k < to; k++) {
      const p = this.#place[ends[side.edges[k]!]!]! + shift[side.edges[k]!]!;
      let j = k - from - 1;
      while (j >= 0 && into[j]! > p) {
        into[j + 1] = into[j]!;
        j--;
      }
      into[j + 1] = p;
    }
  }
}
