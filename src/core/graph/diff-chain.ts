/** The longest chains of numbers that two lists have in common, and that rise in one. */

/** Chains that differ in more operators than this are aligned greedily: the exact way takes the square of it. */
const MOST_EDITS = 1200;
/** How far the greedy way looks ahead on either side. */
const LOOKAHEAD = 64;

/** Positions whose values rise, as many as there can be; entries of -1 are passed over. n log n. */
export function longestRise(values: Int32Array): number[] {
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

/**
 * Pairs of positions along the longest common chain of two lists of numbers, in order; greedy, so perhaps not the longest,
 * where more than 1,200 differ.
 */
export function commonChain(left: Float64Array, right: Float64Array): (readonly [number, number])[] {
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
function shortestEdits(left: Float64Array, right: Float64Array): (readonly [number, number])[] | null {
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
function greedyChain(left: Float64Array, right: Float64Array): (readonly [number, number])[] {
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
