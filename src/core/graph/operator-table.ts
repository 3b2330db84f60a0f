/** The operators of a subgraph as rows of a table. */
import { costsOf } from '../measure/cost';
import { operatorKind } from '../model/operators';
import { isConstant, subgraphAt } from '../model/tensors';
import type { Model, Subgraph } from '../model/types';
import { dtypeText, shapeText } from './labels';

export interface OperatorRow {
  readonly index: number;
  /** `CONV_2D`, or the code of a custom operator. */
  readonly kind: string;
  /** Name of the first output; may be empty. */
  readonly name: string;
  /** Shapes of what it reads and does not hold itself, `1×28×28×1, 1×28×28×1`; empty without any. */
  readonly inputs: string;
  /** Shapes of its outputs. */
  readonly outputs: string;
  /** Dtype of the first output, `int8`; empty without one. */
  readonly dtype: string;
  /** Stored bytes of every constant that it reads; what several operators share counts at each. */
  readonly bytes: number;
  /** Multiply-accumulates of one run. */
  readonly macs: number;
}

/**
 * A row for each operator of a subgraph, in file order. Throws `ModelError` when there is no such subgraph or an operator's
 * code is out of range.
 */
export function operatorTable(model: Model, subgraphIndex: number): OperatorRow[] {
  const subgraph = subgraphAt(model, subgraphIndex);
  const costs = costsOf(model, subgraphIndex);
  return subgraph.operators.map((operator, index) => {
    const output = subgraph.tensors[operator.outputs[0] ?? -1];
    const computed = operator.inputs.filter((t) => {
      const tensor = subgraph.tensors[t];
      return tensor !== undefined && !isConstant(model, tensor);
    });
    return {
      index,
      kind: operatorKind(model, operator),
      name: output?.name ?? '',
      inputs: shapesOf(model, subgraph, computed),
      outputs: shapesOf(model, subgraph, operator.outputs),
      dtype: output ? dtypeText(output.type) : '',
      bytes: costs[index]!.weightBytes,
      macs: costs[index]!.macs,
    };
  });
}

function shapesOf(model: Model, { tensors }: Subgraph, indexes: Iterable<number>): string {
  return Array.from(indexes, (t) => (tensors[t] ? shapeText(model, tensors[t]) : '?')).join(', ');
}
