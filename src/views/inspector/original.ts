/** The original's side of a variant's tensor. */
import type { TensorStatistics } from '../../core/inspect/types';
import { isAbort } from '../../rpc/errors';
import type { ParseClient } from '../../rpc/parse';
import type { HistogramSeries } from '../../ui/charts/histogram';

/**
 * Statistics of the tensor of that name in another model's subgraph; null where it has none, or one without values
 * in the file (a pass may give an old name to something that is computed).
 */
export async function originalStatistics(
  client: Pick<ParseClient, 'findTensor' | 'statistics'>,
  modelId: string,
  subgraph: number,
  name: string,
  signal: AbortSignal,
): Promise<TensorStatistics | null> {
  if (name === '') return null;
  try {
    const tensor = await client.findTensor(modelId, subgraph, name, signal);
    return tensor === null ? null : await client.statistics(modelId, subgraph, tensor, signal);
  } catch (error) {
    if (isAbort(error)) throw error;
    return null;
  }
}

/** A tensor's values for a histogram, with those of the original first where they are known. */
export function valueSeries(before: TensorStatistics | null, now: TensorStatistics): HistogramSeries[] {
  if (!before || before.count === before.nonFinite)
    return [{ label: 'values', tone: 'after', ...now.histogram }];
  return [
    { label: 'original', tone: 'before', ...before.histogram },
    { label: 'this variant', tone: 'after', ...now.histogram },
  ];
}
