/** Rounds to the nearest whole number, halves away from zero, as TensorFlow Lite does (`Math.round` rounds them up). */
export function roundHalfAwayFromZero(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}
