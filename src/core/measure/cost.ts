/** What single operators cost: multiply-accumulates, learned values, bytes. Computed from the file alone. */
import { byteLength, isConstant } from '../model/tensors';
import type { Model } from '../model/types';
import { macsOf, optionsOf, viewSubgraph } from '../ops';
import type { OperatorView } from '../ops';
import { constantTensors, elementsOf, isParameter, storedBytes, storedConstants } from './constants';

/** Cost of one operator. Values and bytes that several operators share count in full at each of them. */
export interface OperatorCost {
  /** Multiply-accumulates of one run, with those of the subgraph behind a composite or a call. */
  readonly macs: number;
  /** Learned values that it reads, dense count. See `isParameter`. */
  readonly parameters: number;
  /** Stored bytes of every constant that it reads. */
  readonly weightBytes: number;
  /** Bytes of its computed inputs and its outputs, sizes that are not known taken as 1. */
  readonly activationBytes: number;
}

/** Models never change, so what was counted for one holds as long as it lives. */
const counted = new WeakMap<Model, Map<number, readonly OperatorCost[]>>();

/**
 * Costs of all operators of a subgraph, kept for the next call. Throws `ModelError` when an operator's code is out
 * of range.
 */
export function costsOf(model: Model, subgraphIndex: number): readonly OperatorCost[] {
  const bySubgraph = counted.get(model) ?? new Map<number, readonly OperatorCost[]>();
  counted.set(model, bySubgraph);
  const costs = bySubgraph.get(subgraphIndex) ?? countCosts(model, subgraphIndex);
  bySubgraph.set(subgraphIndex, costs);
  return costs;
}

function countCosts(model: Model, subgraphIndex: number): readonly OperatorCost[] {
  const subgraph = model.subgraphs[subgraphIndex]!;
  const views = viewSubgraph(model, subgraphIndex);
  const constants = storedConstants(model, subgraph, views);
  const known = new Map([[subgraphIndex, 0]]);
  return views.map((view, index) => ({
    macs: macsOf(view) + calledMacs(model, view, known),
    parameters: constants[index]!.reduce((sum, { tensor, role }) => {
      const stored = subgraph.tensors[tensor]!;
      return sum + (isParameter(role, stored) ? elementsOf(stored) : 0);
    }, 0),
    weightBytes: constantTensors(subgraph, constants[index]!).reduce(
      (sum, tensor) => sum + storedBytes(model, subgraph.tensors[tensor]!),
      0,
    ),
    activationBytes: activationBytes(model, view),
  }));
}

/** Multiply-accumulates of the main subgraph (the first), 0 for a model without one. */
export function mainMacs(model: Model): number {
  return subgraphMacs(model, 0, new Map());
}

/** `known` keeps what was counted before; a subgraph that calls itself counts once. */
function subgraphMacs(model: Model, index: number, known: Map<number, number>): number {
  const before = known.get(index);
  const subgraph = model.subgraphs[index];
  if (before !== undefined || !subgraph) return before ?? 0;
  known.set(index, 0);
  const macs = viewSubgraph(model, index).reduce(
    (sum, view) => sum + macsOf(view) + calledMacs(model, view, known),
    0,
  );
  known.set(index, macs);
  return macs;
}

/**
 * Composites and calls run their subgraph once. Branches and loops count nothing: which branch, and how often, is
 * known at run time only.
 */
function calledMacs(model: Model, view: OperatorView, known: Map<number, number>): number {
  const callee =
    optionsOf(view, 'StableHLOCompositeOptions')?.decompositionSubgraphIndex ??
    optionsOf(view, 'CallOptions')?.subgraph;
  return callee === undefined ? 0 : subgraphMacs(model, callee, known);
}

function activationBytes(model: Model, view: OperatorView): number {
  const computed = view.inputs.filter((tensor) => tensor !== null && !isConstant(model, tensor));
  return [...new Set([...computed, ...view.outputs])].reduce(
    (sum, tensor) => sum + (tensor ? (byteLength(tensor.type, elementsOf(tensor)) ?? 0) : 0),
    0,
  );
}
