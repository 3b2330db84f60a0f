/** The constants of a model: which operator they belong to, what they are for, what they take. */
import { isConstant, isFloat, shapeOf } from '../model/tensors';
import { sparsityBytes } from '../model/sparse';
import type { Model, Subgraph, Tensor } from '../model/types';
import { operandAt } from '../ops';
import type { OperatorView, Role } from '../ops';
import { countAtLeast } from '../ops/shape-math';

/** A constant that an operator reads, directly or through operators that only unpack it. */
export interface StoredConstant {
  /** Input of the operator. */
  readonly input: number;
  /** Index of the stored tensor in the subgraph. */
  readonly tensor: number;
  readonly role: Role;
  /** DEQUANTIZE and DENSIFY operators on the way, nearest to the operator first. */
  readonly unpackers: readonly number[];
}

/** Operator that writes each tensor of a subgraph, -1 where none does. */
export function producersOf(subgraph: Subgraph): Int32Array {
  const producers = new Int32Array(subgraph.tensors.length).fill(-1);
  subgraph.operators.forEach((operator, index) => {
    for (const tensor of operator.outputs) if (tensor >= 0) producers[tensor] = index;
  });
  return producers;
}

/** Longer chains of unpacking operators are not made by anyone; the bound also ends cycles. */
const MAX_UNPACKERS = 4;
const unpackerKinds: ReadonlySet<string> = new Set(['DEQUANTIZE', 'DENSIFY']);

/**
 * Whether a constant in this role holds learned values: every weight and bias; and on the data path (the table of
 * a GATHER, the factor of a MUL, one side of a BATCH_MATMUL) real values, floating-point or with a scale, of more
 * than one element. Shapes, axes, indexes, single numbers and state are none.
 */
export function isParameter(role: Role, tensor: Tensor): boolean {
  if (role === 'weight' || role === 'bias') return true;
  if (role !== 'activation') return false;
  const isReal = isFloat(tensor.type) || (tensor.quantization?.scale?.length ?? 0) > 0;
  return isReal && elementsOf(tensor) > 1;
}

/** Dense number of elements, sizes below zero taken as 1. */
export function elementsOf(tensor: Tensor): number {
  return countAtLeast(shapeOf(tensor));
}

/** Bytes that a constant takes in the file, index lists of a sparse one included. 0 for computed tensors. */
export function storedBytes(model: Model, tensor: Tensor): number {
  const lists = tensor.sparsity === null ? 0 : sparsityBytes(tensor.sparsity);
  return (model.buffers[tensor.buffer]?.data?.length ?? 0) + lists;
}

/** Tensors behind an operator's constants, each once, with the tensors that hold their scales. */
export function constantTensors(subgraph: Subgraph, constants: readonly StoredConstant[]): readonly number[] {
  const found = new Set<number>();
  for (const { tensor } of constants) {
    found.add(tensor);
    const details = subgraph.tensors[tensor]?.quantization?.details;
    if (details?.type === 'BlockwiseQuantization' || details?.type === 'MultiAxisQuantization') {
      for (const part of [details.value.scales, details.value.zeroPoints]) {
        if (part >= 0 && subgraph.tensors[part]) found.add(part);
      }
    }
  }
  return [...found];
}

/**
 * Constants that each operator of a subgraph reads. An unpacking operator whose result others read has none: what it
 * unpacks is theirs.
 */
export function storedConstants(
  model: Model,
  subgraph: Subgraph,
  views: readonly OperatorView[],
): readonly (readonly StoredConstant[])[] {
  const producers = producersOf(subgraph);
  const isUnpacker = (operator: number) => unpackerKinds.has(views[operator]?.kind ?? '');

  /** The stored tensor behind `tensor`, or null when it is computed from data. */
  const stored = (tensor: number): Pick<StoredConstant, 'tensor' | 'unpackers'> | null => {
    const unpackers: number[] = [];
    for (let at = tensor; unpackers.length <= MAX_UNPACKERS;) {
      const found = subgraph.tensors[at];
      if (!found) return null;
      if (isConstant(model, found)) return { tensor: at, unpackers };
      const producer = producers[at]!;
      if (!isUnpacker(producer)) return null;
      unpackers.push(producer);
      at = subgraph.operators[producer]!.inputs[0] ?? -1;
    }
    return null;
  };

  const claimed = new Set<number>();
  const constants = views.map((view, operator) =>
    isUnpacker(operator) ? [] : readConstants(view, stored, claimed),
  );
  // An unpacking operator whose result nobody reads (a graph output) keeps its constant.
  views.forEach((view, operator) => {
    if (!isUnpacker(operator) || claimed.has(operator)) return;
    constants[operator] = readConstants(view, stored, claimed);
  });
  return constants;
}

function readConstants(
  view: OperatorView,
  stored: (tensor: number) => Pick<StoredConstant, 'tensor' | 'unpackers'> | null,
  claimed: Set<number>,
): readonly StoredConstant[] {
  return Array.from(view.operator.inputs).flatMap((tensor, input) => {
    const found = tensor < 0 ? null : stored(tensor);
    if (!found) return [];
    for (const unpacker of found.unpackers) claimed.add(unpacker);
    return [{ input, role: operandAt(view, input).role, ...found }];
  });
}
