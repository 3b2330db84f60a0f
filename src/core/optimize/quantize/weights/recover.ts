/** Float weights that were integers once: exports of quantization-aware training, and dequantized files. */
import { rowsOf } from './rows';
import { fullRanges, largestInteger, lowestInteger, NARROWEST_RANGE, type WeightBits } from './scales';

/** How far from an integer a recovered weight may lie, in steps. Float32 arithmetic moves it by 1e-5. */
const TOLERANCE = 1e-3;

/**
 * Scales on whose grid every weight lies already, so that rounding loses nothing; null when a channel has none (any trained
 * float weights). The magnitude farthest out is some integer on the grid, so trying each integer for it finds the grid
 * even where neighbouring steps are not in use. Of several the coarsest is taken. Values must be finite.
 */
export function recoveredScales(
  values: Float32Array,
  shape: readonly number[],
  axis: number | null,
  bits: WeightBits,
): Float32Array | null {
  const ranges = fullRanges(values, shape, axis, bits);
  const rows = axis === null ? values : rowsOf(values, shape, axis);
  const length = rows.length / Math.max(1, ranges.length);
  const scales = new Float32Array(ranges.length);
  for (let channel = 0; channel < ranges.length; channel++) {
    const row = rows.subarray(channel * length, (channel + 1) * length);
    const scale = gridScale(row, bits);
    if (scale === null) return null;
    scales[channel] = scale;
  }
  return scales;
}

function gridScale(values: Float32Array, bits: WeightBits): number | null {
  let farthest = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(farthest)) farthest = value;
  const largest = largestInteger(bits);
  if (Math.abs(farthest) <= NARROWEST_RANGE) return NARROWEST_RANGE / largest;
  const most = farthest < 0 ? -lowestInteger(bits) : largest;
  for (let steps = 1; steps <= most; steps++) {
    const scale = Math.fround(Math.abs(farthest) / steps);
    if (liesOnGrid(values, scale, lowestInteger(bits), largest)) return scale;
  }
  return null;
}

function liesOnGrid(values: Float32Array, scale: number, lowest: number, largest: number): boolean {
  for (const value of values) {
    const exact = value / scale;
    const rounded = Math.round(exact);
    if (Math.abs(exact - rounded) > TOLERANCE || rounded < lowest || rounded > largest) return false;
  }
  return true;
}
