/** The copy of a model that really runs. */
import type { Model, SignatureDef, Tensor } from '../../core/model/types';
import { writeModel } from '../../core/model/write';
import type { Endpoint, ModelPlan } from './plan';

/** An input or output of the copy. */
export interface RunnableEnd {
  /** Index of the tensor in the subgraph. */
  readonly tensor: number;
  /** Name that the copy's signature gives it. */
  readonly name: string;
}

export interface RunnableEnds {
  readonly inputs: readonly RunnableEnd[];
  readonly outputs: readonly RunnableEnd[];
}

/** What the runtime takes and fills in: every tensor once, without the outputs that only hand an input on. */
export function runnableEnds({ inputs, outputs }: ModelPlan): RunnableEnds {
  return {
    inputs: named('input', inputs),
    outputs: named(
      'output',
      outputs.filter(({ echoes }) => echoes === null),
    ),
  };
}

/** The names carry those of the tensors, because the runtime's messages quote them. */
function named(role: string, ends: readonly Endpoint[]): RunnableEnd[] {
  const names = new Map<number, string>();
  for (const { tensor, info } of ends) {
    if (names.has(tensor)) continue;
    names.set(tensor, `${role} ${names.size}${info.name === '' ? '' : ` (${info.name})`}`);
  }
  return Array.from(names, ([tensor, name]) => ({ tensor, name }));
}

/**
 * The file with the given sizes at its inputs, open ones at its outputs, and one signature that names them all.
 * The runtime refuses dynamic sizes at inputs, and where it resizes by itself it keeps the old output sizes.
 * Everything behind the inputs follows by its own shape inference.
 */
export function runnableCopy(plan: ModelPlan, inputShapes: readonly (readonly number[])[]): Uint8Array {
  const shapeOf = new Map(plan.inputs.map(({ tensor }, i) => [tensor, inputShapes[i]!]));
  const ends = runnableEnds(plan);
  const outputs = new Set(ends.outputs.map(({ tensor }) => tensor));
  const change = (tensor: Tensor, index: number): Tensor => {
    const shape = shapeOf.get(index);
    if (shape) return { ...tensor, shape: Int32Array.from(shape), shapeSignature: null };
    return outputs.has(index) ? withOpenShape(tensor) : tensor;
  };
  const indexes = (list: readonly RunnableEnd[]): Int32Array => Int32Array.from(list, ({ tensor }) => tensor);
  const model: Model = {
    ...plan.model,
    signatureDefs: [signatureOf(ends, plan.subgraph)],
    subgraphs: plan.model.subgraphs.map((subgraph, index) =>
      index === plan.subgraph
        ? {
            ...subgraph,
            tensors: subgraph.tensors.map(change),
            inputs: indexes(ends.inputs),
            outputs: indexes(ends.outputs),
          }
        : subgraph,
    ),
  };
  return writeModel(model);
}

function signatureOf({ inputs, outputs }: RunnableEnds, subgraphIndex: number): SignatureDef {
  const maps = (ends: readonly RunnableEnd[]) =>
    ends.map(({ name, tensor }) => ({ name, tensorIndex: tensor }));
  return {
    inputs: maps(inputs),
    outputs: maps(outputs),
    signatureKey: 'run',
    deprecatedTag: null,
    subgraphIndex,
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
