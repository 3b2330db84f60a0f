/** The copy of a model that really runs. */
import type { Model, Tensor } from '../../core/model/types';
import { writeModel } from '../../core/model/write';
import type { ModelPlan } from './plan';

/**
 * The file with fixed sizes at its inputs: the runtime refuses dynamic ones, and where it resizes by itself it keeps
 * the old output sizes. Sizes after the inputs follow by the runtime's own shape inference.
 */
export function runnableCopy(plan: ModelPlan, inputShapes: readonly (readonly number[])[]): Uint8Array {
  const shapeOf = new Map(plan.inputs.map(({ tensor }, i) => [tensor, inputShapes[i]!]));
  const outputs = new Set(plan.outputs.map(({ tensor }) => tensor));
  const change = (tensor: Tensor, index: number): Tensor => {
    const shape = shapeOf.get(index);
    if (shape) return { ...tensor, shape: Int32Array.from(shape), shapeSignature: null };
    return outputs.has(index) ? withOpenShape(tensor) : tensor;
  };
  const model: Model = {
    ...plan.model,
    subgraphs: plan.model.subgraphs.map((subgraph, index) =>
      index === plan.subgraph ? { ...subgraph, tensors: subgraph.tensors.map(change) } : subgraph,
    ),
  };
  return writeModel(model);
}

/**
 * An output whose sizes the runtime has to find out. It then prepares the graph before it hands out output buffers,
 * and says so when the sizes depend on values. With sizes given it would return the buffer as it found it.
 */
function withOpenShape(tensor: Tensor): Tensor {
  const rank = tensor.shape?.length ?? 0;
  return rank === 0 ? tensor : { ...tensor, shapeSignature: new Int32Array(rank).fill(-1) };
}
