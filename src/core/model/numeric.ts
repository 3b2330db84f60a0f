/** Number formats of the file: rounding, 16- and 8-bit floats, values of less than a byte. Shared by codec and passes. */

/** Rounds to the nearest integer, halves away from zero, as the TFLite converter does. Never gives -0. */
export function roundHalfAwayFromZero(value: number): number {
  // Math.round rounds halves up, which is away from zero for positive numbers only.
  return value <= 0 ? 0 - Math.round(-value) : Math.round(value);
}

/** Largest finite float16. */
export const FLOAT16_MAX = 65_504;

let float16Values: Float32Array | null = null;

/** Float16 bits to numbers. */
export function float16ToFloat32(bits: Uint16Array): Float32Array {
  const values = (float16Values ??= Float32Array.from({ length: 65_536 }, (_, i) => smallFloat(i, 5, 10)));
  const result = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) result[i] = values[bits[i]!]!;
  return result;
}

/**
 * Numbers to float16 bits, rounding to nearest, halves to even. Values beyond the range become infinite, or with
 * `clamp` the largest finite value (infinities too). NaN stays NaN.
 */
export function float32ToFloat16(values: Float32Array, clamp = false): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bits = new Uint16Array(values.length);
  const infinity = clamp ? 0x7bff : 0x7c00;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    let half: number;
    if (magnitude > 0x7f800000) half = 0x7e00;
    else if (magnitude >= 0x477ff000)
      half = infinity; // rounds to 65536 or more
    else if (magnitude >= 0x38800000) {
      // Normal: rebias the exponent and round the 13 bits that fall away.
      half = (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
    } else if (magnitude > 0x33000000) {
      // Subnormal: the hidden bit shows, and more bits fall away the smaller the number.
      const shift = 126 - (magnitude >>> 23);
      const mantissa = (magnitude & 0x7fffff) | 0x800000;
      const kept = mantissa >>> shift;
      const rest = mantissa & ((1 << shift) - 1);
      const middle = 1 << (shift - 1);
      half = kept + (rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0);
    } else half = 0;
    bits[i] = sign | half;
  }
  return bits;
}

/** bfloat16 bits (the upper half of a float32) to numbers. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const words = Uint32Array.from(bits, (half) => half << 16);
  return new Float32Array(words.buffer);
}

/** Numbers to bfloat16 bits, rounding to nearest, halves to even. */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(words, (word) => {
    if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40;
    return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  });
}

/** float8 with 4 exponent bits, no infinities, one NaN per sign (E4M3FN), to numbers. */
export function float8E4m3ToFloat32(bits: Uint8Array): Float32Array {
  return Float32Array.from(bits, (byte) =>
    (byte & 0x7f) === 0x7f ? Number.NaN : smallFloat(byte, 4, 3, true),
  );
}

/** float8 with 5 exponent bits (E5M2, a shortened float16) to numbers. */
export function float8E5m2ToFloat32(bits: Uint8Array): Float32Array {
  return Float32Array.from(bits, (byte) => smallFloat(byte, 5, 2));
}

/** Value of a small float; the top exponent means infinity and NaN unless `isFinite`. */
function smallFloat(bits: number, exponentBits: number, mantissaBits: number, isFinite = false): number {
  const sign = (bits >>> (exponentBits + mantissaBits)) & 1 ? -1 : 1;
  const top = (1 << exponentBits) - 1;
  const exponent = (bits >>> mantissaBits) & top;
  const fraction = (bits & ((1 << mantissaBits) - 1)) / (1 << mantissaBits);
  const bias = top >>> 1;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  if (exponent === top && !isFinite) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}

/** Bytes that `count` values of `bits` bits take; values do not straddle bytes for 1, 2, 4 and 8 bits and up. */
export function packedBytes(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8);
}

/** Packs values of 4 bits (signed or not), two per byte, the first in the low bits. */
export function packInt4(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return pack(values, 4);
}

/** Packs values of 2 bits, four per byte, the first in the lowest bits. */
export function packInt2(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return pack(values, 2);
}

/** Unpacks `count` signed values of 4 bits, -8 to 7. */
export function unpackInt4(bytes: Uint8Array, count: number): Int8Array {
  const values = new Int8Array(count);
  for (let i = 0; i < count; i++) values[i] = (bytes[i >> 1]! << ((i & 1) === 0 ? 28 : 24)) >> 28;
  return values;
}

/** Unpacks `count` unsigned values of 4 bits, 0 to 15. */
export function unpackUint4(bytes: Uint8Array, count: number): Uint8Array {
  const values = new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = (bytes[i >> 1]! >> ((i & 1) << 2)) & 15;
  return values;
}

/** Unpacks `count` signed values of 2 bits, -2 to 1. */
export function unpackInt2(bytes: Uint8Array, count: number): Int8Array {
  const values = new Int8Array(count);
  for (let i = 0; i < count; i++) values[i] = (bytes[i >> 2]! << (30 - ((i & 3) << 1))) >> 30;
  return values;
}

function pack(values: ArrayLike<number>, bits: 2 | 4): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(packedBytes(values.length, bits));
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  for (let i = 0; i < values.length; i++) {
    const at = Math.floor(i / perByte);
    bytes[at] = bytes[at]! | ((values[i]! & mask) << ((i % perByte) * bits));
  }
  return bytes;
}
