/**
 * The one inner loop of all matrix work here: 4 x 4 dot products at once. Sixteen sums in registers make every loaded
 * number count four times, which is worth a factor of four over plain loops.
 */

/** Rows and columns of a tile. */
export const TILE = 4;

/** The next multiple of a tile's side. */
export function roundUpToTile(size: number): number {
  return Math.ceil(size / TILE) * TILE;
}

/**
 * Adds the dot products of 4 rows of `a` (from `aAt`, `aStride` apart) with 4 rows of `b` over `length` values:
 * `products[at + 4 * i + j] += a_i . b_j`.
 */
export function dotTile(
  a: Float64Array,
  aAt: number,
  aStride: number,
  b: Float64Array,
  bAt: number,
  bStride: number,
  length: number,
  products: Float64Array,
  at = 0,
): void {
  let a0 = aAt;
  let a1 = a0 + aStride;
  let a2 = a1 + aStride;
  let a3 = a2 + aStride;
  let b0 = bAt;
  let b1 = b0 + bStride;
  let b2 = b1 + bStride;
  let b3 = b2 + bStride;
  let p00 = 0, p01 = 0, p02 = 0, p03 = 0; // prettier-ignore
  let p10 = 0, p11 = 0, p12 = 0, p13 = 0; // prettier-ignore
  let p20 = 0, p21 = 0, p22 = 0, p23 = 0; // prettier-ignore
  let p30 = 0, p31 = 0, p32 = 0, p33 = 0; // prettier-ignore
  for (const end = a0 + length; a0 < end;) {
    const y0 = b[b0++]!;
    const y1 = b[b1++]!;
    const y2 = b[b2++]!;
    const y3 = b[b3++]!;
    let x = a[a0++]!;
    p00 += x * y0;
    p01 += x * y1;
    p02 += x * y2;
    p03 += x * y3;
    x = a[a1++]!;
    p10 += x * y0;
    p11 += x * y1;
    p12 += x * y2;
    p13 += x * y3;
    x = a[a2++]!;
    p20 += x * y0;
    p21 += x * y1;
    p22 += x * y2;
    p23 += x * y3;
    x = a[a3++]!;
    p30 += x * y0;
    p31 += x * y1;
    p32 += x * y2;
    p33 += x * y3;
  }
  products[at]! += p00;
  products[at + 1]! += p01;
  products[at + 2]! += p02;
  products[at + 3]! += p03;
  products[at + 4]! += p10;
  products[at + 5]! += p11;
  products[at + 6]! += p12;
  products[at + 7]! += p13;
  products[at + 8]! += p20;
  products[at + 9]! += p21;
  products[at + 10]! += p22;
  products[at + 11]! += p23;
  products[at + 12]! += p30;
  products[at + 13]! += p31;
  products[at + 14]! += p32;
  products[at + 15]! += p33;
}
