/** One channel of a constant, and which channels stand out. */
import { ModelError } from '../errors';
import { tensorPlace } from '../model/tensors';
import type { Model } from '../model/types';
import { surveyValues } from './survey';
import { finish } from '../steps';
import type { ChannelFigures, TensorStatistics } from './types';
import { readerOver, valueReader } from './value-reader';

/** A channel reaches out where its largest magnitude is this many times the median of all channels. */
const FAR_REACH = 3;

/**
 * Statistics of the values of one channel along `axis`.
 * @throws ModelError `unsupported` when the tensor has no such channel, and the errors of `valueReader`
 */
export function channelStatistics(
  model: Model,
  subgraph: number,
  index: number,
  axis: number,
  channel: number,
): TensorStatistics {
  const reader = valueReader(model, subgraph, index);
  const { shape } = reader;
  const channels = shape[axis] ?? 0;
  if (!(channel >= 0 && channel < channels)) {
    throw new ModelError('unsupported', `Tensor ${index} has no channel ${channel} along axis ${axis}.`, {
      where: tensorPlace(subgraph, index),
    });
  }
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const outer = shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const values = new Float64Array(inner * outer);
  if (inner === 1) values.set(reader.strided(channel, channels, outer));
  else {
    for (let i = 0; i < outer; i++)
      values.set(reader.real((i * channels + channel) * inner, inner), i * inner);
  }
  return finish(surveyValues(readerOver('FLOAT64', values, [values.length], null), null));
}

/**
 * Channels whose largest magnitude is over three times the median of all channels (those of zeros left out): with one
 * scale for the tensor they make it coarse for the others. Farthest first.
 */
export function outlierChannels({ min, max }: Pick<ChannelFigures, 'min' | 'max'>): number[] {
  const reach = min.map((low, i) => Math.max(Math.abs(low), Math.abs(max[i]!)));
  const sorted = reach.filter((value) => value > 0).sort();
  const median = sorted[sorted.length >> 1] ?? 0;
  return Array.from(reach.keys())
    .filter((channel) => reach[channel]! > FAR_REACH * median)
    .sort((a, b) => reach[b]! - reach[a]!);
}
