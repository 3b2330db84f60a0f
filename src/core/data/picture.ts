/** Samples that are images, as pixels to look at. */
import type { TensorType } from '../model/types';
import type { Dataset } from './types';
import { isFloat, numberReader } from './values';

export interface SamplePicture {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel, row by row from the top left. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** Smaller sides are lists of features, not images. */
const leastSide = 8;

/** Height, width and channels of the samples of a shape [N, H, W] or [N, H, W, 1 | 3], or null. */
export function pictureSize(
  shape: readonly number[],
): { readonly height: number; readonly width: number; readonly channels: 1 | 3 } | null {
  const [, height = 0, width = 0, channels = 1] = shape;
  if (shape.length !== 3 && shape.length !== 4) return null;
  if (height < leastSide || width < leastSide) return null;
  return channels === 1 || channels === 3 ? { height, width, channels } : null;
}

/**
 * Sample `index` of the first input as a picture no larger than `largest` pixels a side (every n-th pixel of larger
 * ones). Bytes are shown as they are; of other numbers 0..1, -1..1 and 0..255 are recognised, anything else is
 * stretched from its least to its largest value. Null where the samples are no images or there is no such sample.
 */
export function samplePicture(dataset: Dataset, index: number, largest: number): SamplePicture | null {
  const tensor = dataset.inputs[0];
  const size = tensor && pictureSize(tensor.shape);
  if (!size || !(index >= 0 && index < dataset.sampleCount)) return null;
  const { height, width, channels } = size;
  const step = Math.ceil(Math.max(height, width) / largest);
  const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)];
  const sample = height * width * channels;
  const values = tensor.values.subarray(index * sample, (index + 1) * sample);
  const read = numberReader({ ...tensor, values });
  const toByte = brightness(tensor.dtype, sample, read);
  const rgba = new Uint8ClampedArray(rows * columns * 4);
  let at = 0;
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const from = (y * width + x) * channels;
      for (let c = 0; c < 3; c++) rgba[at++] = toByte(read(from + (channels === 1 ? 0 : c)));
      rgba[at++] = 255;
    }
  }
  return { width: columns, height: rows, rgba };
}

/** How a stored number becomes a byte of brightness. */
function brightness(
  dtype: TensorType,
  count: number,
  read: (index: number) => number,
): (value: number) => number {
  if (dtype === 'UINT8') return (value) => value;
  if (dtype === 'INT8') return (value) => value + 128;
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    const value = read(i);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low >= 0 && high <= 1 && isFloat(dtype)) return (value) => value * 255;
  if (low >= -1 && high <= 1) return (value) => (value + 1) * 127.5;
  if (low >= 0 && high <= 255) return (value) => value;
  const scale = 255 / (high - low || 1);
  return (value) => (value - low) * scale;
}
