/** Finds buffers with equal bytes. */
import type { ModelBuffer } from '../../model/types';

/**
 * For each buffer the first one with the same content, itself when there is none before it. Only buffers in
 * `candidates` are compared. Buffers without data are equal to one another, but not to buffers of no bytes.
 */
export function findEqualBuffers(
  buffers: readonly ModelBuffer[],
  candidates: ReadonlySet<number>,
): Int32Array {
  const same = Int32Array.from(buffers, (_, index) => index);
  const byLength = new Map<number, number[]>();
  buffers.forEach((buffer, index) => {
    if (!candidates.has(index)) return;
    const length = buffer.data?.length ?? -1;
    const list = byLength.get(length);
    if (list) list.push(index);
    else byLength.set(length, [index]);
  });
  for (const [length, list] of byLength) {
    if (list.length < 2) continue;
    if (length <= 0) for (const index of list) same[index] = list[0]!;
    else shareInGroup(buffers, list, same);
  }
  return same;
}

function shareInGroup(buffers: readonly ModelBuffer[], list: readonly number[], same: Int32Array): void {
  const byHash = new Map<number, number[]>();
  for (const index of list) {
    const { data } = buffers[index]!;
    if (!data) continue;
    const hash = hashBytes(data);
    const known = byHash.get(hash) ?? [];
    const twin = known.find((other) => isEqual(buffers[other]!.data!, data));
    if (twin !== undefined) same[index] = twin;
    else byHash.set(hash, [...known, index]);
  }
}

/** FNV-1a over bytes; only to tell most different buffers apart before they are compared. */
function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.buffer === b.buffer && a.byteOffset === b.byteOffset) return a.length === b.length;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
