/** Numbers that are equal for equal structure. */
import type { ViewGraph } from './types';

/** Mixes a number into a hash of 32 bits (FNV-1a over the number at once). */
export function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x01000193);
  return mixed ^ (mixed >>> 15);
}

/**
 * Hash of an ordered list of parts with the edges among them: `ends` holds the places of the two ends of each edge
 * and its port. 52 bits, so that two different blocks of one model do not meet by chance.
 */
export function hashParts(symbols: Iterable<number>, ends: readonly number[]): number {
  let low = 0x811c9dc5;
  let high = 0x2bb37a1d;
  const add = (value: number): void => {
    low = mix(low, value);
    high = mix(high, Math.imul(value, 0x9e3779b1) ^ low);
  };
  for (const symbol of symbols) {
    add(symbol % 0x100000000);
    add(Math.floor(symbol / 0x100000000));
  }
  add(-1);
  for (const end of ends) add(end);
  return (low >>> 0) + ((high >>> 0) & 0xfffff) * 0x100000000;
}

/**
 * What each node does, as a small number: kind, activation, which constants of what dtype it reads, how many results it
 * has and their dtypes. Sizes do not count: the blocks of a network that grows from layer to layer are built alike.
 */
export function nodeSymbols({ nodes, edgeFrom, edgePort, edgeLabel }: ViewGraph): Float64Array {
  const results: string[] = nodes.map(() => '');
  const lastPort = new Int32Array(nodes.length).fill(-1);
  edgeFrom.forEach((v, e) => {
    if (lastPort[v] === edgePort[e]) return;
    lastPort[v] = edgePort[e]!;
    const label = edgeLabel[e]!;
    results[v] = `${results[v]};${edgePort[e]} ${label.slice(label.lastIndexOf(' ') + 1)}`;
  });
  const numbers = new Map<string, number>();
  return Float64Array.from(nodes, ({ title, activation, rows }, v) => {
    let text = `${title}|${activation}|${results[v]}`;
    for (const row of rows) text += `|${row.label} ${row.dtype}`;
    let number = numbers.get(text);
    if (number === undefined) numbers.set(text, (number = numbers.size + 1));
    return number;
  });
}

/** How many groups of one parent are equal to each group, and which of them it is (from 1). */
export function countEqual(
  order: readonly number[],
  parentOf: Int32Array,
  hashes: ReadonlyMap<number, number>,
): { readonly repeats: Int32Array; readonly ordinal: Int32Array } {
  const counts = new Map<string, number>();
  const keyOf = (g: number) => `${parentOf[g]} ${hashes.get(order[g]!)}`;
  const ordinal = Int32Array.from(order, (_, g) => {
    const count = (counts.get(keyOf(g)) ?? 0) + 1;
    counts.set(keyOf(g), count);
    return count;
  });
  return { ordinal, repeats: Int32Array.from(order, (_, g) => counts.get(keyOf(g))!) };
}
