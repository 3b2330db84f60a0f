/** Logits count as far as they can show behind a SOFTMAX with an 8-bit output. */
import type { RealValues } from '../model/dequantize';
import type { Model } from '../model/types';
import { graphOf } from '../optimize/quantize/integer/graph';
import { reachOfLogits } from '../optimize/quantize/integer/logits';
import { MAIN } from './plan';

/** By tensor of the original's main subgraph that only SOFTMAX reads: how far below the greatest a value can show. */
export type LogitReaches = ReadonlyMap<number, number>;

export function findLogits(original: Model): LogitReaches {
  const graph = graphOf(original, MAIN);
  const found = new Map<number, number>();
  graph.views.forEach(({ operator }) => {
    for (const tensor of operator.outputs) {
      const reach = reachOfLogits(graph, tensor, () => true);
      if (reach !== null) found.set(tensor, reach);
    }
  });
  return found;
}

/** Values no further below the greatest than `reach`. */
export function trimLogits(values: RealValues, reach: number): Float32Array {
  const trimmed = Float32Array.from(values, Number);
  const greatest = trimmed.reduce((most, value) => (value > most ? value : most), -Infinity);
  trimmed.forEach((value, i) => {
    if (value < greatest - reach) trimmed[i] = greatest - reach;
  });
  return trimmed;
}
