/** The copy of a model that really runs. */
import type { Model, SignatureDef, Subgraph, Tensor } from '../../core/model/types';
import { writeModel } from '../../core/model/write';
import type { Endpoint, ModelPlan } from './plan';

/** Names that the runtime knows the inputs and outputs of the copy by, in the order of the plan. */
export function inputName(index: number): string {
  return `input ${index}`;
}
/** Carries the tensor's own name, because the runtime's messages quote it. */
export function outputName(index: number, { info }: Endpoint): string {
  return `output ${index}${info.name === '' ? '' : ` (${info.name})`}`;
}

/**
 * The file with the given sizes at its inputs, open ones at its outputs, and one signature.
 * - The runtime refuses dynamic sizes at inputs, and where it resizes by itself it keeps the old output sizes.
 *   Everything behind the inputs follows by its own shape inference.
 * - Without a signature it hands out output buffers before it has prepared the graph, of whatever size the file says.
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
    signatureDefs: [signatureOf(plan)],
    subgraphs: plan.model.subgraphs.map((subgraph, index) =>
      index === plan.subgraph
        ? { ...subgraph, tensors: subgraph.tensors.map(change), ...endsOf(plan, subgraph) }
        : subgraph,
    ),
  };
  return writeModel(model);
}

/** The graph's own inputs and outputs have to hold all that the signature names. */
function endsOf(plan: ModelPlan, { inputs }: Subgraph) {
  const named = plan.inputs.map(({ tensor }) => tensor);
  return {
    inputs: Int32Array.from(new Set([...inputs, ...named])),
    outputs: Int32Array.from(new Set(plan.outputs.map(({ tensor }) => tensor))),
  };
}

function signatureOf(plan: ModelPlan): SignatureDef {
  const list = (ends: readonly Endpoint[], name: (index: number, end: Endpoint) => string) =>
    ends.map((end, i) => ({ name: name(i, end), tensorIndex: end.tensor }));
  return {
    inputs: list(plan.inputs, inputName),
    outputs: list(plan.outputs, outputName),
    signatureKey: 'run',
    deprecatedTag: null,
    subgraphIndex: plan.subgraph,
  };
}

/**
 * An output whose sizes the runtime has to find out. It then prepares the graph before it hands out output buffers,
 * and says so when the sizes depend on values. With sizes given it would return the buffer as it found it.
 */
function withOpenShape(tensor: Tensor): Tensor {
  // A scalar may also be a tensor of unknown rank; one open size stands for both.
  const rank = Math.max(1, tensor.shape?.length ?? 0);
  const shape = tensor.shape?.length === rank ? tensor.shape : Int32Array.of(1);
  return { ...tensor, shape, shapeSignature: new Int32Array(rank).fill(-1), hasRank: true };
}
