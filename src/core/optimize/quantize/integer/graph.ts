/** A subgraph with its arrows: who writes and reads each tensor, and which tensors are constants in disguise. */
import { realValues } from '../../../model/dequantize';
import { isConstant } from '../../../model/tensors';
import type { Model, Subgraph } from '../../../model/types';
import { type OperatorView, viewSubgraph } from '../../../ops';

export interface Reader {
  readonly operator: number;
  readonly input: number;
}

export interface Graph {
  readonly model: Model;
  readonly index: number;
  readonly subgraph: Subgraph;
  readonly views: readonly OperatorView[];
  /** Operator that writes each tensor; -1 for inputs and constants. */
  readonly writer: Int32Array;
  readers(tensor: number): readonly Reader[];
  isInput(tensor: number): boolean;
  isOutput(tensor: number): boolean;
  /**
   * The constant that a tensor holds, itself or as what DEQUANTIZE and DENSIFY make of one; null when it is computed.
   */
  constantOf(tensor: number): number | null;
  /** Real values of a constant tensor (of `constantOf`). */
  constantValues(source: number): Float32Array;
}

const MOST_DECODERS = 4;

/** Looks at one subgraph. Linear in its size. */
export function graphOf(model: Model, index: number): Graph {
  const subgraph = model.subgraphs[index]!;
  const views = viewSubgraph(model, index);
  const writer = new Int32Array(subgraph.tensors.length).fill(-1);
  const readers = new Map<number, Reader[]>();
  subgraph.operators.forEach(({ inputs, outputs }, operator) => {
    for (const tensor of outputs) if (tensor >= 0) writer[tensor] = operator;
    inputs.forEach((tensor, input) => {
      if (tensor < 0) return;
      const list = readers.get(tensor);
      if (list) list.push({ operator, input });
      else readers.set(tensor, [{ operator, input }]);
    });
  });
  const inputs = new Set(subgraph.inputs);
  const outputs = new Set(subgraph.outputs);
  const values = new Map<number, Float32Array>();

  function constantOf(tensor: number): number | null {
    let at = tensor;
    for (let step = 0; step <= MOST_DECODERS; step++) {
      const item = subgraph.tensors[at];
      if (!item || item.isVariable) return null;
      const source = writer[at]!;
      if (source < 0) return isConstant(model, item) && item.externalBuffer === 0 ? at : null;
      const { kind, operator } = views[source]!;
      if (kind !== 'DEQUANTIZE' && kind !== 'DENSIFY') return null;
      at = operator.inputs[0] ?? -1;
    }
    return null;
  }

  return {
    model,
    index,
    subgraph,
    views,
    writer,
    readers: (tensor) => readers.get(tensor) ?? [],
    isInput: (tensor) => inputs.has(tensor),
    isOutput: (tensor) => outputs.has(tensor),
    constantOf,
    constantValues(source) {
      const known = values.get(source);
      if (known) return known;
      const real = realValues(model, index, source);
      const floats = real instanceof Float32Array ? real : Float32Array.from(real);
      values.set(source, floats);
      return floats;
    },
  };
}
