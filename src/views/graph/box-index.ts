/** Finds which of many boxes meet a rectangle: a packed tree, built once over boxes sorted along their centres. */
const FANOUT = 16;

export class BoxIndex {
  readonly #ids: Int32Array;
  /** Four numbers a box (left, top, right, bottom): the boxes first, then each level above them. */
  readonly #bounds: Float64Array;
  /** First box of each level; the last entry is the total. */
  readonly #levels: readonly number[];

  /** `bounds` holds left, top, right, bottom of box i from `4 * i`. */
  constructor(bounds: Float64Array) {
    const count = bounds.length / 4;
    const middle = (i: number) => bounds[4 * i + 1]! + bounds[4 * i + 3]!;
    this.#ids = Int32Array.from({ length: count }, (_, i) => i).sort(
      (a, b) => middle(a) - middle(b) || a - b,
    );
    const levels = [0, count];
    for (let size = count; size > 1;) {
      size = Math.ceil(size / FANOUT);
      levels.push(levels.at(-1)! + size);
    }
    this.#levels = levels;
    this.#bounds = new Float64Array(4 * levels.at(-1)!);
    for (let i = 0; i < count; i++) {
      for (let side = 0; side < 4; side++) this.#bounds[4 * i + side] = bounds[4 * this.#ids[i]! + side]!;
    }
    for (let level = 1; level + 1 < levels.length; level++) this.#uniteLevel(level);
  }

  #uniteLevel(level: number): void {
    const b = this.#bounds;
    const childBegin = this.#levels[level - 1]!;
    const childEnd = this.#levels[level]!;
    for (let i = this.#levels[level]!; i < this.#levels[level + 1]!; i++) {
      const first = childBegin + (i - this.#levels[level]!) * FANOUT;
      b.set([Infinity, Infinity, -Infinity, -Infinity], 4 * i);
      for (let child = first; child < Math.min(first + FANOUT, childEnd); child++) {
        b[4 * i] = Math.min(b[4 * i]!, b[4 * child]!);
        b[4 * i + 1] = Math.min(b[4 * i + 1]!, b[4 * child + 1]!);
        b[4 * i + 2] = Math.max(b[4 * i + 2]!, b[4 * child + 2]!);
        b[4 * i + 3] = Math.max(b[4 * i + 3]!, b[4 * child + 3]!);
      }
    }
  }

  /** Calls `visit` for each box that meets the rectangle, in no promised order. */
  search(left: number, top: number, right: number, bottom: number, visit: (id: number) => void): void {
    const b = this.#bounds;
    if (b.length === 0) return;
    const stack = [this.#levels.length - 2, this.#levels.at(-1)! - 1];
    while (stack.length > 0) {
      const node = stack.pop()!;
      const level = stack.pop()!;
      const at = 4 * node;
      if (b[at]! > right || b[at + 2]! < left || b[at + 1]! > bottom || b[at + 3]! < top) continue;
      if (level === 0) {
        visit(this.#ids[node]!);
        continue;
      }
      const first = this.#levels[level - 1]! + (node - this.#levels[level]!) * FANOUT;
      const end = Math.min(first + FANOUT, this.#levels[level]!);
      for (let child = end - 1; child >= first; child--) stack.push(level - 1, child);
    }
  }
}
