/** Conversions between float32 and the two 16-bit floating-point formats, which JavaScript has no array for. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** IEEE 754 binary16 bits to the number they stand for (exact). */
export function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A number to IEEE 754 binary16 bits, through float32, rounded to nearest, ties to even. */
export function numberToHalf(value: number): number {
  float[0] = value;
  const source = bits[0]!;
  const sign = (source >>> 16) & 0x8000;
  const magnitude = source & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  // Below 2^-14 halves are multiples of 2^-24: the float is exact there, so scaling and rounding once is enough.
  if (magnitude < 0x38800000) return sign | roundToEven(Math.abs(float[0]) * 2 ** 24);
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** bfloat16 bits to the number they stand for (exact). */
export function bfloat16ToNumber(value: number): number {
  bits[0] = value << 16;
  return float[0]!;
}

/** bfloat16 bits to float32 values. */
export function expandBfloat16(values: Uint16Array): Float32Array {
  return Float32Array.from(values, bfloat16ToNumber);
}

function roundToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}
