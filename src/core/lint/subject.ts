/** A subgraph prepared for the rules. */
import type { Model, Tensor } from '../model/types';
import type { ActivationStatistics } from '../optimize/calibrate/types';
import { graphOf } from '../optimize/quantize/integer/graph';
import { type Layer, layersOf } from './layers';
import type { Subject } from './types';

const INTEGERS: ReadonlySet<string> = new Set(['INT8', 'UINT8', 'INT16']);

/** Prepares subgraph `index`. Throws `ModelError` when an operator's code is out of range. */
export function subjectOf(model: Model, index: number, statistics: ActivationStatistics | null): Subject {
  const graph = graphOf(model, index);
  let layers: readonly Layer[] | null = null;
  return {
    graph,
    statistics,
    isQuantized: graph.subgraph.tensors.some(
      (tensor, at) => graph.writer[at]! >= 0 && isQuantized(tensor) && graph.constantOf(at) === null,
    ),
    get layers() {
      return (layers ??= layersOf(graph));
    },
  };
}

/** Whether the tensor holds integers of 8 or 16 bits that stand for real numbers by one scale or one per channel. */
export function isQuantized({ type, quantization }: Tensor): boolean {
  return INTEGERS.has(type) && (quantization?.scale?.length ?? 0) > 0;
}
