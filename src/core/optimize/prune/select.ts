/** Finds the smallest magnitudes without sorting. */

/**
 * Marks exactly `count` values of smallest magnitude over all arrays together; among equal ones, those that come first.
 * `magnitudes` are not negative (NaN counts as larger than everything). The result has one array of 0 and 1 for each.
 */
export function markSmallest(magnitudes: readonly Float32Array[], count: number): Uint8Array[] {
  const total = magnitudes.reduce((sum, list) => sum + list.length, 0);
  if (count <= 0) return magnitudes.map((list) => new Uint8Array(list.length));
  if (count >= total) return magnitudes.map((list) => new Uint8Array(list.length).fill(1));
  // The bits of floats that are not negative order as the floats do: find the threshold by its high, then low half.
  const bits = magnitudes.map((list) => new Uint32Array(list.buffer, list.byteOffset, list.length));
  const high = locate(bits, count, (value) => value >>> 16);
  const low = locate(bits, count - high.below, (value) =>
    value >>> 16 === high.bucket ? value & 0xffff : -1,
  );
  const threshold = high.bucket * 0x10000 + low.bucket;
  let equalsLeft = count - high.below - low.below;
  return bits.map((list) => {
    const marks = new Uint8Array(list.length);
    for (let i = 0; i < list.length; i++) {
      const value = list[i]!;
      if (value < threshold) marks[i] = 1;
      else if (value === threshold && equalsLeft > 0) {
        marks[i] = 1;
        equalsLeft--;
      }
    }
    return marks;
  });
}

/** The bucket that holds the value of rank `rank` (1 is the smallest), and how many values lie in buckets below. */
function locate(
  lists: readonly Uint32Array[],
  rank: number,
  bucketOf: (value: number) => number,
): { readonly bucket: number; readonly below: number } {
  const counts = new Uint32Array(0x10000);
  for (const list of lists) {
    for (const value of list) {
      const bucket = bucketOf(value);
      if (bucket >= 0) counts[bucket]! += 1;
    }
  }
  let below = 0;
  let bucket = 0;
  while (below + counts[bucket]! < rank) below += counts[bucket++]!;
  return { bucket, below };
}
