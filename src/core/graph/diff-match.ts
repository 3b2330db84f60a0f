/** Which operators of two graphs belong together, told from names and then from structure alone. */

/** One operator as matching sees it. */
export interface MatchItem {
  readonly kind: string;
  /** Name of its first output; empty where it has none. */
  readonly name: string;
  /** Name under which QUANTIZE or DEQUANTIZE hands its first output on; empty where none does. */
  readonly handedOn: string;
  /** Shapes of its outputs as text; asked for only where names do not tell. */
  readonly shapes: () => string;
}

/** What quantizers put behind the name of the integer or float form of a tensor. */
const SUFFIX = /(_(int8|uint8|int16|float|float32|quantized|dequantized|requantized?)(_\d+)?)+$/;
/** Chains that differ in more operators than this are aligned greedily: the exact way takes the square of it. */
const MOST_EDITS = 1200;
/** How far the greedy way looks ahead on either side. */
const LOOKAHEAD = 64;

/**
 * For each operator of `before` its partner in `after`, or -1; no operator has two. First by equal kind and name, then by
 * name without what quantizers add; what is left between those pairs along the longest common chain of equal kind and
 * shapes, then of equal kind. The answer is the same with the sides exchanged. Iterative; linear in the operators, with the
 * square of the edits of a gap, 1,200 at most.
 */
export function matchByNameAndStructure(
  before: readonly MatchItem[],
  after: readonly MatchItem[],
): Int32Array {
  // One fixed order of the sides, so that exchanging them changes nothing.
  if (compareItems(before, after) <= 0) return matchInOrder(before, after);
  const found = matchInOrder(after, before);
  const partner = new Int32Array(before.length).fill(-1);
  found.forEach((b, a) => {
    if (b !== -1) partner[b] = a;
  });
  return partner;
}

function matchInOrder(before: readonly MatchItem[], after: readonly MatchItem[]): Int32Array {
  const partner = new Int32Array(before.length).fill(-1);
  const isTaken = new Uint8Array(after.length);
  const keys = new Keys();
  const plain = ({ kind, name }: MatchItem) => keys.of(kind, name);
  const stripped = ({ kind, name }: MatchItem) => keys.of(kind, name.replace(SUFFIX, ''));
  const handedOn = ({ kind, handedOn: name }: MatchItem) => keys.of(kind, name);
  let free = Math.min(before.length, after.length);
  const ways = [
    [plain, plain],
    [stripped, stripped],
    [plain, handedOn],
    [handedOn, plain],
  ] as const;
  for (const [keyBefore, keyAfter] of ways) {
    if (free > 0) free -= pairEqual(before, after, partner, isTaken, keyBefore, keyAfter);
  }
  for (const key of [
    ({ kind, shapes }: MatchItem) => keys.of(kind, `${shapes()};`),
    ({ kind }: MatchItem) => keys.of(kind, ';'),
  ]) {
    if (free > 0) free -= fillGaps(before, after, partner, isTaken, key);
  }
  return partner;
}

/** Small numbers for pairs of texts: quicker to look up than texts joined. */
class Keys {
  readonly #numbers = new Map<string, Map<string, number>>();
  #count = 0;

  /** -1 for a text that is empty. */
  of(kind: string, text: string): number {
    if (text === '') return -1;
    let byText = this.#numbers.get(kind);
    if (!byText) this.#numbers.set(kind, (byText = new Map<string, number>()));
    let number = byText.get(text);
    if (number === undefined) byText.set(text, (number = this.#count++));
    return number;
  }
}

/** Pairs up free operators with one key, in order. Returns how many. */
function pairEqual(
  before: readonly MatchItem[],
  after: readonly MatchItem[],
  partner: Int32Array,
  isTaken: Uint8Array,
  keyBefore: (item: MatchItem) => number,
  keyAfter: (item: MatchItem) => number,
): number {
  /** First free operator after with a key, and the next one with the same. */
  const head = new Map<number, number>();
  const next = new Int32Array(after.length).fill(-1);
  for (let b = after.length - 1; b >= 0; b--) {
    const key = isTaken[b] ? -1 : keyAfter(after[b]!);
    if (key === -1) continue;
    next[b] = head.get(key) ?? -1;
    head.set(key, b);
  }
  let pairs = 0;
  if (head.size === 0) return pairs;
  before.forEach((item, a) => {
    if (partner[a] !== -1) return;
    const key = keyBefore(item);
    const b = head.get(key) ?? -1;
    if (b === -1) return;
    head.set(key, next[b]!);
    partner[a] = b;
    isTaken[b] = 1;
    pairs++;
  });
  return pairs;
}

/** Pairs up what is free between pairs that keep the order, along the longest common chain of keys. Returns how many. */
function fillGaps(
  before: readonly MatchItem[],
  after: readonly MatchItem[],
  partner: Int32Array,
  isTaken: Uint8Array,
  keyOf: (item: MatchItem) => number,
): number {
  const anchors = longestRise(partner);
  let pairCount = 0;
  let [a, b] = [0, 0];
  for (let i = 0; i <= anchors.length; i++) {
    const endA = anchors[i] ?? before.length;
    const endB = i < anchors.length ? partner[endA]! : after.length;
    const freeA: number[] = [];
    const freeB: number[] = [];
    for (; a < endA; a++) if (partner[a] === -1) freeA.push(a);
    for (; b < endB; b++) if (!isTaken[b]) freeB.push(b);
    if (freeA.length > 0 && freeB.length > 0) {
      const pairs = commonChain(
        Int32Array.from(freeA, (at) => keyOf(before[at]!)),
        Int32Array.from(freeB, (at) => keyOf(after[at]!)),
      );
      for (const [x, y] of pairs) {
        partner[freeA[x]!] = freeB[y]!;
        isTaken[freeB[y]!] = 1;
      }
      pairCount += pairs.length;
    }
    [a, b] = [endA + 1, endB + 1];
  }
  return pairCount;
}

/** Positions whose values rise, as many as there can be; entries of -1 are passed over. n log n. */
function longestRise(values: Int32Array): number[] {
  const tails: number[] = [];
  const previous = new Int32Array(values.length).fill(-1);
  values.forEach((value, i) => {
    if (value === -1) return;
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[tails[middle]!]! < value) low = middle + 1;
      else high = middle;
    }
    if (low > 0) previous[i] = tails[low - 1]!;
    tails[low] = i;
  });
  const rise: number[] = [];
  for (let i = tails.at(-1) ?? -1; i !== -1; i = previous[i]!) rise.push(i);
  return rise.reverse();
}

/** Pairs of positions along the longest common chain (greedy where more than `MOST_EDITS` differ). */
export function commonChain(left: Int32Array, right: Int32Array): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) {
    pairs.push([start, start]);
    start++;
  }
  let [endA, endB] = [left.length, right.length];
  const tail: (readonly [number, number])[] = [];
  while (endA > start && endB > start && left[endA - 1] === right[endB - 1]) tail.push([--endA, --endB]);
  const [a, b] = [left.subarray(start, endA), right.subarray(start, endB)];
  const middle = a.length === 0 || b.length === 0 ? [] : (shortestEdits(a, b) ?? greedyChain(a, b));
  for (const [x, y] of middle) pairs.push([x + start, y + start]);
  return [...pairs, ...tail.reverse()];
}

/**
 * Common chain by the fewest edits: E. Myers, "An O(ND) difference algorithm and its variations", 1986. Null when there
 * are more than `MOST_EDITS`.
 */
function shortestEdits(left: Int32Array, right: Int32Array): (readonly [number, number])[] | null {
  const [n, m] = [left.length, right.length];
  if (Math.abs(n - m) > MOST_EDITS) return null;
  const most = Math.min(n + m, MOST_EDITS);
  /** Furthest place on each diagonal, from -most - 1 on. */
  const reach = new Int32Array(2 * most + 3);
  const history: Int32Array[] = [];
  const zero = most + 1;
  for (let edits = 0; edits <= most; edits++) {
    history.push(reach.slice(zero - edits - 1, zero + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const isDown =
        diagonal === -edits ||
        (diagonal !== edits && reach[zero + diagonal - 1]! < reach[zero + diagonal + 1]!);
      let x = isDown ? reach[zero + diagonal + 1]! : reach[zero + diagonal - 1]! + 1;
      while (x < n && x - diagonal < m && left[x] === right[x - diagonal]) x++;
      reach[zero + diagonal] = x;
      if (x >= n && x - diagonal >= m) return walkBack(history, n, m);
    }
  }
  return null;
}

/** The pairs of equal symbols on the way that the search has found. */
function walkBack(history: readonly Int32Array[], n: number, m: number): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  let [x, y] = [n, m];
  for (let edits = history.length - 1; edits >= 0; edits--) {
    const reach = history[edits]!;
    const at = (diagonal: number) => reach[diagonal + edits + 1]!;
    const diagonal = x - y;
    const isDown = diagonal === -edits || (diagonal !== edits && at(diagonal - 1) < at(diagonal + 1));
    const before = isDown ? diagonal + 1 : diagonal - 1;
    const startX = edits === 0 ? 0 : at(before);
    const startY = edits === 0 ? 0 : startX - before;
    while (x > startX && y > startY) pairs.push([--x, --y]);
    [x, y] = [startX, startY];
  }
  return pairs.reverse();
}

/** A common chain in linear time: goes on at the nearest equal pair, looking a little ahead on both sides. */
function greedyChain(left: Int32Array, right: Int32Array): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  let [x, y] = [0, 0];
  while (x < left.length && y < right.length) {
    let found = false;
    for (let distance = 0; distance <= LOOKAHEAD && !found; distance++) {
      for (let i = 0; i <= distance; i++) {
        const [a, b] = [x + i, y + distance - i];
        if (a >= left.length || b >= right.length || left[a] !== right[b]) continue;
        pairs.push([a, b]);
        [x, y] = [a + 1, b + 1];
        found = true;
        break;
      }
    }
    if (!found) {
      // Nothing near: pass over the longer side's next stretch.
      if (left.length - x >= right.length - y) x += LOOKAHEAD;
      else y += LOOKAHEAD;
    }
  }
  return pairs;
}

/** Order of two lists: by length, then by the first operator that differs; 0 only where matching sees no difference. */
function compareItems(before: readonly MatchItem[], after: readonly MatchItem[]): number {
  if (before.length !== after.length) return before.length - after.length;
  for (let i = 0; i < before.length; i++) {
    const [x, y] = [before[i]!, after[i]!];
    if (x.kind !== y.kind) return x.kind < y.kind ? -1 : 1;
    if (x.name !== y.name) return x.name < y.name ? -1 : 1;
    if (x.handedOn !== y.handedOn) return x.handedOn < y.handedOn ? -1 : 1;
  }
  for (let i = 0; i < before.length; i++) {
    if (before[i]!.name !== '') continue;
    const [x, y] = [before[i]!.shapes(), after[i]!.shapes()];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
