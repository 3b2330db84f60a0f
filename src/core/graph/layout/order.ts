import { CrossingCounter, widestRank } from './crossings';
import { orderByWalk, type Walk } from './initial-order';
import type { Layered } from './layered';
import { transposeRanks } from './transpose';

const MAX_SWEEPS = 36;
const PATIENCE = 10;
/** Links looked at in all sweeps together: bounds the time without a clock, so that results repeat. */
const WORK = 6_000_000;

/** Starts that are tried where the work allows it: which one ends best cannot be told beforehand. */
const STARTS: readonly Walk[] = [
  { isDown: true, isMirrored: false },
  { isDown: false, isMirrored: false },
  { isDown: true, isMirrored: true },
];

/**
 * Orders the vertices of each rank to lower the number of crossings: a depth-first walk, then sweeps by the mean
 * place of the neighbours' ports, down and up in turn, with swaps of neighbouring vertices, keeping the best order seen of
 * several starts. Deterministic. Returns the crossings left.
 */
export function orderRanks(layered: Layered): number {
  const counter = new CrossingCounter(layered);
  const sweeper = new Sweeper(layered);
  const links = layered.upper.length + 1;
  const sweepsInAll = Math.max(4, Math.min(STARTS.length * MAX_SWEEPS, Math.floor(WORK / links)));
  const starts = STARTS.slice(0, Math.max(1, Math.floor(sweepsInAll / MAX_SWEEPS)));
  const bestOrder = new Int32Array(layered.order.length);
  let best = Infinity;
  for (const start of starts) {
    orderByWalk(layered, start);
    let ownBest = Infinity;
    let stale = 0;
    for (let sweep = -1; sweep < sweepsInAll / starts.length && stale < PATIENCE && best > 0; sweep++) {
      if (sweep >= 0) {
        sweeper.sweep(sweep % 2 === 0, sweep % 4 >= 2);
        transposeRanks(layered, 2);
      }
      const crossings = counter.total();
      stale = crossings < ownBest ? 0 : stale + 1;
      ownBest = Math.min(ownBest, crossings);
      if (crossings >= best) continue;
      best = crossings;
      bestOrder.set(layered.order);
    }
  }
  layered.order.set(bestOrder);
  renumber(layered);
  if (best > 0) {
    transposeRanks(layered, 8);
    best = counter.total();
  }
  return best;
}

function renumber({ rankCount, rankStart, order, place }: Layered): void {
  for (let r = 0; r < rankCount; r++) {
    for (let i = rankStart[r]!; i < rankStart[r + 1]!; i++) place[order[i]!] = i - rankStart[r]!;
  }
}

class Sweeper {
  readonly #layered: Layered;
  readonly #weight: Float64Array;
  readonly #moving: Int32Array;

  constructor(layered: Layered) {
    this.#layered = layered;
    this.#weight = new Float64Array(layered.count);
    this.#moving = new Int32Array(widestRank(layered));
  }

  /** One sweep over all ranks; `flipTies` puts vertices of equal weight in the opposite order. */
  sweep(isDown: boolean, flipTies: boolean): void {
    const { rankCount } = this.#layered;
    if (isDown) for (let r = 1; r < rankCount; r++) this.#sortRank(r, true, flipTies);
    else for (let r = rankCount - 2; r >= 0; r--) this.#sortRank(r, false, flipTies);
  }

  #sortRank(r: number, isDown: boolean, flipTies: boolean): void {
    const { rankStart, order, place, above, below, upper, lower, upperPorts, lowerPorts } = this.#layered;
    const side = isDown ? above : below;
    const ends = isDown ? upper : lower;
    const { shift } = isDown ? upperPorts : lowerPorts;
    const weight = this.#weight;
    const first = rankStart[r]!;
    const end = rankStart[r + 1]!;
    if (end - first < 2) return;
    let movers = 0;
    for (let i = first; i < end; i++) {
      const v = order[i]!;
      const from = side.start[v]!;
      const to = side.start[v + 1]!;
      if (from === to) {
        weight[v] = NaN;
        continue;
      }
      let sum = 0;
      for (let k = from; k < to; k++) {
        const link = side.edges[k]!;
        sum += place[ends[link]!]! + shift[link]!;
      }
      weight[v] = sum / (to - from);
      this.#moving[movers++] = v;
    }
    this.#sortMovers(movers, flipTies);
    // Vertices without neighbours on that side keep their places.
    let next = 0;
    for (let i = first; i < end; i++) {
      if (!Number.isNaN(weight[order[i]!])) order[i] = this.#moving[next++]!;
      place[order[i]!] = i - first;
    }
  }

  #sortMovers(movers: number, flipTies: boolean): void {
    const { place } = this.#layered;
    const weight = this.#weight;
    const moving = this.#moving;
    const tie = flipTies ? -1 : 1;
    const compare = (a: number, b: number) => weight[a]! - weight[b]! || tie * (place[a]! - place[b]!);
    if (movers > 48) {
      moving.subarray(0, movers).sort(compare);
      return;
    }
    for (let i = 1; i < movers; i++) {
      const v = moving[i]!;
      let j = i - 1;
      while (j >= 0 && compare(moving[j]!, v) > 0) {
        moving[j + 1] = moving[j]!;
        j--;
      }
      moving[j + 1] = v;
    }
  }
}
