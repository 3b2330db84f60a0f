/** Seeing inside: a model whose intermediate tensors are outputs too. */
import type { Model, Subgraph } from './types';

export interface TracedModel {
  /** The model with the traced tensors behind its own outputs. It has no signatures. */
  readonly model: Model;
  /** Tensor index of every output of `model`, in order: first the original outputs, then the traced tensors. */
  readonly tensors: readonly number[];
}

/**
 * Adds tensors of a subgraph to its outputs, so that an interpreter hands out their values. Tensors that no operator
 * writes (inputs, constants, variables), those that are outputs already and text are left out; the caller knows them
 * or cannot read them. Fused activations stay fused: what is seen is what the runtime computes.
 */
export function traceModel(model: Model, tensorIndexes: Iterable<number>, subgraphIndex = 0): TracedModel {
  const subgraph = model.subgraphs[subgraphIndex];
  if (subgraph === undefined) return { model, tensors: [] };
  const written = writtenTensors(subgraph);
  const tensors = [...new Set([...subgraph.outputs, ...tensorIndexes])].filter(
    (index, position) => position < subgraph.outputs.length || written.has(index),
  );
  const traced: Subgraph = { ...subgraph, outputs: Int32Array.from(tensors) };
  return {
    model: {
      ...model,
      signatureDefs: null,
      subgraphs: model.subgraphs.map((other, index) => (index === subgraphIndex ? traced : other)),
    },
    tensors,
  };
}

function writtenTensors({ operators, tensors }: Subgraph): ReadonlySet<number> {
  const written = new Set<number>();
  for (const { outputs } of operators) {
    for (const index of outputs) if (tensors[index]?.type !== 'STRING') written.add(index);
  }
  return written;
}

/**
 * The part of the main subgraph that some of its tensors depend on, with those tensors as its only outputs. Operators
 * that write nothing (assignments, initialization) stay. It has no signatures.
 */
export function modelUpTo(model: Model, tensors: readonly number[]): Model {
  const main = model.subgraphs[0]!;
  const wanted = new Set(tensors);
  const kept = main.operators.map(() => false);
  for (let index = kept.length - 1; index >= 0; index--) {
    const { inputs, outputs } = main.operators[index]!;
    if (outputs.length > 0 && !outputs.some((tensor) => wanted.has(tensor))) continue;
    kept[index] = true;
    for (const tensor of inputs) wanted.add(tensor);
  }
  const part: Subgraph = {
    ...main,
    outputs: Int32Array.from(tensors),
    operators: main.operators.filter((_, index) => kept[index]),
  };
  return { ...model, signatureDefs: null, subgraphs: [part, ...model.subgraphs.slice(1)] };
}
