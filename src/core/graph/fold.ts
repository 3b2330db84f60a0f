import { operatorName } from '../model/operators';
import { isConstant } from '../model/tensors';
import type { BuiltinOperator, Model, Operator, Subgraph } from '../model/types';

/** Operators that only unpack a constant. */
const UNPACKING: readonly BuiltinOperator[] = ['DEQUANTIZE', 'DENSIFY'];

export interface Folding {
  /** For each tensor, the constant it is unpacked from by folded operators; itself otherwise. */
  readonly sourceOf: Int32Array;
  /** For each operator, whether it is folded away. */
  readonly isFolded: Uint8Array;
}

/**
 * Finds chains of DEQUANTIZE and DENSIFY that start at a constant and end in operators of the subgraph (float16 and
 * sparse weights). A chain whose result is read by nobody, or is an output of the subgraph, stays.
 */
export function findFoldings(model: Model, subgraph: Subgraph, enabled: boolean): Folding {
  const sourceOf = Int32Array.from(subgraph.tensors, (_, t) => t);
  const isFolded = new Uint8Array(subgraph.operators.length);
  if (!enabled) return { sourceOf, isFolded };
  const outputs = new Set(subgraph.outputs);
  const isRead = new Uint8Array(subgraph.tensors.length);
  const writers = new Uint8Array(subgraph.tensors.length);
  for (const operator of subgraph.operators) {
    for (const t of operator.inputs) if (t >= 0) isRead[t] = 1;
    for (const t of operator.outputs) if (t >= 0) writers[t] = Math.min(2, (writers[t] ?? 0) + 1);
  }
  const isUnpacked = new Uint8Array(subgraph.tensors.length);
  const holdsConstant = (t: number): boolean => {
    const tensor = subgraph.tensors[t];
    return tensor !== undefined && (isUnpacked[t] === 1 || (writers[t] === 0 && isConstant(model, tensor)));
  };
  // Two rounds: in a few files a DEQUANTIZE comes before the DENSIFY that feeds it.
  for (let round = 0; round < 2; round++) {
    subgraph.operators.forEach((operator, i) => {
      const [input, output] = [operator.inputs[0], operator.outputs[0]];
      if (isFolded[i] || operator.inputs.length !== 1 || operator.outputs.length !== 1) return;
      if (input === undefined || output === undefined || subgraph.tensors[output] === undefined) return;
      if (!unpacks(model, operator) || !holdsConstant(input)) return;
      if (outputs.has(output) || !isRead[output] || writers[output] !== 1 || input === output) return;
      isFolded[i] = 1;
      isUnpacked[output] = 1;
      sourceOf[output] = sourceOf[input]!;
    });
  }
  return { sourceOf, isFolded };
}

function unpacks(model: Model, operator: Operator): boolean {
  return (
    model.operatorCodes[operator.opcodeIndex] !== undefined &&
    UNPACKING.includes(operatorName(model, operator))
  );
}
