/** What of the values that go into a SOFTMAX can show in its 8-bit output. */
import { elementCount } from '../../../model/tensors';
import { logitsReach } from '../../calibrate/logits-reach';
import type { RangeStatistics } from '../../calibrate/types';
import type { Decision } from './decide';
import type { Graph } from './graph';
import type { OperatorSettings } from './settings';

/** Operators that only give the values another shape. */
const RESHAPING: ReadonlySet<string> = new Set(['RESHAPE', 'SQUEEZE', 'EXPAND_DIMS']);

/**
 * The least value that `tensor` must hold, where nothing but int8 SOFTMAX operators with `trimsLogits` read it, one row for each
 * sample; else null. Below it, no sample has a value that its own greatest leaves a share that 8 bits can tell from 0.
 */
export function leastLogit(
  graph: Graph,
  decisions: readonly Decision[],
  settings: readonly (OperatorSettings | null)[],
  tensor: number,
  seen: RangeStatistics,
): number | null {
  const reach = reachOfLogits(
    graph,
    tensor,
    (operator) => decisions[operator]!.dtype === 'INT8' && settings[operator]?.trimsLogits === true,
  );
  return reach === null || seen.count === 0 ? null : seen.leastMax - reach;
}

/**
 * How far below the greatest value others in `tensor` can show, where nothing but SOFTMAX operators for which `counts` holds
 * read it, one row for each sample; else null.
 */
export function reachOfLogits(
  graph: Graph,
  tensor: number,
  counts: (operator: number) => boolean,
): number | null {
  const readers = graph.readers(tensor);
  if (graph.isOutput(tensor) || readers.length === 0) return null;
  let reach = 0;
  for (const { operator, input } of readers) {
    const view = graph.views[operator]!;
    if (RESHAPING.has(view.kind) && input === 0) {
      const further = reachOfLogits(graph, view.operator.outputs[0]!, counts);
      if (further === null) return null;
      reach = Math.max(reach, further);
      continue;
    }
    const options = view.operator.builtinOptions;
    if (options?.type !== 'SoftmaxOptions' || !counts(operator)) return null;
    const classes = view.inputShapes[0]?.at(-1) ?? 0;
    // Of several rows the greatest values are not known one by one.
    if (classes < 1 || elementCount(graph.subgraph.tensors[tensor]!) !== classes) return null;
    if (!(options.value.beta > 0)) return null;
    reach = Math.max(reach, logitsReach(classes, options.value.beta));
  }
  return reach;
}
