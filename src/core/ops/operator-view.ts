/** What the operator table sees of one operator of a model. */
import { operatorName } from '../model/operators';
import type { Table } from '../model/schema';
import { byteLength, constantBytes, dynamicShapeOf, elementCount, valuesOf } from '../model/tensors';
import type { BuiltinOptions, BuiltinOptions2, Model, Subgraph, Tensor } from '../model/types';
import type { OperatorView } from './spec';

/** Constants with more elements than this are weights, not settings, and are not turned into numbers. */
const MAX_CONSTANT_ELEMENTS = 1024;

/** Name of an options table, e.g. `Conv2DOptions`. */
export type OptionsType = (BuiltinOptions | BuiltinOptions2)['type'];

/** The operator's options when they are of this table (in either union), else null. */
export function optionsOf<T extends OptionsType>(
  view: Pick<OperatorView, 'operator'>,
  type: T,
): Table<T> | null {
  for (const options of [view.operator.builtinOptions, view.operator.builtinOptions2]) {
    if (options?.type === type) return options.value as Table<T>;
  }
  return null;
}

function tensorAt(subgraph: Subgraph, index: number): Tensor | null {
  return index < 0 ? null : (subgraph.tensors[index] ?? null);
}

/**
 * Numbers of one constant tensor, or null when it is not constant, sparse, not numeric, large (over 1,024 elements)
 * or its bytes do not fit its shape.
 */
function smallConstant(model: Model, tensor: Tensor | null): readonly number[] | null {
  const bytes = tensor && constantBytes(model, tensor);
  if (!bytes || tensor.sparsity !== null) return null;
  const elements = elementCount(tensor);
  if (!(elements >= 0 && elements <= MAX_CONSTANT_ELEMENTS)) return null;
  const needed = byteLength(tensor.type, elements);
  return needed === null || needed > bytes.length
    ? null
    : Array.from(valuesOf(tensor.type, bytes, elements), Number);
}

/**
 * The view of one operator. Throws `ModelError` when the operator's code is out of range; tensor indexes that are
 * out of range read as left out.
 */
export function viewOperator(model: Model, subgraphIndex: number, operatorIndex: number): OperatorView {
  const subgraph = model.subgraphs[subgraphIndex]!;
  const operator = subgraph.operators[operatorIndex]!;
  const inputs: (Tensor | null)[] = [];
  for (const index of operator.inputs) inputs.push(tensorAt(subgraph, index));
  const outputs: Tensor[] = [];
  for (const index of operator.outputs) {
    const tensor = tensorAt(subgraph, index);
    if (tensor) outputs.push(tensor);
  }
  return {
    kind: operatorName(model, operator),
    operator,
    inputs,
    outputs,
    inputShapes: inputs.map((tensor) => tensor && dynamicShapeOf(tensor)),
    outputShapes: outputs.map(dynamicShapeOf),
    constant: (input) => smallConstant(model, inputs[input] ?? null),
  };
}

/** Models never change, so what was seen of one holds as long as it lives. */
const seen = new WeakMap<Model, Map<number, readonly OperatorView[]>>();

/**
 * Views of all operators of a subgraph, kept for the next call. Throws `ModelError` when an operator's code is out of
 * range.
 */
export function viewSubgraph(model: Model, subgraphIndex: number): readonly OperatorView[] {
  const bySubgraph = seen.get(model) ?? new Map<number, readonly OperatorView[]>();
  seen.set(model, bySubgraph);
  const views =
    bySubgraph.get(subgraphIndex) ??
    model.subgraphs[subgraphIndex]!.operators.map((_, index) => viewOperator(model, subgraphIndex, index));
  bySubgraph.set(subgraphIndex, views);
  return views;
}
