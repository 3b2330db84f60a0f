/** A subgraph prepared for the rules. */
import type { Model } from '../model/types';
import type { ActivationStatistics } from '../optimize/calibrate/types';
import { graphOf } from '../optimize/quantize/integer/graph';
import { type Layer, layersOf } from './layers';
import { isQuantized } from './quantized';
import { type RangeLookup, staticRanges } from './ranges';
import type { Subject } from './types';

/** Prepares subgraph `index`. Throws `ModelError` when an operator's code is out of range. */
export function subjectOf(model: Model, index: number, statistics: ActivationStatistics | null): Subject {
  const graph = graphOf(model, index);
  let layers: readonly Layer[] | null = null;
  let ranges: RangeLookup | null = null;
  return {
    graph,
    statistics,
    isQuantized: graph.subgraph.tensors.some(
      (tensor, at) => graph.writer[at]! >= 0 && isQuantized(tensor) && graph.constantOf(at) === null,
    ),
    get layers() {
      return (layers ??= layersOf(graph));
    },
    staticRange: (tensor) => (ranges ??= staticRanges(graph))(tensor),
  };
}
