/** Takes the small steps out of lines: what stands nearly in line is moved there as far as there is room. */
import type { Adjacency } from './adjacency';
import type { Extents } from './coordinates';
import type { Layered } from './layered';
import { distance, pullOf } from './relax';

const MAX_PASSES = 8;
/** Links that lean less than this are straight. */
const STRAIGHT = 1e-6;
/**
 * How far what stands in the middle between several vertices of one side is moved where that makes one link straight
 * and others lean as much more: further, and a join would leave the middle of what it joins.
 */
const FAIR_SHIFT = 30;

/** How much of the width may be added at either side, and at most how much. */
const WIDENING = 0.02;
const MOST_WIDENING = 24;
/** Vertices that move together at most; vertices and links that are looked at in search of such, in all passes. */
const MOST_TOGETHER = 200;
const WORK = 50_000;

/** A link out of a block: how far the block must move to make it straight, and how hard it pulls. */
interface Pull {
  readonly by: number;
  readonly weight: number;
  readonly isAbove: boolean;
  readonly link: number;
}

/**
 * Moves blocks of vertices that straight links join, each as a whole, to where the sum of what their other links lean
 * is less, or where one more link is straight and the sum is the same. Ports count: a link is straight when its two
 * ends are in line. Blocks in the way are moved along where the sum is less for all of them together (or the same, for
 * small steps). Keeps orders and distances, and the width but for some hundredths; changes `x`, which begins at 0, in place. Linear in links times
 * passes, apart from sorting.
 */
export function straightenLinks(layered: Layered, extents: Extents, x: Float64Array, width: number): void {
  const blocks = new Blocks(layered, extents, x, width);
  for (let pass = 0; pass < MAX_PASSES; pass++) if (!blocks.moveAll(pass % 2 === 0)) return;
}

class Blocks {
  readonly #layered: Layered;
  readonly #extents: Extents;
  readonly #x: Float64Array;
  readonly #width: number;
  readonly #margin: number;
  /** Block of each vertex, named by one of its members, and the members of each as a list. */
  readonly #block: Int32Array;
  readonly #next: Int32Array;
  readonly #last: Int32Array;
  readonly #size: Int32Array;
  /** Blocks that were found to move together in the search of this number. */
  readonly #together: Int32Array;
  #search = 0;
  #work = WORK;

  constructor(layered: Layered, extents: Extents, x: Float64Array, width: number) {
    const { count, upper } = layered;
    this.#layered = layered;
    this.#extents = extents;
    this.#x = x;
    this.#width = width;
    this.#margin = Math.min(MOST_WIDENING, WIDENING * width) + STRAIGHT;
    this.#block = Int32Array.from({ length: count }, (_, v) => v);
    this.#next = new Int32Array(count).fill(-1);
    this.#last = this.#block.slice();
    this.#size = new Int32Array(count).fill(1);
    this.#together = new Int32Array(count);
    for (let l = 0; l < upper.length; l++) if (Math.abs(this.#lean(l)) < STRAIGHT) this.#join(l);
  }

  /** One pass over all blocks, from the top or from the bottom. True when something moved. */
  moveAll(isDown: boolean): boolean {
    const { count, order } = this.#layered;
    let moved = false;
    for (let i = 0; i < count; i++) {
      const v = order[isDown ? i : count - 1 - i]!;
      if (this.#block[v] === v && this.#move(v)) moved = true;
    }
    return moved;
  }

  /** How far the lower end of a link lies to the right of its upper end. */
  #lean(l: number): number {
    const { upper, lower, upperOffset, lowerOffset } = this.#layered;
    return this.#x[lower[l]!]! + lowerOffset[l]! - this.#x[upper[l]!]! - upperOffset[l]!;
  }

  #join(l: number): void {
    const { upper, lower } = this.#layered;
    let [into, from] = [this.#block[upper[l]!]!, this.#block[lower[l]!]!];
    if (into === from) return;
    if (this.#size[into]! < this.#size[from]!) [into, from] = [from, into];
    this.#next[this.#last[into]!] = from;
    this.#last[into] = this.#last[from]!;
    this.#size[into]! += this.#size[from]!;
    for (let v = from; v !== -1; v = this.#next[v]!) this.#block[v] = into;
  }

  #move(block: number): boolean {
    const { upper, lower, above, below } = this.#layered;
    const pulls: Pull[] = [];
    for (let v = block; v !== -1; v = this.#next[v]!) {
      this.#addPulls(v, above, upper, true, pulls);
      this.#addPulls(v, below, lower, false, pulls);
    }
    if (pulls.length === 0) return false;
    // Moves of others may have made links straight.
    if (this.#joinStraight(pulls)) return true;
    const by = this.#bestShift(block, pulls);
    if (by === 0) return this.#moveTogether(block, pulls);
    for (let v = block; v !== -1; v = this.#next[v]!) this.#x[v]! += by;
    return this.#joinStraight(pulls);
  }

  #addPulls(v: number, side: Adjacency, ends: Int32Array, isAbove: boolean, pulls: Pull[]): void {
    const block = this.#block[v]!;
    for (let k = side.start[v]!; k < side.start[v + 1]!; k++) {
      const link = side.edges[k]!;
      const u = ends[link]!;
      if (this.#block[u] === block) continue;
      const by = isAbove ? -this.#lean(link) : this.#lean(link);
      pulls.push({ by, weight: pullOf(this.#layered, u, v), isAbove, link });
    }
  }

  /** Makes one block of those that straight links join. True when there were any. */
  #joinStraight(pulls: readonly Pull[]): boolean {
    const straight = pulls.filter(({ link }) => Math.abs(this.#lean(link)) < STRAIGHT);
    for (const { link } of straight) this.#join(link);
    return straight.length > 0;
  }

  /** The furthest of the shifts that does not go beyond the weighted median, within the room; 0 for none. */
  #bestShift(block: number, pulls: Pull[]): number {
    pulls.sort((a, b) => a.by - b.by);
    /** What pulls to the right less what pulls to the left, at the block's place. */
    let balance = 0;
    for (const { by, weight } of pulls) balance += by > 0 ? weight : -weight;
    if (balance === 0) return this.#fairShift(block, pulls);
    const isRight = balance > 0;
    const room = this.#room(block, isRight);
    let left = Math.abs(balance);
    let best = 0;
    for (let i = 0; i < pulls.length; i++) {
      const { by, weight } = pulls[isRight ? i : pulls.length - 1 - i]!;
      if (by > 0 !== isRight) continue;
      if (left <= 0 || Math.abs(by) > room) break;
      best = by;
      left -= 2 * weight;
    }
    return best;
  }

  /** The nearer of the two shifts that make one more link straight while others lean as much more; 0 for none. */
  #fairShift(block: number, pulls: readonly Pull[]): number {
    const right = pulls.findIndex(({ by }) => by > 0);
    const [a, b] = [pulls[right - 1]!.by, pulls[right]!.by];
    const isBetween = [true, false].some((side) => {
      const own = pulls.filter(({ isAbove }) => isAbove === side);
      return own.some(({ by }) => by < 0) && own.some(({ by }) => by > 0);
    });
    const limit = isBetween ? FAIR_SHIFT : Infinity;
    for (const by of -a < b ? [a, b] : [b, a]) {
      if (Math.abs(by) <= Math.min(limit, this.#room(block, by > 0))) return by;
    }
    return 0;
  }

  /** Moves a block to where its next link is straight, and those in the way with it, if that is better for all. */
  #moveTogether(block: number, pulls: readonly Pull[]): boolean {
    let balance = 0;
    for (const { by, weight } of pulls) balance += by > 0 ? weight : -weight;
    if (balance === 0 || this.#work <= 0) return false;
    const by =
      balance > 0 ? pulls.find((pull) => pull.by > 0)!.by : pulls.findLast((pull) => pull.by < 0)!.by;
    const members = this.#findTogether(block, by);
    const tolerance = Math.abs(by) <= FAIR_SHIFT ? STRAIGHT : -STRAIGHT;
    if (members.length === 0 || this.#changeOfLeans(members, by) > tolerance) return false;
    for (const v of members) this.#x[v]! += by;
    return this.#joinStraight(pulls);
  }

  /** Vertices of a block and of all that are in its way when it moves; none when there are too many or no room. */
  #findTogether(block: number, by: number): number[] {
    const { rank, rankStart, order, place } = this.#layered;
    this.#search++;
    const members: number[] = [];
    if (!this.#gather(block, members)) return [];
    for (let read = 0; read < members.length; read++) {
      const v = members[read]!;
      if (this.#gap(v, by > 0) >= Math.abs(by)) continue;
      const i = rankStart[rank[v]!]! + place[v]! + (by > 0 ? 1 : -1);
      if (i < rankStart[rank[v]!]! || i >= rankStart[rank[v]! + 1]!) return [];
      if (!this.#gather(this.#block[order[i]!]!, members)) return [];
    }
    return members;
  }

  /** Adds the vertices of a block unless they are there already. False when they would be too many. */
  #gather(block: number, members: number[]): boolean {
    if (this.#together[block] === this.#search) return true;
    if (members.length + this.#size[block]! > MOST_TOGETHER) return false;
    this.#together[block] = this.#search;
    for (let v = block; v !== -1; v = this.#next[v]!) members.push(v);
    this.#work -= this.#size[block]!;
    return true;
  }

  /** How much more all links of some vertices lean, by weight, when these move. */
  #changeOfLeans(members: readonly number[], by: number): number {
    const { upper, lower, above, below } = this.#layered;
    let sum = 0;
    for (const v of members) {
      sum += this.#changeOfSide(v, above, upper, by) + this.#changeOfSide(v, below, lower, -by);
    }
    return sum;
  }

  #changeOfSide(v: number, side: Adjacency, ends: Int32Array, shift: number): number {
    let sum = 0;
    this.#work -= side.start[v + 1]! - side.start[v]!;
    for (let k = side.start[v]!; k < side.start[v + 1]!; k++) {
      const link = side.edges[k]!;
      const u = ends[link]!;
      if (this.#together[this.#block[u]!] === this.#search) continue;
      const lean = this.#lean(link);
      sum += pullOf(this.#layered, u, v) * (Math.abs(lean + shift) - Math.abs(lean));
    }
    return sum;
  }

  /** How far a block can be moved to one side. */
  #room(block: number, isRight: boolean): number {
    let room = Infinity;
    for (let v = block; v !== -1; v = this.#next[v]!) room = Math.min(room, this.#gap(v, isRight));
    return room;
  }

  /** How far a vertex can be moved to one side without its neighbour; those of one block do not bound each other. */
  #gap(v: number, isRight: boolean): number {
    const { rank, rankStart, order, place } = this.#layered;
    const { left, right } = this.#extents;
    const x = this.#x;
    const i = rankStart[rank[v]!]! + place[v]! + (isRight ? 1 : -1);
    if (i < rankStart[rank[v]!]! || i >= rankStart[rank[v]! + 1]!) {
      return this.#margin + (isRight ? this.#width - x[v]! - right[v]! : x[v]! - left[v]!);
    }
    const w = order[i]!;
    if (this.#block[w] === this.#block[v]) return Infinity;
    const [a, b] = isRight ? [v, w] : [w, v];
    return x[b]! - x[a]! - distance(this.#layered, this.#extents, a, b) + STRAIGHT;
  }
}
