/** Numbers that are equal for equal structure. */

/** Mixes a number into a hash of 32 bits (FNV-1a over the number at once). */
function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x01000193);
  return mixed ^ (mixed >>> 15);
}

/** A hash of what is put into it, in order. 52 bits, so that two things of one model do not meet by chance. */
export class Hasher {
  readonly #state = new Int32Array(2);
  readonly #texts = new Map<string, number>();
  readonly #number = new Float64Array(1);
  readonly #halvesOfNumber = new Int32Array(this.#number.buffer);

  constructor() {
    this.restart();
  }

  /** From 0 to 2^52 - 1. Goes on with what is put in next. */
  get value(): number {
    return (this.#state[0]! >>> 0) + (this.#state[1]! & 0xfffff) * 0x100000000;
  }

  /** Forgets everything. */
  restart(): void {
    this.#state[0] = 0x811c9dc5;
    this.#state[1] = 0x2bb37a1d;
  }

  /** Puts in the lowest 32 bits of an integer. */
  add(value: number): void {
    const low = mix(this.#state[0]!, value);
    this.#state[0] = low;
    this.#state[1] = mix(this.#state[1]!, Math.imul(value, 0x9e3779b1) ^ low);
  }

  addText(text: string): void {
    let hash = this.#texts.get(text);
    if (hash === undefined) {
      hash = text.length;
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
      this.#texts.set(text, hash);
    }
    this.add(hash);
  }

  /** Puts in any value of a table of options; what is absent counts as nothing. */
  addValue(value: unknown): void {
    if (typeof value === 'number') {
      this.#number[0] = value;
      this.add(this.#halvesOfNumber[0]!);
      this.add(this.#halvesOfNumber[1]!);
    } else if (typeof value === 'string') this.addText(value);
    else if (typeof value === 'boolean') this.add(value ? 1 : 0);
    else if (typeof value === 'bigint') this.addText(value.toString());
    else if (typeof value === 'object' && value !== null) {
      for (const part of Object.values(value)) this.addValue(part);
    }
  }

  /** Puts in an integer of up to 53 bits: another hash. */
  addWide(value: number): void {
    this.add(value % 0x100000000);
    this.add(Math.floor(value / 0x100000000));
  }

  /** Writes what there is so far to place i of a list of pairs; nothing where that lies outside. */
  writeHalves(list: Int32Array, i: number): void {
    list[2 * i] = this.#state[0]!;
    list[2 * i + 1] = this.#state[1]!;
  }

  /** Adds what there is so far to place i of a list of pairs: a sum does not depend on the order. */
  addToHalves(list: Int32Array, i: number): void {
    list[2 * i]! += this.#state[0]!;
    list[2 * i + 1]! += this.#state[1]!;
  }

  /** Puts in the pair at place i of a list; zeros where that lies outside. */
  addHalves(list: Int32Array, i: number): void {
    this.add(list[2 * i] ?? 0);
    this.add(list[2 * i + 1] ?? 0);
  }
}

/**
 * Hash of an ordered list of parts with the edges among them: `ends` holds the places of the two ends of each edge
 * and its port.
 */
export function hashParts(symbols: Iterable<number>, ends: readonly number[]): number {
  const hash = new Hasher();
  for (const symbol of symbols) hash.addWide(symbol);
  hash.add(-1);
  for (const end of ends) hash.add(end);
  return hash.value;
}

/** How many groups of one parent have the same hash as each group, and which of them it is (from 1). */
export function countEqual(
  parentOf: Int32Array,
  hashes: Float64Array,
): { readonly repeats: Int32Array; readonly ordinal: Int32Array } {
  const counts = new Map<string, number>();
  const keys = Array.from(parentOf, (parent, g) => `${parent} ${hashes[g]}`);
  const ordinal = Int32Array.from(keys, (key) => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count;
  });
  return { ordinal, repeats: Int32Array.from(keys, (key) => counts.get(key)!) };
}
