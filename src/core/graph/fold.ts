import { builtinOperatorOf } from '../model/operators';
import { isConstant } from '../model/tensors';
import type { BuiltinOperator, Model, Subgraph } from '../model/types';
import { findBorders, noBorders, type BorderFacts, type Borders } from './borders';

/** Operators that only unpack a constant. */
const UNPACKING: readonly BuiltinOperator[] = ['DEQUANTIZE', 'DENSIFY'];

export interface Folding {
  /** For each tensor, the constant it is unpacked from by folded operators; itself otherwise. */
  readonly sourceOf: Int32Array;
  /** For each operator, whether it only unpacks a constant and is folded away. */
  readonly isFolded: Uint8Array;
  /** QUANTIZE and DEQUANTIZE folded into the operators that they serve. */
  readonly borders: Borders;
}

/** Whether operator i has no card of its own. */
export function isHidden({ isFolded, borders }: Folding, i: number): boolean {
  return isFolded[i] !== 0 || borders.side[i] !== 0;
}

/**
 * Finds unpacked constants (`findUnpacked`), and QUANTIZE and DEQUANTIZE where integer and float parts meet
 * (`findBorders`).
 */
export function findFoldings(model: Model, subgraph: Subgraph, enabled: boolean): Folding {
  if (!enabled) {
    const sourceOf = Int32Array.from(subgraph.tensors, (_, t) => t);
    return {
      sourceOf,
      isFolded: new Uint8Array(subgraph.operators.length),
      borders: noBorders(subgraph),
    };
  }
  const { sourceOf, ...facts } = findUnpacked(model, subgraph);
  return { sourceOf, isFolded: facts.isFolded, borders: findBorders(model, subgraph, facts) };
}

/**
 * Finds chains of DEQUANTIZE and DENSIFY that start at a constant and end in operators of the subgraph (float16 and
 * sparse weights). A chain whose result is read by nobody, or is an output of the subgraph, stays.
 */
export function findUnpacked(model: Model, subgraph: Subgraph): Pick<Folding, 'sourceOf'> & BorderFacts {
  const sourceOf = Int32Array.from(subgraph.tensors, (_, t) => t);
  const isFolded = new Uint8Array(subgraph.operators.length);
  /** By operator code. */
  const unpacks = model.operatorCodes.map((code) => UNPACKING.includes(builtinOperatorOf(code)));
  const outputs = new Set(subgraph.outputs);
  const isRead = new Uint8Array(subgraph.tensors.length);
  const writers = new Uint8Array(subgraph.tensors.length);
  const unpacking: number[] = [];
  subgraph.operators.forEach(({ opcodeIndex, inputs, outputs: written }, i) => {
    for (let k = 0; k < inputs.length; k++) if (inputs[k]! >= 0) isRead[inputs[k]!] = 1;
    for (const t of written) if (t >= 0) writers[t] = Math.min(2, (writers[t] ?? 0) + 1);
    if (unpacks[opcodeIndex] === true) unpacking.push(i);
  });
  const isUnpacked = new Uint8Array(subgraph.tensors.length);
  const holdsConstant = (t: number): boolean => {
    const tensor = subgraph.tensors[t];
    return tensor !== undefined && (isUnpacked[t] === 1 || (writers[t] === 0 && isConstant(model, tensor)));
  };
  // Two rounds: in a few files a DEQUANTIZE comes before the DENSIFY that feeds it.
  for (let round = 0; round < 2; round++) {
    for (const i of unpacking) {
      const operator = subgraph.operators[i]!;
      const [input, output] = [operator.inputs[0], operator.outputs[0]];
      if (isFolded[i] || operator.inputs.length !== 1 || operator.outputs.length !== 1) continue;
      if (input === undefined || output === undefined || subgraph.tensors[output] === undefined) continue;
      if (!holdsConstant(input) || outputs.has(output) || !isRead[output]) continue;
      if (writers[output] !== 1 || input === output) continue;
      isFolded[i] = 1;
      isUnpacked[output] = 1;
      sourceOf[output] = sourceOf[input]!;
    }
  }
  return { sourceOf, isFolded, writers, holdsConstant };
}
