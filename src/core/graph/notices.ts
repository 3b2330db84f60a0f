/** What is odd about a subgraph though it can be drawn. */
import { plural } from '../format';
import { operatorName } from '../model/operators';
import { elementCount } from '../model/tensors';
import type { Model, Subgraph } from '../model/types';
import { specOf } from '../ops';

/**
 * Sentences about operators without results, tensors that are read before they are written, and sizes of zero.
 * `writer` is the operator that writes each tensor (-1: none), `drawn` the tensors that edges carry.
 */
export function faultNotices(
  model: Model,
  subgraph: Subgraph,
  writer: Int32Array,
  drawn: ReadonlySet<number>,
): string[] {
  let early = 0;
  let resultless = 0;
  subgraph.operators.forEach((operator, i) => {
    if (operator.outputs.length === 0 && hasResults(model, operator.opcodeIndex, subgraph, i)) resultless++;
    for (const t of new Set(operator.inputs)) if ((writer[t] ?? -1) >= i) early++;
  });
  let empty = 0;
  for (const t of drawn) if (elementCount(subgraph.tensors[t]!) === 0) empty++;
  return [
    ...(resultless > 0 ? [`${plural(resultless, 'operator has', 'operators have')} no outputs.`] : []),
    ...(early > 0
      ? [
          `${plural(early, 'operand is read before it is', 'operands are read before they are')} written: the order of the operators is broken.`,
        ]
      : []),
    ...(empty > 0 ? [`${plural(empty, 'tensor has', 'tensors have')} a size of zero.`] : []),
  ];
}

/** Whether an operator of this kind gives results: CALL_ONCE and ASSIGN_VARIABLE do not, others may not. */
function hasResults(model: Model, code: number, subgraph: Subgraph, i: number): boolean {
  if (model.operatorCodes[code] === undefined) return true;
  const spec = specOf(operatorName(model, subgraph.operators[i]!));
  return spec !== null && spec.outputs.length > 0 && !spec.variadicOutputs;
}
