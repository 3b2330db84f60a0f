/** Figures of every operator of a subgraph as flat arrays, for colouring its graph and for tables. */
import { constantTensors, elementsOf, isParameter, storedBytes, storedConstants } from '../measure/constants';
import { costsOf } from '../measure/cost';
import { nonZeros } from '../measure/size';
import { operatorKind } from '../model/operators';
import { dtypeName, subgraphAt } from '../model/tensors';
import type { Model, Tensor } from '../model/types';
import { viewSubgraph } from '../ops';

/** One entry for each operator of a subgraph; NaN where an operator has no such figure. */
export interface SubgraphMetrics {
  /** `CONV_2D`, or the code of a custom operator. */
  readonly kinds: readonly string[];
  /** Names of the operator's outputs, empty names left out. */
  readonly outputNames: readonly (readonly string[])[];
  /** Stored bytes of its constants; a buffer that several operators share counts at the first. */
  readonly bytes: Float64Array;
  /** Learned values, dense count; shared ones at the first operator. See `isParameter`. */
  readonly parameters: Float64Array;
  /** Multiply-accumulates of one run. */
  readonly macs: Float64Array;
  /**
   * Multiply-accumulates for each byte of constants, inputs and outputs, every byte moved once: arithmetic intensity
   * (Williams, Waterman, Patterson, "Roofline", 2009). Without MACs there is none.
   */
  readonly macsPerByte: Float64Array;
  /** Share of zeros in its learned values, 0 to 1. */
  readonly sparsity: Float64Array;
  /** Position in `dtypes` of the type of its largest learned constant; -1 without any. */
  readonly dtypeOf: Int32Array;
  /** `float32`, `int8`, …, the one that most operators have first. */
  readonly dtypes: readonly string[];
}

/**
 * All figures of a subgraph in one pass over its constants (sparsity reads every learned value). Throws `ModelError` when
 * there is no such subgraph or an operator's code is out of range.
 */
export function subgraphMetrics(model: Model, subgraphIndex: number): SubgraphMetrics {
  const subgraph = subgraphAt(model, subgraphIndex);
  const { operators, tensors } = subgraph;
  const count = operators.length;
  const costs = costsOf(model, subgraphIndex);
  const constants = storedConstants(model, subgraph, viewSubgraph(model, subgraphIndex));
  const bytes = new Float64Array(count);
  const parameters = new Float64Array(count);
  const sparsity = new Float64Array(count).fill(NaN);
  const dtypeNames: (string | null)[] = [];
  const weighed = new Set<string>();
  const counted = new Set<string>();
  const zeros = new Map<string, number>();
  const zerosOf = (tensor: Tensor, key: string) => {
    let found = zeros.get(key);
    if (found === undefined) zeros.set(key, (found = elementsOf(tensor) - nonZeros(model, tensor)));
    return found;
  };
  for (let i = 0; i < count; i++) {
    for (const t of constantTensors(subgraph, constants[i]!)) {
      const tensor = tensors[t]!;
      if (isNew(weighed, storageOf(tensor))) bytes[i]! += storedBytes(model, tensor);
    }
    let [values, zeroValues, most] = [0, 0, 0];
    let dtype: string | null = null;
    for (const { tensor: t, role } of constants[i]!) {
      const tensor = tensors[t]!;
      if (!isParameter(role, tensor)) continue;
      const key = storageOf(tensor);
      const elements = elementsOf(tensor);
      if (isNew(counted, key)) parameters[i]! += elements;
      values += elements;
      zeroValues += zerosOf(tensor, key);
      if (elements > most) [most, dtype] = [elements, dtypeName(tensor.type)];
    }
    if (values > 0) sparsity[i] = zeroValues / values;
    dtypeNames.push(dtype);
  }
  const dtypes = byFrequency(dtypeNames);
  return {
    kinds: operators.map((operator) => operatorKind(model, operator)),
    outputNames: operators.map(({ outputs }) =>
      Array.from(outputs, (t) => tensors[t]?.name ?? '').filter((name) => name !== ''),
    ),
    bytes,
    parameters,
    macs: Float64Array.from(costs, ({ macs }) => macs),
    macsPerByte: Float64Array.from(costs, ({ macs, weightBytes, activationBytes }) =>
      macs > 0 && weightBytes + activationBytes > 0 ? macs / (weightBytes + activationBytes) : NaN,
    ),
    sparsity,
    dtypeOf: Int32Array.from(dtypeNames, (name) => (name === null ? -1 : dtypes.indexOf(name))),
    dtypes,
  };
}

/** Where a constant's values lie: tensors with the same answer share them. */
function storageOf({ externalBuffer, buffer }: Tensor): string {
  return externalBuffer === 0 ? `buffer ${buffer}` : `external ${externalBuffer}`;
}

function isNew(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

function byFrequency(names: readonly (string | null)[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([name]) => name);
}
