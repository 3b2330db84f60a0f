/** The original's side of a variant's tensor. */
import type { TensorFigures, TensorStatistics } from '../../core/inspect/types';
import { isAbort } from '../../rpc/errors';
import type { ParseClient } from '../../rpc/parse';
import type { HistogramSeries } from '../../ui/charts/histogram';

/** The original's tensor of the same name. */
export interface OriginalTensor {
  readonly tensor: number;
  readonly figures: TensorFigures;
}

/** What passes put behind the name of a constant that they store in another form. */
const storedSuffix = /_(int8|int4|float16)$/;

/**
 * The tensor of that name (or of the name without what a pass put behind it) in another model's subgraph, and what its
 * values look like; null where it has none, or one without values in the file (a pass may give an old name to something
 * that is computed).
 */
export async function originalTensor(
  client: Pick<ParseClient, 'findTensor' | 'survey'>,
  modelId: string,
  subgraph: number,
  name: string,
  signal: AbortSignal,
): Promise<OriginalTensor | null> {
  if (name === '') return null;
  try {
    const find = (wanted: string) => client.findTensor(modelId, subgraph, wanted, signal);
    const tensor = (await find(name)) ?? (await find(name.replace(storedSuffix, '')));
    if (tensor === null) return null;
    return { tensor, figures: await client.survey(modelId, subgraph, tensor, signal) };
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
