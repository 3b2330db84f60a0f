/** Filters of convolutions as small pictures. */
import { ModelError } from '../errors';
import { shapeOf, tensorAt, tensorPlace } from '../model/tensors';
import type { Model } from '../model/types';
import { constantUse } from './channel-axis';
import type { FilterBank, FilterPictures } from './types';
import { valueReader } from './value-reader';

/** Pictures that are given at a time. */
const MOST_FILTERS = 512;

const kinds: ReadonlySet<string> = new Set(['CONV_2D', 'TRANSPOSE_CONV', 'DEPTHWISE_CONV_2D']);

/**
 * The filters that a constant holds: weights of CONV_2D and TRANSPOSE_CONV ([filters, height, width, depth]) and of
 * DEPTHWISE_CONV_2D ([1, height, width, filters]). Null for other tensors, and for filters of one value.
 */
export function filterBank(model: Model, subgraph: number, index: number): FilterBank | null {
  const shape = shapeOf(tensorAt(model, subgraph, index));
  if (shape.length !== 4) return null;
  const use = constantUse(model, subgraph, index);
  if (use?.role !== 'weight' || !kinds.has(use.kind)) return null;
  const isDepthwise = use.kind === 'DEPTHWISE_CONV_2D';
  const [first, height, width, last] = shape as [number, number, number, number];
  if (height * width < 2 || first * last === 0) return null;
  return { isDepthwise, count: isDepthwise ? last : first, height, width, depth: isDepthwise ? 1 : last };
}

/**
 * Filters `from` to `from + count` (at most 512, cut at the end): their real values at one `channel` of the input, or
 * with `channel` null at the first three, which are taken for red, green and blue.
 * @throws ModelError `unsupported` when the tensor holds no filters or has no such channels
 */
export function filterPictures(
  model: Model,
  subgraph: number,
  index: number,
  channel: number | null,
  from: number,
  count: number,
): FilterPictures {
  const bank = filterBank(model, subgraph, index);
  if (!bank || (channel === null ? bank.depth < 3 : channel < 0 || channel >= bank.depth)) {
    throw new ModelError('unsupported', `Tensor ${index} has no such filters to show.`, {
      where: tensorPlace(subgraph, index),
    });
  }
  const { height, width, depth, isDepthwise } = bank;
  const channels = channel === null ? 3 : 1;
  const first = Math.max(0, Math.min(from, bank.count));
  const shown = Math.max(0, Math.min(count, MOST_FILTERS, bank.count - first));
  const pixels = height * width;
  const values = new Float32Array(shown * pixels * channels);
  const reader = valueReader(model, subgraph, index);
  for (let filter = 0; filter < shown; filter++) {
    for (let c = 0; c < channels; c++) {
      const start = isDepthwise ? first + filter : (first + filter) * pixels * depth + (channel ?? c);
      const picked = reader.strided(start, isDepthwise ? bank.count : depth, pixels);
      for (let i = 0; i < pixels; i++) values[(filter * pixels + i) * channels + c] = picked[i]!;
    }
  }
  return { from: first, count: shown, height, width, channels, values };
}
