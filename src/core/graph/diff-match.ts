/** Which operators of two graphs belong together, told from structure and names. */
import { commonChain, longestRise } from './diff-chain';
import type { Cones } from './diff-cones';
import { Hasher } from './groups-hash';

/** The operators of one of two graphs, in order. */
export interface MatchSide {
  readonly kinds: readonly string[];
  /** Names of their first outputs; empty where there is none. */
  readonly names: readonly string[];
  /** Names under which QUANTIZE or DEQUANTIZE hand their first outputs on; null where none does. */
  readonly handedOn: readonly string[] | null;
  readonly cones: Cones;
}

/** What quantizers put behind the name of the integer or float form of a tensor. */
const SUFFIX = /(_(int8|uint8|int16|float|float32|quantized|dequantized|requantized?)(_\d+)?)+$/;

/**
 * For each operator of `before` its partner in `after`, or -1; no operator has two. First those that compute the same
 * value, or with whose value the same is done, of equal name before others; then those of equal kind and name, with or
 * without what quantizers add; then those of equal kind that read the same values, or whose value is read by the same;
 * what is left between those pairs along the longest common chain of equal content, then of equal kind and shapes, then of
 * equal kind. So one change is found as one, whatever the names are. The answer is the same with the sides exchanged.
 * Iterative; linear in the operators, with the square of the edits of a gap, 1,200 at most.
 */
export function matchOperators(before: MatchSide, after: MatchSide): Int32Array {
  // One fixed order of the sides, so that exchanging them changes nothing.
  if (compareSides(before, after) <= 0) return matchInOrder(before, after);
  const found = matchInOrder(after, before);
  const partner = new Int32Array(before.kinds.length).fill(-1);
  found.forEach((b, a) => {
    if (b !== -1) partner[b] = a;
  });
  return partner;
}

function matchInOrder(before: MatchSide, after: MatchSide): Int32Array {
  const keys = new Keys();
  let pairing = pairCones(before, after, keys, ['forward', 'backward']);
  if (pairing.free > 0) {
    // Where parts come more than once, either may take what belongs to the other.
    const other = pairCones(before, after, keys, ['backward', 'forward']);
    if (other.free < pairing.free) pairing = other;
  }
  const plain: KeyOf = ({ kinds, names }, i) => keys.of(kinds[i]!, names[i]!);
  const stripped: KeyOf = ({ kinds, names }, i) => keys.of(kinds[i]!, names[i]!.replace(SUFFIX, ''));
  const handedOn: KeyOf = ({ kinds, handedOn: names }, i) => (names ? keys.of(kinds[i]!, names[i]!) : -1);
  pairing.pairEqual(plain, plain);
  pairing.pairEqual(stripped, stripped);
  pairing.pairEqual(plain, handedOn);
  pairing.pairEqual(handedOn, plain);
  pairing.pairEqual(byCone('reads'), byCone('reads'));
  pairing.pairEqual(byCone('serves'), byCone('serves'));
  pairing.fillGaps(byCone('content'));
  pairing.fillGaps(byCone('look'));
  pairing.fillGaps(({ kinds }, i) => keys.of(kinds[i]!, ';'));
  return pairing.partner;
}

/** A number for operator i of a side, equal for those that may be partners; -1 where it may have none. */
type KeyOf = (side: MatchSide, i: number) => number;

type ConeName = 'look' | 'content' | 'forward' | 'backward' | 'whole' | 'reads' | 'serves';

function byCone(cone: ConeName): KeyOf {
  return ({ cones }, i) => cones[cone](i);
}

/** Pairs what is the same with all around it, then by each of `directions`, those of equal name first. */
function pairCones(
  before: MatchSide,
  after: MatchSide,
  keys: Keys,
  directions: readonly ('forward' | 'backward')[],
): Pairing {
  const pairing = new Pairing(before, after);
  const hash = new Hasher();
  const withName =
    (cone: ConeName): KeyOf =>
    ({ kinds, names, cones }, i) => {
      if (names[i] === '') return -1;
      hash.restart();
      hash.add(keys.of(kinds[i]!, names[i]!));
      hash.addWide(cones[cone](i));
      return hash.value;
    };
  for (const key of [byCone('whole'), ...directions.map(withName), ...directions.map(byCone)]) {
    pairing.pairEqual(key, key);
  }
  return pairing;
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

/** Partners while they are being found. */
class Pairing {
  /** For each operator before that after, or -1. */
  readonly partner: Int32Array;
  /** The most pairs that there can still be. */
  free: number;
  readonly #before: MatchSide;
  readonly #after: MatchSide;
  readonly #isTaken: Uint8Array;

  constructor(before: MatchSide, after: MatchSide) {
    this.#before = before;
    this.#after = after;
    this.partner = new Int32Array(before.kinds.length).fill(-1);
    this.#isTaken = new Uint8Array(after.kinds.length);
    this.free = Math.min(before.kinds.length, after.kinds.length);
  }

  #pair(a: number, b: number): void {
    this.partner[a] = b;
    this.#isTaken[b] = 1;
    this.free--;
  }

  /** Pairs up free operators with one key: as far as they go in step from both ends, then in order. */
  pairEqual(keyBefore: KeyOf, keyAfter: KeyOf): void {
    if (this.free === 0) return;
    const freeA = this.#listFree(this.partner, -1);
    const freeB = this.#listFree(this.#isTaken, 0);
    const keysA = keysOf(this.#before, freeA, keyBefore);
    const keysB = keysOf(this.#after, freeB, keyAfter);
    let start = 0;
    let [endA, endB] = [freeA.length, freeB.length];
    while (start < endA && start < endB && keysA[start] !== -1 && keysA[start] === keysB[start]) {
      this.#pair(freeA[start]!, freeB[start]!);
      start++;
    }
    while (endA > start && endB > start && keysA[endA - 1] !== -1 && keysA[endA - 1] === keysB[endB - 1]) {
      this.#pair(freeA[--endA]!, freeB[--endB]!);
    }
    if (endA === start || endB === start) return;
    /** First free operator after with a key, and the next one with the same, as places in `freeB`. */
    const head = new Map<number, number>();
    const next = new Int32Array(endB).fill(-1);
    for (let b = endB - 1; b >= start; b--) {
      const key = keysB[b]!;
      if (key === -1) continue;
      next[b] = head.get(key) ?? -1;
      head.set(key, b);
    }
    for (let a = start; a < endA; a++) {
      const b = head.get(keysA[a]!) ?? -1;
      if (b === -1) continue;
      head.set(keysA[a]!, next[b]!);
      this.#pair(freeA[a]!, freeB[b]!);
    }
  }

  #listFree(list: ArrayLike<number>, mark: number): Int32Array {
    const free = new Int32Array(list.length);
    let count = 0;
    for (let i = 0; i < list.length; i++) if (list[i] === mark) free[count++] = i;
    return free.subarray(0, count);
  }

  /** Pairs up what is free between pairs that keep the order, along the longest common chain of keys. */
  fillGaps(keyOf: KeyOf): void {
    if (this.free === 0) return;
    const anchors = longestRise(this.partner);
    let [a, b] = [0, 0];
    for (let i = 0; i <= anchors.length; i++) {
      const endA = anchors[i] ?? this.partner.length;
      const endB = i < anchors.length ? this.partner[endA]! : this.#isTaken.length;
      const freeA: number[] = [];
      const freeB: number[] = [];
      for (; a < endA; a++) if (this.partner[a] === -1) freeA.push(a);
      for (; b < endB; b++) if (!this.#isTaken[b]) freeB.push(b);
      if (freeA.length > 0 && freeB.length > 0) {
        const pairs = commonChain(keysOf(this.#before, freeA, keyOf), keysOf(this.#after, freeB, keyOf));
        for (const [x, y] of pairs) this.#pair(freeA[x]!, freeB[y]!);
      }
      [a, b] = [endA + 1, endB + 1];
    }
  }
}

function keysOf(side: MatchSide, operators: ArrayLike<number>, keyOf: KeyOf): Float64Array {
  const keys = new Float64Array(operators.length);
  for (let k = 0; k < keys.length; k++) keys[k] = keyOf(side, operators[k]!);
  return keys;
}

/** Order of two sides: by length, then by the first operator that differs; 0 only where matching sees no difference. */
function compareSides(before: MatchSide, after: MatchSide): number {
  const count = before.kinds.length;
  if (count !== after.kinds.length) return count - after.kinds.length;
  for (const cone of ['forward', 'backward'] as const) {
    for (let i = 0; i < count; i++) {
      const order = before.cones[cone](i) - after.cones[cone](i);
      if (order !== 0) return order;
    }
  }
  for (const key of ['names', 'handedOn'] as const) {
    for (let i = 0; i < count; i++) {
      const [x, y] = [before[key]?.[i] ?? '', after[key]?.[i] ?? ''];
      if (x !== y) return x < y ? -1 : 1;
    }
  }
  return 0;
}
